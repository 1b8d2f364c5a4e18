"""Rules about time: order, duration, and the states that a session goes through."""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from hardening.ocpi.rules.rule import Fault, Faults, rule
from hardening.ocpi.rules.samples import beside, sample

_MINUTE_IN_HOURS = 1 / 60
# Longer than any charging session that is not a mistake.
_LONGEST = timedelta(days=31)
# "Times unknown" is sent as the epoch where parties agreed on it (2.2.1, 10.3.1).
_UNKNOWN_YEAR = 1970


@rule(
    "times-are-in-order",
    "CDR",
    "Session",
    good=sample("CDR"),
    bad=sample("CDR", {"end_date_time": "2026-03-01T09:00:00Z"}),
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


_VALID_FROM_TO = {
    "Tariff": ("start_date_time", "end_date_time"),
    "Period": ("start_date_time", "end_date_time"),
    "Timeslot": ("start_date_time", "end_date_time"),
    "Calendar": ("begin_from", "end_before"),
    "StatusSchedule": ("period_begin", "period_end"),
    "ExceptionalPeriod": ("period_begin", "period_end"),
}


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
)
def periods_end_after_they_begin(value: Any) -> Faults:
    """Validity, opening exceptions, status schedules and bookings: the end is after the begin."""
    if hasattr(value, "tariffs"):
        places = [(f"/tariffs/{index}", tariff) for index, tariff in enumerate(value.tariffs or ())]
    else:
        places = list(_spans(value, ""))
    faults: list[Fault] = []
    for pointer, span in places:
        names = _VALID_FROM_TO.get(type(span).__name__.removesuffix("Patch"))
        if names is None:
            continue
        begin, end = getattr(span, names[0], None), getattr(span, names[1], None)
        if begin and end and end <= begin:
            faults.append((f"{pointer}/{names[1]}", f"after {begin.isoformat()}", end.isoformat()))
    return faults


def _spans(value: Any, pointer: str) -> list[tuple[str, Any]]:
    """The members of `value` that have a begin and an end."""
    found = [(pointer, value)]
    for index, evse in enumerate(getattr(value, "evses", None) or ()):
        found += _spans(evse, f"{pointer}/evses/{index}")
    for index, one in enumerate(getattr(value, "status_schedule", None) or ()):
        found.append((f"{pointer}/status_schedule/{index}", one))
    hours = getattr(value, "opening_times", None)
    for name in ("exceptional_openings", "exceptional_closings") if hours else ():
        for index, one in enumerate(getattr(hours, name) or ()):
            found.append((f"{pointer}/opening_times/{name}/{index}", one))
    if getattr(value, "period", None):
        found.append((f"{pointer}/period", value.period))
    for index, calendar in enumerate(getattr(value, "calendars", None) or ()):
        found.append((f"{pointer}/calendars/{index}", calendar))
        for place, slot in enumerate(calendar.available_timeslots):
            found.append((f"{pointer}/calendars/{index}/available_timeslots/{place}", slot))
    return found


_hours = attrgetter("start_date_time", "end_date_time", "total_time", "total_parking_time")


@rule(
    "durations-are-possible",
    "CDR",
    good=sample("CDR"),
    bad=sample("CDR", {"total_time": 30.0}),
)
def durations_are_possible(value: Any) -> Faults:
    """Hours are not negative, not more than the session had, and parking is part of them (in hours)."""
    start, end, total, parking = _hours(value)
    span = end - start
    elapsed = span.total_seconds() / 3600
    if span > _LONGEST and start.year > _UNKNOWN_YEAR:
        return [("/end_date_time", f"at most {_LONGEST.days} days after the start", f"{span.days} days")]
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
