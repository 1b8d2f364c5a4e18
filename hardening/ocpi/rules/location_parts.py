"""Rules about what a location offers: its hours, the ratings of its connectors, the energy that it gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hardening.ocpi.rules.facts import Charging, LocationFacts
from hardening.ocpi.rules.rule import ALWAYS, Fault, Faults, Message, decode, rule
from hardening.ocpi.rules.samples import sample

_DAY = {"weekday": 1, "period_begin": "08:00", "period_end": "20:00"}


def _hours_hold(value: Any, _: LocationFacts) -> bool:
    return not value.opening_times or not _hours_faults(value.opening_times)


@rule(
    "opening-hours-agree",
    "Location",
    good={
        "always": sample("Location", {"opening_times": {"twentyfourseven": True}}),
        "by day": sample("Location", {"opening_times": {"twentyfourseven": False, "regular_hours": [_DAY]}}),
        "until midnight": sample(
            "Location",
            {"opening_times": {"twentyfourseven": False, "regular_hours": [{**_DAY, "period_end": "00:00"}]}},
        ),
        "not told": sample("Location"),
    },
    bad={
        "both": sample("Location", {"opening_times": {"twentyfourseven": True, "regular_hours": [_DAY]}}),
        "neither": sample("Location", {"opening_times": {"twentyfourseven": False}}),
        "the end is not after the begin": sample(
            "Location",
            {
                "opening_times": {
                    "twentyfourseven": False,
                    "regular_hours": [{**_DAY, "period_begin": "20:00"}],
                }
            },
        ),
    },
    partial=True,
    holds={"Location": _hours_hold},
)
def opening_hours_agree(value: Any) -> Faults:
    """Hours by day are there if, and only if, it is not always open; they end later, or with the day."""
    return _hours_faults(value.opening_times) if value.opening_times else ()


def _hours_faults(hours: Any) -> Faults:
    days = hours.regular_hours or ()
    if hours.twentyfourseven and days:
        return [("/opening_times/regular_hours", "none, as it is open day and night", f"{len(days)}")]
    if not hours.twentyfourseven and not days:
        return [("/opening_times/regular_hours", "one or more, as it is not always open", "none")]
    return [
        (f"/opening_times/regular_hours/{index}/period_end", f"later than {day.period_begin}", day.period_end)
        for index, day in enumerate(days)
        # "hh:mm" sorts as time does; the end of a day has no other form than the begin of the next.
        if day.period_end <= day.period_begin and day.period_end != "00:00"
    ]


_NEW_TERMS = decode("2.2.1", "Connector", {"last_updated": "2026-01-01T00:00:00Z"}, partial=True)


def _location_is_rated(value: Any, facts: LocationFacts) -> bool:
    return facts.rated or not _rating_faults(value)


@rule(
    "connectors-are-rated",
    *("Location", "EVSE", "Connector", "CDR", "Session"),
    good={
        "a location": sample("Location", {"evses/0/connectors/0/max_electric_power": 22000}),
        "a PATCH": Message("Connector", "2.2.1", _NEW_TERMS, partial=True),
    },
    bad={
        "voltage": sample("Location", {"evses/0/connectors/0/max_voltage": 0}),
        "current": sample("Location", {"evses/0/connectors/0/max_amperage": -1}),
        "power": sample("Location", {"evses/0/connectors/0/max_electric_power": -1}),
    },
    partial=True,
    holds={"CDR": ALWAYS, "Session": ALWAYS, "Location": _location_is_rated},
)
def connectors_are_rated(value: Any) -> Faults:
    """Voltage and current of a connector are above zero, and its highest power is not below."""
    return _rating_faults(value)


def _rating_faults(value: Any) -> Faults:
    faults: list[Fault] = []
    for pointer, one in _connectors(value, ""):
        for name in ("max_voltage", "max_amperage"):
            rating = getattr(one, name)
            if isinstance(rating, int) and rating <= 0:
                faults.append((f"{pointer}/{name}", "above 0", rating))
        if one.max_electric_power and one.max_electric_power < 0:
            faults.append((f"{pointer}/max_electric_power", "0 or more", one.max_electric_power))
    return faults


def _connectors(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """(pointer, connector) for each connector of a location, an EVSE, or a 2.1.1 CDR or session."""
    if hasattr(value, "max_voltage"):
        yield pointer, value
    elif getattr(value, "location", None):
        yield from _connectors(value.location, f"{pointer}/location")
    for name in ("evses", "connectors"):
        for index, one in enumerate(getattr(value, name, None) or ()):
            yield from _connectors(one, f"{pointer}/{name}/{index}")


# Shares are rounded, each by itself.
_ROUNDING = 0.5


def _cdr_has_no_mix(value: Any, facts: Charging) -> bool:
    return facts.components is not None and not (facts.components and value.tariffs[0].energy_mix)


def _location_has_no_mix(value: Any, _: LocationFacts) -> bool:
    return not value.energy_mix or not _mix_faults(value, "")


def _mix(*shares: float) -> dict[str, Any]:
    sources = [
        {"source": source, "percentage": share}
        for source, share in zip(("SOLAR", "WIND"), shares, strict=False)
    ]
    return {"is_green_energy": True, "energy_sources": sources}


@rule(
    "energy-mix-is-a-whole",
    *("Location", "Tariff", "CDR"),
    good={
        "a whole": sample("Location", {"energy_mix": _mix(33.4, 66.7)}),
        "a part": sample("Location", {"energy_mix": _mix(33.4)}),
        "no sources": sample("Location", {"energy_mix": {"is_green_energy": True}}),
        "of the tariff of a CDR": sample("CDR", {"tariffs/0/energy_mix": _mix(100.0)}),
    },
    bad={
        "more than everything": sample("Location", {"energy_mix": _mix(150.0)}),
        "less than nothing": sample("Location", {"energy_mix": _mix(-1.0)}),
        "more than everything together": sample("Location", {"energy_mix": _mix(60.0, 41.0)}),
        "of the tariff of a CDR": sample("CDR", {"tariffs/0/energy_mix": _mix(150.0)}),
    },
    partial=True,
    holds={"CDR": _cdr_has_no_mix, "Location": _location_has_no_mix},
)
def energy_mix_is_a_whole(value: Any) -> Faults:
    """A source gives 0 to 100 percent of the energy, and all together no more than 100 (2.2.1, 8.4.7)."""
    if not hasattr(value, "tariffs"):
        return _mix_faults(value, "")
    faults: list[Fault] = []
    for index, tariff in enumerate(value.tariffs or ()):
        faults += _mix_faults(tariff, f"/tariffs/{index}")
    return faults


def _mix_faults(value: Any, pointer: str) -> list[Fault]:
    sources = (value.energy_mix and value.energy_mix.energy_sources) or ()
    where = f"{pointer}/energy_mix/energy_sources"
    faults: list[Fault] = [
        (f"{where}/{index}/percentage", "0 to 100", one.percentage)
        for index, one in enumerate(sources)
        if not 0 <= one.percentage <= 100
    ]
    total = sum(one.percentage for one in sources)
    if not faults and total > 100 + _ROUNDING:
        faults.append((where, "100 percent together", f"{total:g}"))
    return faults
