"""What stands between the audit and AWS, and answers one call wrong: denied, a page, cut short, nothing."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError

from scanners.drift.account import View
from scanners.drift.session import open_account
from tests.beds.aws_account import Account

_DENIED = (
    b'{"__type": "AccessDeniedException", "Message": "no"}',
    b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
)
_CUT = (b'{"Everything": [{"Name": "wh', b"<Answer><Everything><Name>wh")
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>Welcome</body></html>"


class _Body(io.BytesIO):
    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


@dataclass
class Fault:
    """Answers the calls named `operation` (`kms.ListGrants`) in its own way, and counts all calls."""

    operation: str = ""
    kind: str = "denied"
    calls: Counter[str] = field(default_factory=Counter)

    def __call__(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        name = event_name.removeprefix("before-send.")
        self.calls[name] += 1
        if name != self.operation:
            return None
        if self.kind == "hung":
            raise ReadTimeoutError(endpoint_url=request.url)
        json = "json" in str(request.headers.get("Content-Type", "")) or "X-Amz-Target" in request.headers
        texts = {"denied": _DENIED, "cut": _CUT, "page": (_PAGE, _PAGE)}[self.kind]
        status = 403 if self.kind == "denied" else 200
        headers = {"x-amzn-errortype": "AccessDeniedException"} if self.kind == "denied" else {}
        return AWSResponse(request.url, status, headers, _Body(texts[0 if json else 1]))


def view_through(account: Account, fault: Fault) -> View:
    """The account with the fault before it."""
    view = open_account(account.target(Path()))
    view.session.events.register("before-send", fault)
    return view.afresh_clients()
