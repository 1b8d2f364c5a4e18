"""What checks are asked about: books whose rules were asked, and what broke them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from scanners.reconcile.sources import Rejected


@dataclass(frozen=True, slots=True)
class Row:
    """What breaks a rule: whose, what (`CDR cdr-1`), and what is at stake (None: nobody can tell)."""

    party: str
    named: str
    expected: str
    found: str
    kwh: Decimal | None = None
    amount: Decimal | None = None
    currency: str | None = None

    @property
    def where(self) -> str:
        """The place, as findings name it."""
        return one_line(f"{self.party} {self.named}")


def one_line(text: str) -> str:
    """A text in which partners' words stand, as one printable line."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


class Books(Protocol):
    """Sessions, CDRs and what else was given, held against each other."""

    def judged(self, rule: str) -> int | None:
        """How many places a rule judged; None where what it needs was not given."""

    def rows(self, rule: str) -> list[Row]:
        """What breaks a rule, as much of it as is to be named."""

    def count(self, rule: str) -> int:
        """How many places break a rule."""

    def rejected(self) -> list[Rejected]:
        """What could not be read."""
