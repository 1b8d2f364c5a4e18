"""The trace of a call (W3C Trace Context, 3.2.2)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

TRACE_HEADER = "traceparent"
# Version ff and ids of zeros are invalid.
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def trace_id(headers: Mapping[str, str]) -> str:
    """The id in `traceparent`; empty without one, and for whatever is none. Header names are lower-case."""
    found = _TRACEPARENT.fullmatch(headers.get(TRACE_HEADER, ""))
    return found[1] if found else ""


def begun() -> str:
    """The `traceparent` of a trace that begins here, of which no spans are kept."""
    ids = os.urandom(24).hex()
    return f"00-{ids[:32]}-{ids[32:]}-00"
