"""A recorded account of which one call, or all from some moment on, is answered wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from tests.beds.aws_recording import Body, Recording

_PAGE: Final = b"<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>Welcome</body></html>"


def _error(code: str, status: int) -> Callable[[Any], AWSResponse]:
    """What AWS answers in each of its protocols, told by what was asked."""

    def answer(request: Any) -> AWSResponse:
        if _speaks_json(request):
            body, headers = json.dumps({"__type": code, "message": "no"}).encode(), {"x-amzn-errortype": code}
        else:
            inner = f"<Code>{code}</Code><Message>no</Message>"
            bare = f"<Error>{inner}</Error>"
            whole = bare if ".s3" in request.url else f"<ErrorResponse>{bare}</ErrorResponse>"
            whole = f"<Response><Errors>{bare}</Errors></Response>" if "//ec2." in request.url else whole
            body, headers = whole.encode(), {}
        return AWSResponse(request.url, status, headers, Body(body))

    return answer


def _speaks_json(request: Any) -> bool:
    kind = request.headers.get("Content-Type") or b""
    in_xml = ("//s3", ".s3", "//route53.", "//cloudfront.", "-control.")
    if any(host in request.url for host in in_xml):
        return False
    return "x-www-form-urlencoded" not in (kind.decode() if isinstance(kind, bytes) else str(kind))


def _hung(request: Any) -> AWSResponse:
    raise ReadTimeoutError(endpoint_url=request.url)


def _body(json_text: bytes, xml_text: bytes) -> Callable[[Any], AWSResponse]:
    def answer(request: Any) -> AWSResponse:
        text = json_text if _speaks_json(request) else xml_text
        return AWSResponse(request.url, 200, {}, Body(text))

    return answer


FAULTS: Final[dict[str, Callable[[Any], AWSResponse]]] = {
    "denied": _error("AccessDeniedException", 403),
    "throttled": _error("ThrottlingException", 400),
    "broken": _error("InternalFailure", 500),
    "expired": _error("ExpiredTokenException", 403),
    "page": _body(_PAGE, _PAGE),
    "cut": _body(b'{"Everything": [{"Name": "wh', b"<Answer><Everything><Name>wh"),
    "hung": _hung,
}


@dataclass
class Faulty(Recording):
    """Answers `operation` (empty: none; `*`: each) wrong: the first `spared` calls not, `ill` after them.

    With `seconds` only for so long from the first of them.
    """

    operation: str = ""
    kind: str = "denied"
    spared: int = 0
    ill: int = 1_000_000_000
    met: int = 0
    seconds: float = float("inf")
    began: float = 0.0

    def __call__(self, request: Any, event_name: str, **more: Any) -> AWSResponse:
        if self.operation in ("*", event_name.removeprefix("before-send.")):
            with self.lock:
                self.met += 1
                wrong = self.spared < self.met <= self.spared + self.ill
                self.began = self.began or (time.monotonic() if wrong else 0.0)
                wrong = wrong and time.monotonic() - self.began < self.seconds
            if wrong:
                return FAULTS[self.kind](request)
        return super().__call__(request, event_name, **more)

    def take(
        self,
        operation: str,
        kind: str,
        spared: int = 0,
        ill: int = 1_000_000_000,
        seconds: float = float("inf"),
    ) -> None:
        """From now on, this is what goes wrong."""
        self.operation, self.kind, self.spared, self.ill, self.met = operation, kind, spared, ill, 0
        self.seconds, self.began = seconds, 0.0
