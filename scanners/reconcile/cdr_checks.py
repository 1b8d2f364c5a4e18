"""Checks of CDRs against tokens, places, tariffs, credits, a statement, and themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.reconcile.books import Books
from scanners.reconcile.rule_check import rule_check
from scanners.reconcile.rules import RECOMPUTED
from scanners.reconcile.samples import (
    AGREE,
    DAY,
    LATER_SESSION,
    LONG,
    cdr,
    credit,
    location,
    session,
    tariff,
    token,
    with_cdrs,
    with_sessions,
)


def _blocked(day: str) -> dict[str, object]:
    """The sample token as it was blocked on a day."""
    return token(valid=False, last_updated=f"{day}T00:00:00Z")


_OTHER: Final = cdr(id="cdr-2")
_CREDITED: Final = with_cdrs(cdr(), credit(), _OTHER)
_VALID: Final = replace(AGREE, tokens=(token(),))
_PLACED: Final = replace(AGREE, locations=(location(),))
_FORCED: Final = cdr(tariffs__0__start_date_time="2026-01-01T00:00:00Z")
_NUMBERED: Final = tuple(cdr(id=f"CDR-{number:05}", session_id=f"s{number}") for number in (7, 8, 9, 10))
_BETWEEN: Final = session(
    id="session-5",
    start_date_time="2026-03-05T10:00:00Z",
    end_date_time="2026-03-05T12:00:00Z",
    last_updated="2026-03-05T12:01:00Z",
)
_STATED: Final = replace(AGREE, statement=(DAY,))


late = rule_check(
    __name__,
    "late",
    AGREE,
    {"two days": with_cdrs(cdr(last_updated="2026-03-03T12:05:00Z"))},
    {"within a day": with_cdrs(cdr(last_updated="2026-03-02T11:59:00Z"))},
)
place_unknown = rule_check(
    __name__,
    "place_unknown",
    _PLACED,
    {
        "location": replace(AGREE, locations=(location(id="location-2"),)),
        "connector": replace(with_cdrs(cdr(cdr_location__connector_id="2")), locations=(location(),)),
        "another party's": replace(AGREE, locations=(location(party_id="XYZ"),)),
    },
    {"nobody told the places": AGREE},
)
token_unknown = rule_check(
    __name__,
    "token_unknown",
    _VALID,
    {
        "of a CDR": replace(AGREE, tokens=(token(uid="04FF"),)),
        "of a session": replace(with_cdrs(), tokens=(token(uid="04FF"),)),
    },
    {"nobody told the tokens": AGREE},
)
token_invalid = rule_check(
    __name__,
    "token_invalid",
    _VALID,
    {
        "blocked before": replace(AGREE, tokens=(token(), _blocked("2026-02-01"))),
        "blocked under both contracts": replace(
            AGREE,
            tokens=(_blocked("2026-02-01"), {**_blocked("2026-02-02"), "contract_id": "NL-EMS-C00000009-2"}),
        ),
    },
    {
        "valid under another contract": replace(
            AGREE, tokens=(_blocked("2026-02-01"), token(contract_id="NL-EMS-C00000009-2"))
        ),
        "blocked later": replace(AGREE, tokens=(token(), _blocked("2026-04-01"))),
        "valid again": replace(AGREE, tokens=(_blocked("2025-01-01"), token())),
    },
)
token_contract = rule_check(
    __name__,
    "token_contract",
    _VALID,
    {"another": replace(AGREE, tokens=(token(contract_id="NL-EMS-C00000009-2"),))},
)
tariff_not_in_force = rule_check(
    __name__,
    "tariff_not_in_force",
    with_cdrs(_FORCED),
    {
        "not begun": with_cdrs(cdr(tariffs__0__start_date_time="2026-03-02T00:00:00Z")),
        "ended": with_cdrs(cdr(tariffs__0__end_date_time="2026-03-01T10:00:00Z")),
    },
    {"it ends meanwhile": with_cdrs(cdr(tariffs__0__end_date_time="2026-03-01T11:00:00Z"))},
)
tariff_not_agreed = rule_check(
    __name__,
    "tariff_not_agreed",
    replace(AGREE, tariffs=(tariff(),)),
    {
        "another": replace(AGREE, tariffs=(tariff(id="night"),)),
        "not yet": replace(AGREE, tariffs=(tariff(start_date_time="2026-03-02T00:00:00Z"),)),
    },
    {"nobody told the tariffs": AGREE},
)
credit_without_original = rule_check(
    __name__,
    "credit_without_original",
    _CREDITED,
    {"elsewhere": with_cdrs(credit()), "not named": with_cdrs(cdr(), credit(credit_reference_id=""))},
)
credit_differs = rule_check(
    __name__,
    "credit_differs",
    _CREDITED,
    {
        "less": with_cdrs(cdr(), credit(total_cost__excl_vat=-5.0)),
        "energy": with_cdrs(cdr(), credit(total_energy=6)),
        "currency": with_cdrs(cdr(), credit(currency="GBP")),
    },
    {"energy below zero too": with_cdrs(cdr(), credit(total_energy=-12))},
)
credited_twice = rule_check(
    __name__, "credited_twice", _CREDITED, {"two": with_cdrs(cdr(), credit(), credit(id="credit-2"))}
)
statement = rule_check(
    __name__,
    "statement",
    _STATED,
    {
        "number": replace(AGREE, statement=({**DAY, "cdrs": 2},)),
        "energy": replace(AGREE, statement=({**DAY, "kwh": 13},)),
        "cost": replace(AGREE, statement=({**DAY, "cost": 5.5},)),
        "currency": replace(AGREE, statement=({**DAY, "currency": "GBP"},)),
        "a day that we lack": replace(AGREE, statement=(DAY, {**DAY, "day": "2026-03-02"})),
        "a day that it lacks": replace(LONG, statement=(DAY,)),
    },
    {"nobody stated anything": AGREE},
)
gap = rule_check(
    __name__,
    "gap",
    with_cdrs(*_NUMBERED),
    {"one number": with_cdrs(*_NUMBERED[:2], _NUMBERED[3])},
    {"numbers at random": with_cdrs(*(cdr(id=f"x{number}") for number in (5, 77, 901, 4242)))},
)
day_without_cdrs = rule_check(
    __name__,
    "day_without_cdrs",
    LONG,
    {"a day between": with_sessions(session(), _BETWEEN, LATER_SESSION, of=LONG)},
)
recomputed_cost = rule_check(
    __name__,
    RECOMPUTED,
    AGREE,
    {
        "too much": with_cdrs(cdr(total_cost__excl_vat=6.3)),
        "not the known tariff": replace(
            with_cdrs(cdr(tariffs=None, total_cost__excl_vat=6.3)), tariffs=(tariff(),)
        ),
        "more than are named": replace(
            with_cdrs(*(cdr(id=f"a{number}", total_cost__excl_vat=9) for number in range(3))), limit=2
        ),
    },
    {"no tariff": with_cdrs(cdr(tariffs=None))},
)


@check(
    "every-record-is-reconciled",
    good=AGREE,
    bad={"a file is there twice": replace(AGREE, copied=True)},
    unverifiable={
        "a line that is none": replace(AGREE, broken=("{",)),
        "no CDR": with_cdrs(),
        "no session": with_sessions(),
        "no token, where some were given": replace(AGREE, empty=("tokens",)),
    },
)
def every_record_is_read(books: Books) -> Verdicts:
    """Nothing that was given was left out, and no file was given twice."""
    unread = [one for one in books.rejected() if not one.copy]
    for one in books.rejected():
        if one.copy:
            yield one.where, f"{one.problem}: {one.records:,} records were left out"
    if unread:
        count = sum(one.records for one in unread)
        raise Unverifiable(unread[0].where, f"{unread[0].problem} ({count:,} records were not judged)")
    for kind, rule in (("sessions", "session_never_ends"), ("CDRs", "cdr_twice")):
        if not books.judged(rule):
            raise Unverifiable(kind, "there are none in this period: nothing can be held against them")
    yield "every other record", None
