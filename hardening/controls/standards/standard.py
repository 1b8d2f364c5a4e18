"""One framework: what it is to an OCPI operator, its clauses, and what is out of sight."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

POLICIES = "rules, roles, plans and risk decisions of the organisation"
PEOPLE = "people: hiring, contracts, training, discipline"
PREMISES = "premises, hardware and media"
OFFICES = "offices, workplaces and their devices"
DEVELOPMENT = "how software is developed, tested and maintained"
INCIDENTS = "how incidents are handled once people know of them"
SUPPLY = "how suppliers are chosen, watched and left"
CARDS = "card data and card terminals: OCPI carries none, and segmentation keeps it out"
DRIVERS = "what is told to drivers, asked of them and done at their request"
RESTORING = "restoring, going on after a disaster, and its rehearsal"
NOT_USED = "AWS services that the stack does not use"
USERS = "accounts of people, and the account's root user: not part of a stack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """One framework. `clauses` are ids at the depth at which it is listed here; a link may go deeper.

    `binding` says whom it binds. `out_of_sight` gives reasons, each for ids or for the beginning of ids: what
    a deployment cannot show is said, and never counted as met.
    """

    key: str
    title: str
    binding: str
    clauses: tuple[str, ...]
    out_of_sight: Mapping[str, tuple[str, ...]]

    def listed(self, clause: str) -> str | None:
        """The listed clause that `clause` is, or is a part of (`6.7.2` of `6.7`), or None."""
        return max((known for known in self.clauses if within(clause, known)), key=len, default=None)

    def reason(self, clause: str) -> str | None:
        """Why no control answers to a listed clause, or None. Of several reasons the longest id has it."""
        reasons = ((start, why) for why, starts in self.out_of_sight.items() for start in starts)
        found = [(len(start), why) for start, why in reasons if within(clause, start)]
        return max(found)[1] if found else None


def within(clause: str, start: str) -> bool:
    """Is `clause` the id `start`, or a part of it (`A.5.18` of `A.5`, not of `A.5.1`)?"""
    return clause == start or (clause.startswith(start) and not clause[len(start)].isalnum())


def ids(text: str) -> tuple[str, ...]:
    """Ids with spaces between; `A.5.1..37` stands for every number from the first to the last."""
    return tuple(name for word in text.split() for name in _numbered(word))


def _numbered(word: str) -> Iterator[str]:
    found = re.fullmatch(r"(.*?)(\d+)\.\.(\d+)", word)
    if not found:
        yield word
        return
    before, first, last = found.groups()
    width = len(first) if first.startswith("0") else 1
    yield from (f"{before}{number:0{width}}" for number in range(int(first), int(last) + 1))
