"""What a charging session costs by its tariff (2.2.1, chapter 11), as far as the message tells enough.

Two amounts are worked out: without any rounding, and with every volume rounded up to the step of its
price component. The right one lies between them, whichever way a party reads `step_size`. Where the message
does not tell whether a restriction holds (power or current that no dimension tells, the hour in an unknown
time zone), every price that may apply counts: the right amount lies between the cheapest and the dearest,
and the cost is not decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from math import ceil
from typing import Any

_DIMENSIONS = ("ENERGY", "TIME", "PARKING_TIME")
# The unit of `step_size` (Wh, seconds) in that of a volume (kWh, hours); 2.2.1, 11.4.1.
_STEP_UNIT: Mapping[str, float] = {"ENERGY": 1 / 1000, "TIME": 1 / 3600, "PARKING_TIME": 1 / 3600}
# Restrictions on what the car does at a moment; a period tells it by MIN_POWER, MAX_POWER, ..., or does not.
_TOLD = ("POWER", "CURRENT")
# What is nearer than this to a whole number of steps is that number.
_ROUNDED = 1e-6
_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


class CannotTell(Exception):
    """The cost depends on something that the message does not say."""


# Kind of price -> the least and the most that it can make.
Ranges = dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a session can cost, before taxes. `decided`: the message tells which prices apply."""

    kinds: Ranges
    decided: bool

    @property
    def least(self) -> float:
        """The least that all kinds can make together."""
        return sum(low for low, _ in self.kinds.values())

    @property
    def most(self) -> float:
        """The most that all kinds can make together."""
        return sum(high for _, high in self.kinds.values())


@dataclass(slots=True)
class _Moment:
    """How far the session had come when a period began, and the power and current that the period tells."""

    at: datetime
    seconds: float
    kwh: float = 0.0
    told: Mapping[str, float] = field(default_factory=dict)


def bounds(cdr: Any, tariffs: Mapping[str, Any], zone: tzinfo | None) -> Bounds:
    """What `cdr` can cost. Raises CannotTell where its tariff or what it is charged for is not known."""
    volumes: dict[int, tuple[Any, str, float]] = {}
    flat: dict[int, Any] = {}
    possible: dict[int, Any] = {}
    kinds: Ranges = {}
    decided = True
    moment = _Moment(cdr.start_date_time, 0.0)
    for period in cdr.charging_periods:
        moment.at = period.start_date_time
        moment.seconds = (period.start_date_time - cdr.start_date_time).total_seconds()
        moment.told = {one.type: one.volume for one in period.dimensions}
        elements = _tariff_of(period, tariffs).elements
        spent = _volumes(period)
        for kind, volume in spent.items():
            components = _components(elements, kind, moment, zone)
            if len(components) > 1:
                _add(kinds, kind, *_between(components, kind, volume))
                decided = False
            elif components[0] is not None:
                before = (volumes.get(id(components[0])) or (components[0], kind, 0.0))[2]
                volumes[id(components[0])] = (components[0], kind, before + volume)
        once = _components(elements, "FLAT", moment, zone)
        (flat if len(once) == 1 else possible).update({id(one): one for one in once if one is not None})
        moment.kwh += spent.get("ENERGY") or 0.0
    for component, kind, volume in volumes.values():
        ends = _amounts(component, kind, volume)
        _add(kinds, kind, min(ends), max(ends))
    fees = [one.price for one in flat.values()]
    if fees:  # which of several is charged is not certain
        _add(kinds, "FLAT", min(fees) if len(fees) > 1 else fees[0], sum(fees))
    uncertain = [max(one.price, 0.0) for key, one in possible.items() if key not in flat]
    _add(kinds, "FLAT", 0.0, sum(uncertain))
    return Bounds(kinds, decided and not uncertain and len(fees) <= 1)


def _add(kinds: Ranges, kind: str, low: float, high: float) -> None:
    before = kinds.get(kind) or (0.0, 0.0)
    kinds[kind] = before[0] + low, before[1] + high


def _between(components: Iterable[Any], kind: str, volume: float) -> tuple[float, float]:
    """The cheapest and the dearest of the components that a volume may have; None is no price at all."""
    ends = [_amounts(one, kind, volume) if one is not None else (0.0, 0.0) for one in components]
    return min(min(end) for end in ends), max(max(end) for end in ends)


def unrestricted(components: Iterable[Any], energy: float, charging: float, parking: float) -> Ranges:
    """Amounts between which the cost by a tariff without restrictions may certainly lie, by kind.

    Each kind then has one price throughout. `energy` in kWh, `charging` and `parking` in hours, none
    negative.
    """
    kinds: Ranges = {}
    for component in components:
        kind, price = component.type, component.price
        if kind in kinds:
            continue
        if kind == "FLAT":
            kinds[kind] = price, price
            continue
        volume = energy if kind == "ENERGY" else charging if kind == "TIME" else parking
        exact = most = price * volume
        if component.step_size > 1:  # a step of one Wh or second does not show in the cost
            step = component.step_size * _STEP_UNIT[kind]
            rounded = -((_ROUNDED - volume / step) // 1) * step * price
            most = rounded if rounded > exact else exact
        kinds[kind] = exact, most
    return kinds


def _amounts(component: Any, kind: str, volume: float) -> tuple[float, float]:
    """The cost of a volume as it is, and rounded up to the step of its price."""
    price = component.price
    step = component.step_size * _STEP_UNIT[kind]
    rounded = ceil(round(volume / step, 6)) * step if step > 0 else volume
    return price * volume, price * max(rounded, volume)


def _tariff_of(period: Any, tariffs: Mapping[str, Any]) -> Any:
    name = period.tariff_id
    if name:
        found = tariffs.get(name.lower())
        if found is None:
            raise CannotTell(f"no tariff {name}")
        return found
    if len(tariffs) != 1:
        raise CannotTell("several tariffs")
    return next(iter(tariffs.values()))


def _volumes(period: Any) -> dict[str, float]:
    spent: dict[str, float] = {}
    for one in period.dimensions:
        if one.type in _DIMENSIONS:
            spent[one.type] = (spent.get(one.type) or 0.0) + one.volume
        elif one.type.startswith("RESERVATION") or one.type == "FLAT":
            raise CannotTell(one.type)
    return spent


def _components(elements: Any, kind: str, moment: _Moment, zone: tzinfo | None) -> list[Any]:
    """The price components of a kind of which one applies (2.2.1, 11.4.4); None among them is no price.

    That is one component, unless it is not known whether the restrictions of an element hold.
    """
    found: list[Any] = []
    for element in elements:
        component = next((one for one in element.price_components if one.type == kind), None)
        if component is None:
            continue
        holds = _holds(element.restrictions, moment, zone) if element.restrictions else True
        if holds is not False:
            found.append(component)
        if holds:
            return found
    return [*found, None]


def _holds(limits: Any, moment: _Moment, zone: tzinfo | None) -> bool | None:
    """Whether the restrictions of an element hold; None where the message does not tell."""
    if getattr(limits, "reservation", None):
        return False  # an element for reservations only
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
