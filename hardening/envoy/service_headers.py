"""Which headers of a call reach the OCPI service: those of this list, and no others.

What is not listed means something to some server (`X-Original-URL`, `Forwarded`, `Cookie`), and nobody
judged it.
"""

from __future__ import annotations

import re

from hardening.requests.checks.ownership import ROUTING_HEADERS
from hardening.requests.header_names import (
    HOP_SIGNATURE_HEADER,
    IDEMPOTENCY_HEADER,
    KIND_HEADER,
    PARTNER_HEADER,
    TOKEN_HEADER,
)
from hardening.requests.trace import TRACE_HEADER

# What the service reads as the peer wrote it. Envoy shows the policy service `!` in the place of each byte
# that is no UTF-8 and passes the byte on, so these must be printable ASCII.
REPEATED_HEADERS = ("accept", "content-type", "x-correlation-id", "x-request-id", *ROUTING_HEADERS)
SERVICE_HEADERS = (
    *REPEATED_HEADERS,
    "content-length",
    "host",
    # A peer's as far as it can be read, else the guard's own; a state is Envoy's, and empty.
    TRACE_HEADER,
    "tracestate",
    "transfer-encoding",
    "x-forwarded-proto",
    PARTNER_HEADER,
    KIND_HEADER,
    HOP_SIGNATURE_HEADER,
    TOKEN_HEADER,
    IDEMPOTENCY_HEADER,
)


def other_names(names: tuple[str, ...] = SERVICE_HEADERS) -> str:
    """A regular expression that matches every header name but `names` and the pseudo-headers of HTTP/2.

    RE2, which Envoy has, knows no lookahead: the names are taken apart letter by letter.
    """
    return _other_than((*names, *(f":{letter}" for letter in "amps")), pseudo=True)


def _other_than(names: tuple[str, ...], *, pseudo: bool = False) -> str:
    first = sorted({name[0] for name in names if name and name[0] != ":"})
    nested = (
        f"{re.escape(letter)}(?:{_other_than(tuple(name[1:] for name in names if name[:1] == letter))})"
        for letter in first
    )
    excluded = "".join(map(re.escape, first)) + (":" if pseudo else "")
    other = f"[^{excluded}].*" if excluded else ".+"
    shorter = () if "" in names or pseudo else ("",)
    return "|".join((*nested, other, *shorter))
