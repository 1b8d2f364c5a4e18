"""The call that Envoy asks about, out of its question."""

from __future__ import annotations

from datetime import datetime

from hardening.requests.header_names import CERTIFICATE_HEADER, SOURCE_HEADER
from hardening.requests.request import Credentials, Request
from hardening.requests.trace import TRACE_HEADER, begun, trace_id
from infra.runtime.http_messages import HttpRequest


def call_of(
    asked: HttpRequest, environment: str, received: datetime, caller: Credentials | None = None
) -> Request:
    """The call as it came, in a trace: where it has none that can be read, one begins here.

    Without a `caller`, nobody looked who calls.
    """
    path, _, query = asked.target.partition("?")
    headers = dict(asked.headers)
    source = headers.pop(SOURCE_HEADER, "")
    headers.pop(CERTIFICATE_HEADER, None)
    if not trace_id(headers):
        headers[TRACE_HEADER] = begun()
    return Request(
        method=asked.method,
        path=path,
        query=query,
        headers=headers,
        body=asked.body,
        source=source,
        received=received,
        environment=environment,
        credentials=caller,
    )
