"""What a charging session costs by its tariff (2.2.1, chapter 11), as far as the message tells enough.

Where it tells which prices apply, the cost is one of few amounts: parties read `step_size` differently, so a
volume counts as it is, rounded up to its step as a whole, or in each period, or all volumes of a kind are
rounded by the step that was used last (2.2.1, 11.4.2). Where it does not tell whether a restriction holds
(power or current that no dimension tells, the hour in an unknown time zone), every price that may apply
counts: the right amount lies between the cheapest and the dearest, and the cost is not decided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import product
from math import ceil, prod
from typing import Any

from hardening.ocpi.rules.restrictions import RESERVATION, Moment, components_of, elements_for, is_expired

# Dimension -> kind of price.
_DIMENSIONS: Mapping[str, str] = {
    **{kind: kind for kind in ("ENERGY", "TIME", "PARKING_TIME")},
    "RESERVATION_TIME": RESERVATION,
}
# The unit of `step_size` (Wh, seconds) in that of a volume (kWh, hours); 2.2.1, 11.4.1.
STEP_UNIT: Mapping[str, float] = {
    "ENERGY": 1 / 1000,
    "TIME": 1 / 3600,
    "PARKING_TIME": 1 / 3600,
    RESERVATION: 1 / 3600,
}
# No more readings of one CDR are tried, and no more elements looked at: each costs the guard time.
_MOST_READINGS, _MOST_ELEMENTS = 512, 50_000


class CannotTell(Exception):
    """The cost depends on something that the message does not say."""


# Kind of price -> the least and the most that it can make.
Ranges = dict[str, tuple[float, float]]
# What the prices make, and the VAT in it or on it; None where a price does not say its VAT.
Amount = tuple[float, float | None]
_NOTHING: Amount = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a session can cost by the prices of its tariffs. `decided`: the message tells which of them apply.

    Then `amounts` has each that a kind can make, one a reading of `step_size`; a reservation is a kind.
    """

    kinds: Ranges
    decided: bool
    amounts: Mapping[str, tuple[Amount, ...]] = field(default_factory=dict)

    @property
    def least(self) -> float:
        """The least that all kinds can make together."""
        return sum(low for low, _ in self.kinds.values())

    @property
    def most(self) -> float:
        """The most that all kinds can make together."""
        return sum(high for _, high in self.kinds.values())

    def totals(self) -> tuple[Amount, ...]:
        """Each amount that all kinds can make together, where it is decided; empty: there are too many."""
        if prod(map(len, self.amounts.values())) > _MOST_READINGS:
            return ()
        return tuple(dict.fromkeys(map(sum_of, product(*self.amounts.values()))))


@dataclass(slots=True)
class _Used:
    """How much of a price component was used: as it is, and with each period rounded up to its step."""

    component: Any
    kind: str
    volume: float = 0.0
    by_period: float = 0.0


@dataclass(slots=True)
class _Tally:
    """What was used so far. `unsure`: fees that may apply; `kinds`: ranges of what is not decided."""

    used: dict[int, _Used] = field(default_factory=dict)
    fees: dict[int, tuple[str, Any]] = field(default_factory=dict)
    unsure: dict[int, Any] = field(default_factory=dict)
    kinds: Ranges = field(default_factory=dict)

    def volume(self, kind: str, volume: float, components: list[Any]) -> None:
        """Count a volume of one period for the component that applies, or for the range of those that may."""
        if len(components) > 1:
            _add(self.kinds, kind, *_between(components, kind, volume))
        elif components[0] is not None:
            one = self.used.get(id(components[0])) or _Used(components[0], kind)
            self.used[id(components[0])] = one
            one.volume += volume
            one.by_period += _stepped(components[0], kind, volume)

    def fee(self, kind: str, components: list[Any]) -> None:
        """Count a fee once, however often it applies."""
        if len(components) > 1:
            self.unsure.update({id(one): one for one in components if one is not None})
        elif components[0] is not None:
            self.fees[id(components[0])] = kind, components[0]


def bounds(cdr: Any, tariffs: Mapping[str, Any], zone: tzinfo | None) -> Bounds:
    """What `cdr` can cost. Raises CannotTell where its tariff or what it is charged for is not known."""
    tally = _Tally()
    if len(cdr.charging_periods) * sum(len(one.elements) for one in tariffs.values()) > _MOST_ELEMENTS:
        raise CannotTell("too many periods and elements")
    expired = is_expired(cdr)
    reserved = False
    moment = Moment(cdr.start_date_time, 0.0)
    for period in cdr.charging_periods:
        moment.at = period.start_date_time
        moment.seconds = (period.start_date_time - cdr.start_date_time).total_seconds()
        moment.told = {one.type: one.volume for one in period.dimensions}
        every = _tariff_of(period, tariffs).elements
        charging, booked = elements_for(every, False, expired), elements_for(every, True, expired)
        spent = _volumes(period)
        for kind, volume in spent.items():
            if kind == RESERVATION:
                reserved = True
                tally.volume(kind, volume, components_of(booked, "TIME", moment, zone))
                tally.fee(kind, components_of(booked, "FLAT", moment, zone))
            else:
                tally.volume(kind, volume, components_of(charging, kind, moment, zone))
        tally.fee("FLAT", components_of(charging, "FLAT", moment, zone))
        moment.kwh += spent.get("ENERGY") or 0.0
        if booked and not reserved and cdr.total_reservation_cost:
            raise CannotTell("a reservation that no period has")
    return _together(tally)


def _together(tally: _Tally) -> Bounds:
    kinds = tally.kinds
    decided = not kinds
    amounts: dict[str, tuple[Amount, ...]] = {}
    for kind in dict.fromkeys(one.kind for one in tally.used.values()):
        amounts[kind] = _of_kind([one for one in tally.used.values() if one.kind == kind])
    for kind in ("FLAT", RESERVATION):
        fees = [one for of, one in tally.fees.values() if of == kind]
        if len(fees) > 1:  # which of several is charged is not certain
            _add(kinds, kind, min(one.price for one in fees), sum(one.price for one in fees))
            decided = False
        elif fees:
            before = amounts.get(kind) or (_NOTHING,)
            amounts[kind] = tuple(sum_of((one, _taxed(fees[0], fees[0].price))) for one in before)
    unsure = [max(one.price, 0.0) for key, one in tally.unsure.items() if key not in tally.fees]
    _add(kinds, "FLAT", 0.0, sum(unsure))
    for kind, choices in amounts.items():
        prices = [price for price, _ in choices]
        _add(kinds, kind, min(prices), max(prices))
    return Bounds(kinds, decided and not unsure, amounts)


def _of_kind(used: list[_Used]) -> tuple[Amount, ...]:
    """What the components of one kind make: a choice of readings for each, or the last step for them all."""
    kind = used[0].kind
    readings = [
        {_taxed(one.component, one.component.price * volume): None for volume in _volumes_of(one)}
        for one in used
    ]
    last = used[-1].component
    whole = sum(one.volume for one in used)
    extra = _taxed(last, last.price * (_stepped(last, kind, whole) - whole))
    exact = sum_of(_taxed(one.component, one.component.price * one.volume) for one in used)
    if prod(map(len, readings)) > _MOST_READINGS:
        raise CannotTell(f"too many prices of {kind}")
    return tuple(dict.fromkeys((*map(sum_of, product(*readings)), sum_of((exact, extra)))))


def _volumes_of(one: _Used) -> tuple[float, ...]:
    return one.volume, _stepped(one.component, one.kind, one.volume), one.by_period


def _taxed(component: Any, amount: float) -> Amount:
    """An amount with its VAT (2.2.1, 11.4.2: a percentage), which a price may not say."""
    vat = component.vat
    if isinstance(vat, int | float):
        return amount, amount * vat / 100
    return amount, None if amount else 0.0


def sum_of(amounts: Iterable[Amount]) -> Amount:
    """Amounts together; their VAT is known where that of each is."""
    total, taxes = 0.0, 0.0
    known = True
    for amount, tax in amounts:
        total += amount
        known = known and tax is not None
        taxes += tax or 0.0
    return total, taxes if known else None


def _add(kinds: Ranges, kind: str, low: float, high: float) -> None:
    before = kinds.get(kind) or (0.0, 0.0)
    kinds[kind] = before[0] + low, before[1] + high


def _between(components: Iterable[Any], kind: str, volume: float) -> tuple[float, float]:
    """The cheapest and the dearest of the components that a volume may have; None is no price at all."""
    ends: list[float] = []
    for one in components:
        ends += (one.price * volume, one.price * _stepped(one, kind, volume)) if one is not None else (0.0,)
    return min(ends), max(ends)


def _stepped(component: Any, kind: str, volume: float) -> float:
    """A volume rounded up to the step of its price."""
    step = component.step_size * STEP_UNIT[kind]
    return max(ceil(round(volume / step, 6)) * step, volume) if step > 0 else volume


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
        kind = _DIMENSIONS.get(one.type)
        if kind is not None:
            spent[kind] = (spent.get(kind) or 0.0) + one.volume
        elif one.type.startswith(RESERVATION) or one.type == "FLAT":
            raise CannotTell(one.type)
    return spent
