"""Rules about time: order, duration, and the states that a session goes through."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hardening.ocpi.rules.facts import Charging, LocationFacts, tariff_is_plain
from hardening.ocpi.rules.rule import Fault, Faults, rule
from hardening.ocpi.rules.samples import beside, sample

_MINUTE_IN_HOURS = 1 / 60
# Longer than any charging session that is not a mistake.
_LONGEST_HOURS = 31 * 24
# "Times unknown" is sent as the epoch where parties agreed on it (2.2.1, 10.3.1).
_UNKNOWN_YEAR = 1970


def _in_order(_: Any, facts: Charging) -> bool:
    return facts.ordered


@rule(
    "times-are-in-order",
    "CDR",
    "Session",
    good=sample("CDR"),
    bad=sample("CDR", {"end_date_time": "2026-03-01T09:00:00Z"}),
    holds={"CDR": _in_order, "Session": _in_order},
)
def times_are_in_order(value: Any) -> Faults:
    """A session ends after it starts, and its periods follow each other within it."""
    start, end = value.start_date_time, value.end_date_time
    if end and end < start:
        return [("/end_date_time", f"not before {start.isoformat()}", end.isoformat())]
    last = start
    for period in value.charging_periods or ():
        at = period.start_date_time
        if at < last or (end and at > end):
            return _disordered(value, start, end)
        last = at
    return ()


def _disordered(value: Any, start: datetime, end: datetime | None) -> Faults:
    faults: list[Fault] = []
    last = start
    for index, period in enumerate(value.charging_periods):
        at = period.start_date_time
        where = f"/charging_periods/{index}/start_date_time"
        if at < last:
            faults.append((where, f"not before {last.isoformat()}", at.isoformat()))
        elif end and at > end:
            faults.append((where, f"not after {end.isoformat()}", at.isoformat()))
        last = max(last, at)
    return faults


_BEGIN_AND_END = {
    "Tariff": ("start_date_time", "end_date_time"),
    "Period": ("start_date_time", "end_date_time"),
    "Timeslot": ("start_date_time", "end_date_time"),
    "Calendar": ("begin_from", "end_before"),
    "StatusSchedule": ("period_begin", "period_end"),
    "ExceptionalPeriod": ("period_begin", "period_end"),
}


def _no_hours_are_exceptional(_: Any, facts: LocationFacts) -> bool:
    return facts.plain


@rule(
    "periods-end-after-they-begin",
    *("Tariff", "Location", "EVSE", "CDR", "Booking", "BookingRequest", "BookingLocation"),
    good=sample(
        "Tariff", {"start_date_time": "2026-01-01T00:00:00Z", "end_date_time": "2026-02-01T00:00:00Z"}
    ),
    bad=sample(
        "Tariff", {"start_date_time": "2026-01-01T00:00:00Z", "end_date_time": "2025-02-01T00:00:00Z"}
    ),
    partial=True,
    holds={"CDR": tariff_is_plain, "Location": _no_hours_are_exceptional},
)
def periods_end_after_they_begin(value: Any) -> Faults:
    """Validity, opening exceptions, status schedules and bookings: the end is after the begin."""
    faults: list[Fault] = []
    if hasattr(value, "tariffs"):
        for index, tariff in enumerate(value.tariffs or ()):
            if tariff.end_date_time and tariff.start_date_time:
                faults += _span_faults(tariff, f"/tariffs/{index}")
        return faults
    for pointer, span in _spans(value, ""):
        faults += _span_faults(span, pointer)
    return faults


def _span_faults(span: Any, pointer: str) -> Faults:
    first, last = _BEGIN_AND_END[type(span).__name__.removesuffix("Patch")]
    begin, end = getattr(span, first), getattr(span, last)
    if begin and end and end <= begin:
        return [(f"{pointer}/{last}", f"after {begin.isoformat()}", end.isoformat())]
    return ()


def _spans(value: Any, pointer: str) -> list[tuple[str, Any]]:
    """(pointer, member) for each part of `value`, and itself, that has a begin and an end."""
    kind = type(value).__name__.removesuffix("Patch")
    found = [(pointer, value)] if kind in _BEGIN_AND_END else []
    if kind == "Location":
        for index, evse in enumerate(value.evses or ()):
            if evse.status_schedule:
                found += _spans(evse, f"{pointer}/evses/{index}")
        hours = value.opening_times
        for name in ("exceptional_openings", "exceptional_closings") if hours else ():
            for index, one in enumerate(getattr(hours, name) or ()):
                found.append((f"{pointer}/opening_times/{name}/{index}", one))
        return found
    for index, one in enumerate(getattr(value, "status_schedule", None) or ()):
        found.append((f"{pointer}/status_schedule/{index}", one))
    if getattr(value, "period", None):
        found.append((f"{pointer}/period", value.period))
    for index, calendar in enumerate(getattr(value, "calendars", None) or ()):
        found.append((f"{pointer}/calendars/{index}", calendar))
        for place, slot in enumerate(calendar.available_timeslots):
            found.append((f"{pointer}/calendars/{index}/available_timeslots/{place}", slot))
    return found


def _durations_hold(value: Any, facts: Charging) -> bool:
    total, parking = value.total_time, value.total_parking_time
    return 0 <= total <= facts.hours <= _LONGEST_HOURS and (not parking or 0 <= parking <= total)


@rule(
    "durations-are-possible",
    "CDR",
    good=sample("CDR"),
    bad=sample("CDR", {"total_time": 30.0}),
    holds={"CDR": _durations_hold},
)
def durations_are_possible(value: Any) -> Faults:
    """Hours are not negative, not more than the session had, and parking is part of them (in hours)."""
    start, total, parking = value.start_date_time, value.total_time, value.total_parking_time
    elapsed = (value.end_date_time - start).total_seconds() / 3600
    if elapsed > _LONGEST_HOURS and start.year > _UNKNOWN_YEAR:
        found = f"{int(elapsed // 24)} days"
        return [("/end_date_time", f"at most {_LONGEST_HOURS // 24} days after the start", found)]
    if total < 0 or (total > elapsed + _MINUTE_IN_HOURS and start.year > _UNKNOWN_YEAR):
        return [("/total_time", f"0 to {elapsed:.4f} hours, start to end", total)]
    if parking and (parking < 0 or parking > total + _MINUTE_IN_HOURS):
        return [("/total_parking_time", f"0 to {total} hours, the total time", parking)]
    return ()


@rule(
    "session-status-agrees",
    "Session",
    good=sample("Session"),
    bad=sample("Session", {"end_date_time": None}),
)
def session_status_agrees(value: Any) -> Faults:
    """A completed session has an end; one that has not begun has no energy."""
    status = value.status
    if status == "COMPLETED" and not value.end_date_time:
        return [("/end_date_time", "a time, as the session is COMPLETED", "nothing")]
    if value.kwh and (status == "PENDING" or status == "RESERVATION"):
        return [("/kwh", f"0, as the session is {status}", value.kwh)]
    return ()


# 2.2.1, 9.4.3. A session that ended, or never was, does not come back.
_NEXT = {
    "RESERVATION": {"PENDING", "ACTIVE", "COMPLETED", "INVALID"},
    "PENDING": {"ACTIVE", "COMPLETED", "INVALID"},
    "ACTIVE": {"COMPLETED", "INVALID"},
    "COMPLETED": {"INVALID"},
    "INVALID": set(),
}


@rule(
    "session-state-moves-forward",
    "Session",
    good=sample("Session", previous=beside("Session")),
    bad=sample("Session", {"status": "ACTIVE"}, previous=beside("Session")),
    needs="previous",
)
def session_state_moves_forward(value: Any, previous: Any) -> Faults:
    """A session keeps its start, only gains energy, and does not come back from its end."""
    faults: list[Fault] = []
    if value.status != previous.status and value.status not in _NEXT[previous.status]:
        faults.append(("/status", f"a state that follows {previous.status}", value.status))
    if value.kwh < previous.kwh:
        faults.append(("/kwh", f"at least {previous.kwh}, as before", value.kwh))
    started = previous.status not in ("RESERVATION", "PENDING")
    if started and value.start_date_time != previous.start_date_time:
        before = previous.start_date_time.isoformat()
        faults.append(("/start_date_time", f"{before}, as before", value.start_date_time.isoformat()))
    return faults


@rule(
    "last-updated-moves-forward",
    *("Session", "Location", "EVSE", "Connector", "Tariff", "Token", "ClientInfo", "Terminal", "Booking"),
    good=sample("Token", previous=beside("Token")),
    bad=sample("Token", {"last_updated": "2025-01-01T00:00:00Z"}, previous=beside("Token")),
    needs="previous",
    partial=True,
)
def last_updated_moves_forward(value: Any, previous: Any) -> Faults:
    """An object is never replaced by an older state of itself (`last_updated`)."""
    if value.last_updated and value.last_updated < previous.last_updated:
        before = previous.last_updated.isoformat()
        return [("/last_updated", f"not before {before}, as before", value.last_updated.isoformat())]
    return ()
