"""What a contract can let a partner write otherwise than its edition says: the names, and what becomes of it.

This is the vocabulary of a partner's `accept`; `lenient` reads a message by it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Leniency:
    """`accepts`: what may stand in a message. `becomes`: as what it is read; empty: as it is."""

    name: str
    accepts: str
    becomes: str = ""


LENIENCIES: tuple[Leniency, ...] = (
    Leniency("zero-offset", "times that end in `+00:00`", "with `Z`"),
    Leniency(
        "long-fractions",
        "fractions of a second that make a time longer than 25 characters",
        "without their last zeros; microseconds stay",
    ),
    Leniency("short-coordinates", "coordinates with fewer than five decimals", "with zeros behind them"),
    Leniency("number-coordinates", "coordinates as JSON numbers", "as text, with the same digits"),
    Leniency("whole-floats", "an integer with a fraction of zero, as `32.0`", "as `32`"),
    Leniency("www-urls", "URLs that begin with `www.`; none that we call", "with `https://` before them"),
    Leniency("language-tags", "languages with a region or a script, as `en-GB`"),
    Leniency(
        "unknown-values",
        "values that an enum of places and offers does not have: connectors, facilities, states of an EVSE",
    ),
    Leniency("line-breaks", "line breaks and tabs in texts for people: name, address, city, text, remark"),
)
NAMES: tuple[str, ...] = tuple(one.name for one in LENIENCIES)


@dataclass(frozen=True, slots=True)
class Contract:
    """What a partner may: break the rules `warn_only` with a warning, write as the leniencies `accept`."""

    warn_only: Collection[str] = ()
    accept: Collection[str] = ()


NO_CONTRACT = Contract()
# What tells people of a place or an offer. On every other enum the guard, the ledger or a price turns.
_TELLING_ENUMS = frozenset(
    """
    Capability ConnectorCapability ConnectorFormat ConnectorType EnergySourceCategory
    EnvironmentalImpactCategory Facility ImageCategory LocationType ParkingDirection ParkingRestriction
    ParkingType ProfileType Status TariffType VehicleType
    """.split()  # noqa: SIM905  (a list of words reads better as words)
)
# Texts for people. In 2.1.1 identifiers are of the same kind, so the fields are named.
_PROSE = frozenset({"address", "city", "name", "remark", "text"})
_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_LANGUAGE = re.compile(r"([A-Za-z]{2})(?:-[A-Za-z0-9]{2,8}){1,2}")
_LONG_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\.[0-9]{5,9}(Z?)")
_BREAKS = str.maketrans("\r\n\t", "   ")


def may_be_unknown(agreed: Collection[str], enum: str, value: object) -> bool:
    """Whether `value` may stand for one of `enum`, which does not have it."""
    return (
        "unknown-values" in agreed
        and enum in _TELLING_ENUMS
        and isinstance(value, str)
        and _VALUE.fullmatch(value) is not None
    )


def stand_in(agreed: Collection[str], kind: str, name: str, value: str) -> tuple[str, str]:
    """The leniency by which a text passes as it is, and what it is judged as; ("", value) for none.

    `kind` is its primitive, `name` its field.
    """
    if kind == "DateTime" and "long-fractions" in agreed:
        found = _LONG_TIME.fullmatch(value)
        if found is not None and found[0].rstrip("Z")[-1] != "0":
            return "long-fractions", found[1] + found[2]
    if name == "language" and "language-tags" in agreed:
        found = _LANGUAGE.fullmatch(value)
        if found is not None:
            return "language-tags", found[1]
    if name in _PROSE and "line-breaks" in agreed and value != value.translate(_BREAKS):
        return "line-breaks", value.translate(_BREAKS)
    return "", value
