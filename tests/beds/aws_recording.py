"""AWS as its clients see it, its hosts and regions, answered by an emulator once and from memory after that.

The audit runs as on AWS (`aws_endpoint` is empty), and no request leaves this machine: what is not known yet
is asked of the emulator. An answer from memory costs the audit's own time and the latency that is wanted.
"""

from __future__ import annotations

import io
import json
import pickle
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from scanners.drift.account import View
from scanners.drift.session import session_for
from scanners.policy.stack import Stack
from scanners.target import Target

_SCOPE: Final = re.compile(r"Credential=[^/]+/\d+/([^/]+)/")
# As many as GetResources and SelectResourceConfig answer at once (their API references).
_PAGE: Final = 100
# Of the inventories, the emulator has but tags, and those of few services.
_PAGED: Final[dict[str, tuple[str, str, Callable[[Any], Any]]]] = {
    "resource-groups-tagging-api.GetResources": (
        "ResourceTagMappingList",
        "PaginationToken",
        lambda row: row,
    ),
    "config-service.SelectResourceConfig": (
        "Results",
        "NextToken",
        lambda row: json.dumps({"arn": row["ResourceARN"]}),
    ),
}
_EXPLORER: Final = "resource-explorer-2.ListResources"

Answer = tuple[int, dict[str, str], bytes]


class Body(io.BytesIO):
    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


@dataclass
class Recording:
    """Stands before the clients of a session (`before-send`), and answers after `latency` seconds.

    `tagged` has for each region what GetResources answers: the emulator's own knows few services.
    """

    endpoint: str
    ca_file: str
    tagged: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    latency: float = 0.0
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)  # by region and operation
    kept: dict[Any, Answer] = field(default_factory=dict)
    asked_of_the_emulator: int = 0
    lock: Lock = field(default_factory=Lock)

    def __call__(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        name = event_name.removeprefix("before-send.")
        found = _SCOPE.search(_text(request.headers["Authorization"]))
        region = found[1] if found else ""
        with self.lock:
            self.calls[region, name] += 1
        status, headers, body = self._answer(request, name, region)
        if self.latency:
            time.sleep(self.latency)
        return AWSResponse(request.url, status, headers, Body(body))

    def keep(self, file: Path) -> None:
        """Write what was answered."""
        file.write_bytes(pickle.dumps((self.tagged, self.kept)))

    @classmethod
    def kept_in(cls, file: Path) -> Recording:
        """What was answered, of an emulator that is gone."""
        tagged, kept = pickle.loads(file.read_bytes())  # noqa: S301  (our own file of a minute ago)
        return cls("http://127.0.0.1:9", "", tagged, kept=kept)

    def _answer(self, request: Any, name: str, region: str) -> Answer:
        body = request.body.read() if hasattr(request.body, "read") else request.body
        if name == _EXPLORER:
            return 403, {"x-amzn-errortype": "UnauthorizedException"}, b"{}"
        if name in _PAGED and region in self.tagged:
            return 200, {}, self._page(name, region, body)
        key = (name, region, request.url, body)
        if key not in self.kept:
            self.kept[key] = self._asked(request, body)
        return self.kept[key]

    def _page(self, name: str, region: str, body: Any) -> bytes:
        """A page of what has tags, by GetResources or as Config has it."""
        listed, token, row = _PAGED[name]
        start = int(json.loads(body).get(token) or 0)
        rows, after = self.tagged[region], start + _PAGE
        more = {token: str(after)} if after < len(rows) else {}
        return json.dumps({listed: [row(each) for each in rows[start:after]], **more}).encode()

    def _asked(self, request: Any, body: Any) -> Answer:
        there, here = urlsplit(self.endpoint), urlsplit(request.url)
        bucket, dot, _ = str(here.netloc).partition(".s3.")
        path = f"/{bucket}{here.path}" if dot else here.path
        url = here._replace(scheme=there.scheme, netloc=there.netloc, path=path).geturl()
        headers = {name: _text(value) for name, value in request.headers.items()}
        sent = AWSRequest(request.method, url, headers, body).prepare()
        # A connection each: what is asked at once here is no measure of anything.
        with self.lock:
            self.asked_of_the_emulator += 1
            answer = URLLib3Session(verify=self.ca_file or True).send(sent)
        return answer.status_code, dict(answer.headers), answer.content


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def tags_of(stack: Stack) -> dict[str, list[dict[str, Any]]]:
    """What GetResources answers by region for an account that is as declared."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for resource in stack.resources:
        arn, tags = (
            resource.outputs.get("arn"),
            resource.outputs.get("tagsAll") or resource.inputs.get("tags"),
        )
        if isinstance(arn, str) and arn.count(":") > 4 and isinstance(tags, dict):
            rows = [{"Key": key, "Value": value} for key, value in tags.items()]
            region = arn.split(":")[3] or stack.region_of(resource)
            found.setdefault(region, {})[arn] = {"ResourceARN": arn, "Tags": rows}
    return {region: list(rows.values()) for region, rows in found.items()}


def view_through(recording: Recording, region: str) -> View:
    """The account as the audit reads it on AWS, with `recording` before its clients."""
    view = View(session_for(Target(name="test", stack_file="", region=region)), region, "")
    view.session.events.register("before-send", recording)
    return view
