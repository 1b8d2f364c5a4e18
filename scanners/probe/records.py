"""What the probe keeps of a call and its answer. Nothing here holds a token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Sent:
    """A call as it was sent, without secrets: headers and query are redacted, of the body only its size."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body_bytes: int = 0
    over_tls: bool = True

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Got:
    """What came back: header names are lower-case, `body` is parsed JSON, None where it is none.

    `status` 0 means that the connection was closed without an answer. `text` is the body as it came; it is
    judged, and never kept.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    text: str = field(default="", repr=False)

    @property
    def ocpi_status(self) -> int:
        """The envelope's status code; 0 where there is no envelope."""
        code = self.body.get("status_code") if isinstance(self.body, dict) else None
        return code if isinstance(code, int) else 0

    @property
    def message(self) -> str:
        """The envelope's `status_message`; empty where there is none."""
        text = self.body.get("status_message") if isinstance(self.body, dict) else None
        return text if isinstance(text, str) else ""

    @property
    def data(self) -> Any:
        """The envelope's `data`; None where there is none."""
        return self.body.get("data") if isinstance(self.body, dict) else None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call and its answer. `modules` are those that the caller contracted for."""

    name: str
    partner: str
    sent: Sent
    got: Got
    modules: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The place in findings: method, path and the call's name."""
        return f"{self.sent} ({self.name})"


def kept(exchange: Exchange) -> dict[str, Any]:
    """An exchange as evidence: without secrets, and of the answer's data only its size."""
    got = exchange.got
    return {
        "name": exchange.name,
        "partner": exchange.partner,
        "sent": {
            "method": exchange.sent.method,
            "path": exchange.sent.path,
            "query": exchange.sent.query,
            "headers": dict(exchange.sent.headers),
            "body_bytes": exchange.sent.body_bytes,
            "over_tls": exchange.sent.over_tls,
        },
        "got": {
            "status": got.status,
            "headers": dict(got.headers),
            "ocpi_status": got.ocpi_status,
            "message": got.message,
            "objects": len(got.data) if isinstance(got.data, list | dict) else 0,
        },
    }
