"""By how much two records of one session may differ, for everybody or for one party."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final

from hardening.errors import ConfigError

# Name -> its default, its unit, and how many of the table's unit that is.
NAMES: Final[Mapping[str, tuple[Decimal, str, int]]] = MappingProxyType(
    {
        "energy": (Decimal("0.1"), "kWh", 1),
        "share": (Decimal("0.1"), "percent of energy or cost", 1),
        "cost": (Decimal("0.02"), "of the currency", 1),
        "duration": (Decimal(5), "minutes", 60),
        "late": (Decimal(24), "hours from the end of a CDR until it is made", 3600),
        "grace": (Decimal(24), "hours that a session may wait for its CDR", 3600),
    }
)
_PARTY: Final = re.compile(r"[A-Za-z]{2}\*[A-Za-z0-9]{3}")
_HINT: Final = "such as --tolerance cost=0.05 or --tolerance 'NL*CPO:late=72'"


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Values by name: for everybody, and for one party where they are others."""

    everybody: Mapping[str, Decimal] = field(default_factory=dict)
    parties: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)

    def of(self, party: str, name: str) -> Decimal:
        """A party's own value, everybody's, or the default."""
        own = self.parties.get(party)
        for known in (own, self.everybody):
            if known is not None and name in known:
                return known[name]
        return NAMES[name][0]


def read_tolerances(texts: Iterable[str]) -> Tolerances:
    """Tolerances out of `NAME=VALUE` and `PARTY:NAME=VALUE`. Raises ConfigError."""
    everybody: dict[str, Decimal] = {}
    parties: dict[str, dict[str, Decimal]] = {}
    for text in texts:
        place, _, value = text.partition("=")
        party, _, name = place.rpartition(":")
        if name not in NAMES:
            raise ConfigError(f"--tolerance {text}: expected one of {', '.join(NAMES)}", _HINT)
        if party and not _PARTY.fullmatch(party):
            raise ConfigError(f"--tolerance {text}: expected a party such as NL*CPO", _HINT)
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or not 0 <= number < 10**6:
            raise ConfigError(f"--tolerance {text}: expected a number of {NAMES[name][1]}", _HINT)
        (parties.setdefault(party.upper(), {}) if party else everybody)[name] = number
    return Tolerances(everybody, parties)
