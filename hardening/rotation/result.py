"""How an exchange that we start can end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class End(StrEnum):
    """How an exchange ended for us."""

    ROTATED = "rotated"  # both sides have new tokens (registered, where it was a POST)
    ROLLED_BACK = "rolled back"  # the candidate is dead, the old tokens hold
    POSTPONED = "postponed"  # nothing was sent; the same candidate may be tried again
    IN_DOUBT = "in doubt"  # old and new are honoured; the next try finds out
    ENDED = "ended"  # the connection is over: no token of either side opens anything
    STRANDED = "stranded"  # the partner takes none of our tokens; it can still call us


@dataclass(frozen=True, slots=True)
class Result:
    """The end of an exchange. `detail` says what was wrong, and holds no token."""

    end: End
    detail: str = ""
