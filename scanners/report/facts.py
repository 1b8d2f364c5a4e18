"""What a report says of its run beside the findings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """The target's name, when the run began and ended (UTC), and our own version."""

    target: str
    started: datetime
    ended: datetime
    version: str
