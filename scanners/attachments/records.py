"""The records of attachments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One file that `owner` answers for. `done` is the day of the work, `until` the last that it counts."""

    file: str
    control: str
    owner: str
    done: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachments:
    """All that is listed, judged on the day `today` (UTC)."""

    today: date
    entries: tuple[Attachment, ...]

    def newest(self, control: str) -> Attachment | None:
        """The one of a control that counts longest: those before it are history."""
        of_it = [one for one in self.entries if one.control == control]
        return max(of_it, key=lambda one: (one.until, one.done), default=None)
