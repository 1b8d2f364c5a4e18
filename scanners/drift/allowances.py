"""Declared values that AWS may answer in more than one way, and that hold all the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Between:
    """A declared number that AWS itself moves: any whole number from `least` to `most` is as declared."""

    least: int
    most: int

    def holds(self, live: Any) -> bool:
        """Whether the account has a number within the bounds."""
        return isinstance(live, int) and self.least <= live <= self.most

    def __str__(self) -> str:
        return f"{self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class Among:
    """Declared values that have to be among those that AWS answers, which has more of its own."""

    values: tuple[str, ...]

    def holds(self, live: Any) -> bool:
        """Whether the account has each of them."""
        return isinstance(live, list) and set(self.values) <= set(live)

    def __str__(self) -> str:
        return ", ".join(self.values)
