"""Checks of sessions and CDRs, each held against the other."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from scanners.reconcile.rule_check import rule_check
from scanners.reconcile.samples import (
    AGREE,
    LATER,
    LATER_SESSION,
    LONG,
    cdr,
    credit,
    session,
    with_cdrs,
    with_sessions,
)
from scanners.reconcile.tolerances import Tolerances

_WAITING: Final = session(id="session-2", end_date_time="2026-03-09T11:00:00Z")
_ALIVE: Final = session(id="session-2", status="ACTIVE", end_date_time=None)
_OTHER: Final = cdr(id="cdr-2")
_CREDITED: Final = with_cdrs(cdr(), credit(), _OTHER)
_OTHER_TOKEN: Final = {"cdr_token__uid": "04FF"}


session_without_cdr = rule_check(
    __name__,
    "session_without_cdr",
    LONG,
    {
        "none": with_cdrs(LATER, of=LONG),
        "another's": with_cdrs(cdr(party_id="XYZ"), LATER, of=LONG),
        "nobody said when it ended": replace(
            LONG, sessions=(session(end_date_time=None), LATER_SESSION), cdrs=(LATER,)
        ),
    },
    {
        "it may still come": replace(LONG, sessions=(session(), LATER_SESSION, _WAITING)),
        "it took nothing": with_sessions(
            session(), LATER_SESSION, session(id="session-2", kwh=0, total_cost=None), of=LONG
        ),
        "letter case does not count": with_sessions(session(id="SESSION-1"), LATER_SESSION, of=LONG),
    },
)
session_never_ends = rule_check(
    __name__,
    "session_never_ends",
    LONG,
    {"active for a week": with_sessions(session(), LATER_SESSION, _ALIVE, of=LONG)},
    {
        "it ended meanwhile": with_sessions(
            session(),
            LATER_SESSION,
            _ALIVE,
            session(id="session-2", last_updated="2026-03-09T12:00:00Z"),
            of=LONG,
        ),
        "invalid ones are none": with_sessions(
            session(), LATER_SESSION, {**_ALIVE, "status": "INVALID"}, of=LONG
        ),
    },
)
session_only_credited = rule_check(
    __name__, "session_only_credited", _CREDITED, {"the original is elsewhere": with_cdrs(credit())}
)
cdr_without_session = rule_check(
    __name__,
    "cdr_without_session",
    AGREE,
    {
        "none": with_sessions(),
        "another id": with_cdrs(cdr(session_id="session-7")),
        "no id, and another token": with_cdrs(cdr(session_id=None, **_OTHER_TOKEN)),
    },
    {"no id, and the same token, place and start": with_cdrs(cdr(session_id=None))},
)
invalid_session_charged = rule_check(
    __name__,
    "invalid_session_charged",
    AGREE,
    {"a CDR": with_sessions(session(status="INVALID"))},
    {"it was credited": replace(AGREE, sessions=(session(status="INVALID"),), cdrs=(credit(),))},
)
cdr_twice = rule_check(
    __name__,
    "cdr_twice",
    AGREE,
    {
        "the same": with_cdrs(cdr(), cdr()),
        "in other letters": with_cdrs(cdr(), cdr(id="CDR-1", total_energy=11)),
    },
    {"another party's": with_cdrs(cdr(), cdr(party_id="XYZ"))},
)
session_charged_twice = rule_check(
    __name__,
    "session_charged_twice",
    AGREE,
    {
        "two CDRs": with_cdrs(cdr(), _OTHER),
        "a credit of neither": with_cdrs(cdr(), _OTHER, credit(id="c", credit_reference_id="x")),
    },
    {"the first was credited": _CREDITED},
)
energy = rule_check(
    __name__,
    "energy",
    AGREE,
    {
        "more": with_cdrs(cdr(total_energy=12.2)),
        "less": with_cdrs(cdr(total_energy=11.8)),
        "less than it had taken so far": with_sessions(session(status="ACTIVE", kwh=13)),
    },
    {
        "within the tolerance": with_cdrs(cdr(total_energy=12.1)),
        "it goes on": with_sessions(session(status="ACTIVE", kwh=3)),
    },
)
duration = rule_check(
    __name__,
    "duration",
    AGREE,
    {
        "it begins earlier": with_cdrs(cdr(start_date_time="2026-03-01T09:50:00Z")),
        "it ends later": with_cdrs(cdr(end_date_time="2026-03-01T12:10:00Z")),
        "it lasts longer": with_cdrs(cdr(total_time=2.5)),
    },
    {"two clocks": with_cdrs(cdr(end_date_time="2026-03-01T12:04:00Z"))},
)
cost = rule_check(
    __name__,
    "cost",
    AGREE,
    {"more": with_cdrs(cdr(total_cost__excl_vat=5.33)), "less": with_cdrs(cdr(total_cost__excl_vat=5.27))},
    {
        "a cent": with_cdrs(cdr(total_cost__excl_vat=5.31)),
        "its own tolerance": replace(
            with_cdrs(cdr(total_cost__excl_vat=5.4)),
            tolerances=Tolerances({}, {"NL*CPO": {"cost": Decimal(1)}}),
        ),
    },
)
currency = rule_check(__name__, "currency", AGREE, {"another": with_cdrs(cdr(currency="GBP"))})
place = rule_check(
    __name__,
    "place",
    AGREE,
    {
        "location": with_cdrs(cdr(cdr_location__id="location-2")),
        "EVSE": with_cdrs(cdr(cdr_location__evse_uid="evse-2")),
        "connector": with_cdrs(cdr(cdr_location__connector_id="2")),
    },
    {"letter case": with_cdrs(cdr(cdr_location__evse_uid="EVSE-1"))},
)
other_token = rule_check(__name__, "token", AGREE, {"another": with_cdrs(cdr(**_OTHER_TOKEN))})
