"""Which elements of a tariff apply at a moment of a session, by restrictions (2.2.1, 11.4.4, 11.4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

RESERVATION = "RESERVATION"
# Restrictions on what the car does at a moment; a period tells it by MIN_POWER, MAX_POWER, ..., or does not.
_TOLD = ("POWER", "CURRENT")
_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


@dataclass(slots=True)
class Moment:
    """How far the session had come when a period began, and the power and current that the period tells."""

    at: datetime
    seconds: float
    kwh: float = 0.0
    told: Mapping[str, float] = field(default_factory=dict)


def is_expired(cdr: Any) -> bool:
    """Whether a reservation came to nothing: nothing was charged (2.2.1, 11.4.3, RESERVATION_EXPIRES)."""
    return not any(
        one.type in ("ENERGY", "TIME") and one.volume
        for period in cdr.charging_periods
        for one in period.dimensions
    )


def elements_for(every: Iterable[Any], reserved: bool, expired: bool) -> list[Any]:
    """The elements that count for charging, or for a reservation; of one that expired, its own come first."""
    ranks: list[tuple[int, Any]] = []
    for element in every:
        limits = element.restrictions
        of = (getattr(limits, "reservation", None) if limits else None) or ""
        if bool(of) is reserved and (of != "RESERVATION_EXPIRES" or expired):
            ranks.append((int(expired and of == RESERVATION), element))
    return [element for _, element in sorted(ranks, key=lambda one: one[0])]


def components_of(elements: Iterable[Any], kind: str, moment: Moment, zone: tzinfo | None) -> list[Any]:
    """The price components of a kind of which one applies (2.2.1, 11.4.4); None among them is no price.

    That is one component, unless it is not known whether the restrictions of an element hold.
    """
    found: list[Any] = []
    for element in elements:
        component = next((one for one in element.price_components if one.type == kind), None)
        if component is None:
            continue
        held = _holds(element.restrictions, moment, zone) if element.restrictions else True
        if held is not False:
            found.append(component)
        if held:
            return found
    return [*found, None]


def _holds(limits: Any, moment: Moment, zone: tzinfo | None) -> bool | None:
    """Whether the restrictions of an element hold; None where the message does not tell."""
    if not _within(moment.kwh, limits.min_kwh, limits.max_kwh):
        return False
    if not _within(moment.seconds, limits.min_duration, limits.max_duration):
        return False
    timed = limits.start_time or limits.end_time or limits.start_date or limits.end_date or limits.day_of_week
    by_clock = _holds_by_clock(limits, moment.at, zone) if timed else True
    outcomes = [by_clock, *(_holds_by_load(limits, kind, moment.told) for kind in _TOLD)]
    if getattr(limits, "booking", None):
        outcomes.append(None)  # no period tells
    if False in outcomes:
        return False
    return None if None in outcomes else True


def _holds_by_load(limits: Any, kind: str, told: Mapping[str, float]) -> bool | None:
    """Whether power (kW) or current (A) stayed within its restriction; None where no dimension tells."""
    low, high = told.get(f"MIN_{kind}"), told.get(f"MAX_{kind}")
    least, most = (getattr(limits, f"{end}_{kind.lower()}", None) for end in ("min", "max"))
    if (least and high is not None and high < least) or (most and low is not None and low >= most):
        return False
    untold = (least and (low is None or low < least)) or (most and (high is None or high >= most))
    return None if untold else True


def _within(value: float, least: Any, most: Any) -> bool:
    """`least` is part of the range and `most` is not (2.2.1, 11.4.6)."""
    return not (least and value < least) and not (isinstance(most, int | float) and value >= most)


def _holds_by_clock(limits: Any, at: datetime, zone: tzinfo | None) -> bool | None:
    if zone is None:
        return None
    local = at.replace(tzinfo=at.tzinfo or UTC).astimezone(zone)
    if limits.day_of_week and _DAYS[local.weekday()] not in limits.day_of_week:
        return False
    day, clock = local.date().isoformat(), local.strftime("%H:%M")
    if (limits.start_date and day < limits.start_date) or (limits.end_date and day >= limits.end_date):
        return False
    start, end = limits.start_time or "00:00", limits.end_time or "24:00"
    if end <= start:  # over midnight
        return bool(clock >= start or clock < end)
    return bool(start <= clock < end)
