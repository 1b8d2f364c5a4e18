"""DuckDB finds what plain Python finds: on planted faults, counterexamples and worlds made at random."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hardening.checks import Status, checks_in
from scanners.reconcile import cdr_checks, pair_checks
from scanners.reconcile.rules import RECOMPUTED
from scanners.reconcile.samples import DAY, SampleBooks, cdr, location, session, tariff, token
from tests.scanners.reconcile.oracle import RULES, expected

CHECKS = checks_in(pair_checks, cdr_checks)
PLANTED = [
    pytest.param(one, books, id=f"{one.name}-{name}") for one in CHECKS for name, books in one.bad.items()
]
SOUND = [
    pytest.param(one, books, id=f"{one.name}-{name}")
    for one in CHECKS
    for name, books in {"good": one.good, **one.also_good}.items()
]


def found(books: SampleBooks) -> dict[str, list[str]]:
    return {name: sorted(row.where for row in books.rows(name)) for name in RULES}


def test_the_oracle_knows_every_rule_and_fifty_kinds_of_faults_are_planted() -> None:
    asked = {one.name.replace("-", "_") for one in CHECKS}
    assert {*RULES, RECOMPUTED, "every_record_is_read"} == asked
    assert len(PLANTED) >= 50
    assert len(SOUND) >= 40


@pytest.mark.parametrize(("check", "books"), PLANTED)
def test_a_planted_fault_is_found_by_its_rule_and_all_rules_find_what_the_oracle_does(
    check: Any, books: SampleBooks
) -> None:
    assert Status.FAIL in {finding.status for finding in check.run(books)}
    assert found(replace(books, limit=1000)) == expected(books)


@pytest.mark.parametrize(("check", "books"), SOUND)
def test_a_counterexample_is_not_found_by_its_rule_and_all_rules_agree_with_the_oracle(
    check: Any, books: SampleBooks
) -> None:
    assert Status.FAIL not in {finding.status for finding in check.run(books)}
    assert found(books) == expected(books)


_IDS = st.sampled_from(["a-1", "A-1", "a-2", "a-3", "a-5", "x"])
_HOURS = st.sampled_from(["2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z", "2026-03-05T10:00:00Z"])
_LATER = st.sampled_from(["2026-03-02T12:00:00Z", "2026-03-05T12:00:00.5Z", "2026-03-09T12:00:00Z"])
_PARTIES = st.sampled_from(["CPO", "cpo", "XYZ"])
_CURRENCIES = st.sampled_from(["EUR", "EUR", "GBP"])
_KWH = st.sampled_from([0, 0.1, 12, 12.1, 12.1001, 12.5, 5000])
_COSTS = st.sampled_from([0, 0.02, 5.3, 5.32, 5.3200001, 6, 123456.789])
_UIDS = st.sampled_from(["04A2B3C4D5E6F7", "04a2b3c4d5e6f7", "04FF"])
_PLACES = st.sampled_from(["location-1", "LOCATION-1", "location-2"])
_EVSES = st.sampled_from(["evse-1", "evse-2", "#NA"])


@st.composite
def _sessions(draw: Any) -> Any:
    status = draw(st.sampled_from(["COMPLETED", "COMPLETED", "ACTIVE", "INVALID", "PENDING"]))
    start = draw(_HOURS)
    return session(
        id=draw(_IDS),
        party_id=draw(_PARTIES),
        start_date_time=start,
        end_date_time=draw(st.one_of(st.none(), _LATER)) if status == "COMPLETED" else None,
        kwh=draw(_KWH),
        total_cost=draw(st.one_of(st.none(), _COSTS.map(lambda cost: {"excl_vat": cost}))),
        currency=draw(_CURRENCIES),
        status=status,
        location_id=draw(_PLACES),
        evse_uid=draw(_EVSES),
        cdr_token__uid=draw(_UIDS),
        last_updated=draw(_LATER),
    )


@st.composite
def _cdrs(draw: Any) -> Any:
    credit = draw(st.booleans()) and draw(st.booleans())
    cost = draw(_COSTS)
    begin, end = draw(st.one_of(st.none(), _HOURS)), draw(st.one_of(st.none(), _LATER))
    times = {"start_date_time": begin, "end_date_time": end}
    named = {f"tariffs__0__{name}": time for name, time in times.items() if time}
    reference = draw(st.sampled_from(["a-1", "a-2", "none", ""]))
    given = {"credit": True, "credit_reference_id": reference} if credit else {}
    return cdr(
        id=draw(_IDS),
        party_id=draw(_PARTIES),
        session_id=draw(st.one_of(st.none(), _IDS)),
        start_date_time=draw(_HOURS),
        end_date_time=draw(_LATER),
        total_energy=draw(_KWH),
        total_cost={"excl_vat": -cost if credit else cost},
        total_time=draw(st.sampled_from([2, 50, 26])),
        currency=draw(_CURRENCIES),
        cdr_location__id=draw(_PLACES),
        cdr_location__evse_uid=draw(_EVSES),
        cdr_token__uid=draw(_UIDS),
        last_updated=draw(_LATER),
        **given,
        **named,
    )


_TOKENS = st.builds(
    lambda uid, valid, day, contract: token(
        uid=uid, valid=valid, last_updated=f"2026-03-0{day}T10:00:00Z", contract_id=contract
    ),
    _UIDS,
    st.booleans(),
    st.integers(1, 5),
    st.sampled_from(["NL-EMS-C00000001-2", "NL-EMS-C00000002-2"]),
)
_TARIFFS = st.builds(
    lambda name, begin: tariff(id=name, **({"start_date_time": begin} if begin else {})),
    st.sampled_from(["day", "DAY", "night"]),
    st.one_of(st.none(), _HOURS),
)
_LINES = st.builds(
    lambda day, cdrs, kwh, cost: {**DAY, "day": f"2026-03-0{day}", "cdrs": cdrs, "kwh": kwh, "cost": cost},
    st.integers(1, 9),
    st.integers(0, 3),
    _KWH,
    _COSTS,
)
_WORLDS = st.builds(
    SampleBooks,
    sessions=st.lists(_sessions(), max_size=5).map(tuple),
    cdrs=st.lists(_cdrs(), min_size=1, max_size=6).map(tuple),
    tokens=st.lists(
        _TOKENS,
        max_size=3,
        unique_by=lambda one: (one["uid"].lower(), one["last_updated"], one["contract_id"]),
    ).map(tuple),
    tariffs=st.lists(_TARIFFS, max_size=2).map(tuple),
    locations=st.lists(st.just(location()), max_size=1).map(tuple),
    statement=st.lists(_LINES, max_size=3).map(tuple),
)
_QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@given(books=_WORLDS)
@settings(_QUIET, max_examples=10)
def test_on_any_small_world_every_rule_finds_what_the_oracle_does(books: SampleBooks) -> None:
    assert found(books) == expected(books)


@pytest.mark.slow
@pytest.mark.timeout(900)
@given(books=_WORLDS)
@settings(_QUIET, max_examples=150)
def test_on_many_small_worlds_every_rule_finds_what_the_oracle_does(books: SampleBooks) -> None:
    assert found(books) == expected(books)
