"""Rules about the energy and time of one message: what a charger can give, and what a period can hold."""

from __future__ import annotations

from typing import Any

from hardening.ocpi.rules.facts import Charging
from hardening.ocpi.rules.rule import Fault, Faults, rule
from hardening.ocpi.rules.samples import sample

# No charger gives more: megawatt charging ends at 3.75 MW (IEC TS 63379).
_MOST_KW = 4000.0
# Energy and time of a session are not read at one instant.
_READING_HOURS = 0.05


def _energy_holds(value: Any, facts: Charging) -> bool:
    energy: float = value.total_energy
    return 0 <= energy <= facts.hours * _MOST_KW


@rule(
    "energy-is-possible",
    "CDR",
    good=sample("CDR"),
    bad=sample("CDR", {"total_energy": -1.0}),
    holds={"CDR": _energy_holds},
)
def energy_is_possible(value: Any) -> Faults:
    """Energy is not negative, and not more than any charger gives in that time (kWh)."""
    energy = value.total_energy
    if energy == 0:
        return ()
    if energy < 0:
        return [("/total_energy", "0 kWh or more", energy)]
    hours = (value.end_date_time - value.start_date_time).total_seconds() / 3600
    most = ((hours if hours > 0 else 0) + _READING_HOURS) * _MOST_KW
    if energy > most:
        return [("/total_energy", f"at most {most:.1f} kWh in {hours:.2f} hours", energy)]
    return ()


def _session_energy_holds(value: Any, facts: Charging) -> bool:
    energy: float = value.kwh
    return 0 <= energy <= facts.hours * _MOST_KW


@rule(
    "session-energy-is-possible",
    "Session",
    good=sample("Session"),
    bad=sample("Session", {"kwh": -0.5}),
    holds={"Session": _session_energy_holds},
)
def session_energy_is_possible(value: Any) -> Faults:
    """Energy so far is not negative, and not more than any charger gives in that time (kWh)."""
    kwh = value.kwh
    if kwh == 0:
        return ()
    if kwh < 0:
        return [("/kwh", "0 kWh or more", kwh)]
    until = value.end_date_time or value.last_updated
    hours = (until - value.start_date_time).total_seconds() / 3600
    most = ((hours if hours > 0 else 0) + _READING_HOURS) * _MOST_KW
    return [("/kwh", f"at most {most:.1f} kWh in {hours:.2f} hours", kwh)] if kwh > most else ()


# Dimensions that may go below zero: power and current flow both ways (2.2.1, 10.4.2).
_SIGNED = frozenset({"CURRENT", "MIN_CURRENT", "MAX_CURRENT", "POWER", "MIN_POWER", "MAX_POWER"})


def _volumes_hold(_: Any, facts: Charging) -> bool:
    return facts.plain


@rule(
    "volumes-are-possible",
    "CDR",
    "Session",
    good=sample("CDR"),
    bad=sample("CDR", {"charging_periods/0/dimensions/0/volume": -12.0}),
    holds={"CDR": _volumes_hold, "Session": _volumes_hold},
)
def volumes_are_possible(value: Any) -> Faults:
    """Energy and time of a period are not negative, a state of charge is 0 to 100 percent."""
    for period in value.charging_periods or ():
        for dimension in period.dimensions:
            if dimension.volume < 0 or dimension.type == "STATE_OF_CHARGE":
                return _impossible(value)
    return ()


def _impossible(value: Any) -> Faults:
    faults: list[Fault] = []
    for place, period in enumerate(value.charging_periods):
        for index, one in enumerate(period.dimensions):
            where = f"/charging_periods/{place}/dimensions/{index}/volume"
            if one.type == "STATE_OF_CHARGE" and not 0 <= one.volume <= 100:
                faults.append((where, "0 to 100 percent", one.volume))
            elif one.volume < 0 and one.type not in _SIGNED:
                faults.append((where, f"0 or more for {one.type}", one.volume))
    return faults
