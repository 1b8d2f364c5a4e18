"""Service objectives: what share of which events has to be good. Settings and registry change the numbers.

Google SRE Workbook, chapters 2 and 5: an objective is a share of good events, its budget what may be bad.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

# What a contract may change of an objective.
PERCENT: Final = "percent"
LIMIT: Final = "limit"
_LOWEST: Final = 50.0
_LONGEST: Final = 1_000_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """`percent` of the events of a month have to be good. `limit` is how much a good one may take, in `unit`.

    `about` ends the sentence "so many percent of ...". Without a unit there is nothing to limit.
    """

    name: str
    about: str
    percent: float
    limit: float | None = None
    unit: str = ""

    @property
    def spare(self) -> float:
        """The share of events that may be bad."""
        return float((100 - Decimal(str(self.percent))) / 100)

    def holds(self, good: int, total: int) -> bool:
        """Whether `good` of `total` events are enough; exact, as no float is."""
        return good * 100 >= Decimal(str(self.percent)) * total

    def __str__(self) -> str:
        within = f" within {self.limit:g} {self.unit}" if self.limit is not None else ""
        return f"{self.percent:g} % of {self.about}{within}"


OBJECTIVES: Final[Mapping[str, Objective]] = {
    one.name: one
    for one in (
        Objective(name="availability", about="calls answered without a 5xx", percent=99.9),
        Objective(name="latency", about="calls answered", percent=99.0, limit=1000, unit="milliseconds"),
        Objective(
            name="cdr-delay",
            about="CDRs made after the session",
            percent=99.0,
            limit=24,
            unit="hours",
        ),
        Objective(
            name="revocation",
            about="revocations kept",
            percent=100.0,
            limit=60,
            unit="seconds",
        ),
        Objective(name="reconciliation", about="sessions that agree with their CDRs", percent=99.9),
    )
}
Terms = Mapping[str, Mapping[str, float]]
EXPECTED: Final = f"a mapping of objectives ({', '.join(OBJECTIVES)}) to `percent` (50 to 100) or `limit`"


def faults(terms: object) -> Iterator[tuple[str, str]]:
    """(place, what is expected) for each fault of terms as a file has them."""
    if not isinstance(terms, dict):
        yield "", EXPECTED
        return
    for name, numbers in terms.items():
        known = OBJECTIVES.get(name) if isinstance(name, str) else None
        if known is None:
            yield f".{name}", f"one of {', '.join(OBJECTIVES)}"
        elif not isinstance(numbers, dict) or not numbers:
            yield f".{name}", "a mapping with `percent` or `limit`"
        else:
            yield from (
                (f".{name}.{key}", expected)
                for key, value in numbers.items()
                if (expected := _fault(known, key, value))
            )


def _fault(known: Objective, key: object, value: object) -> str:
    """What is expected instead; empty where it is right."""
    if key == PERCENT:
        return "" if _is_number(value, _LOWEST, 100) else "a number from 50 to 100"
    if key == LIMIT and known.unit:
        return "" if _is_number(value, 0.001, _LONGEST) else f"a number of {known.unit}, more than 0"
    return f"`percent`{f' or `limit` ({known.unit})' if known.unit else ''}"


def _is_number(value: object, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def agreed(*terms: Terms) -> Mapping[str, Objective]:
    """The table with what was agreed, the last of `terms` first: a partner's contract after the stack's."""
    found = dict(OBJECTIVES)
    for each in terms:
        for name, numbers in each.items():
            one = found[name]
            limit = numbers.get(LIMIT, one.limit)
            found[name] = replace(one, percent=numbers.get(PERCENT, one.percent), limit=limit)
    return found


def json_schema() -> dict[str, Any]:
    """Terms as JSON Schema."""
    percent = {"type": "number", "minimum": _LOWEST, "maximum": 100}
    limit = {"type": "number", "exclusiveMinimum": 0, "maximum": _LONGEST}
    each = {
        one.name: {
            "type": "object",
            "properties": {PERCENT: percent, **({LIMIT: limit} if one.unit else {})},
            "additionalProperties": False,
            "minProperties": 1,
        }
        for one in OBJECTIVES.values()
    }
    return {"type": "object", "properties": each, "additionalProperties": False}
