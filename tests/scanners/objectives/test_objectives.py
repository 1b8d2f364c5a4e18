"""Objectives: a month with known outages and delays gives the right numbers, to the minute."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner, Result

from hardening.cli import rampart
from hardening.errors import CollectError, ConfigError
from hardening.objectives import OBJECTIVES, agreed, faults
from hardening.requests.samples import CPO, EMSP
from infra.edge.api_gateway import ACCESS_LOG
from scanners.objectives.command import measured, terms_of
from scanners.objectives.forms import json_schema, percent
from scanners.objectives.records import ALL, NOBODY, Measured, Month, Report, Span, State
from scanners.objectives.sources import Source, access_log, cdrs, reconciliations, revocations
from scanners.policy.stack import Resource, Stack
from tests.own_stack import ROOT

OCTOBER = Month.of(2026, 10)
MINUTE = timedelta(minutes=1)


def call(at: datetime, partner: str = "acme", status: int = 200, milliseconds: int = 80) -> str:
    """A line of the access log, with every key of the declared format."""
    time = int(at.timestamp() * 1000)
    told = {"time": time, "partner": partner, "status": status, "milliseconds": milliseconds}
    return "{" + ", ".join(f'"{key}": "{told.get(key, "-")}"' for key in ACCESS_LOG) + "}"


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


def october(begin: datetime = OCTOBER.begin) -> Iterator[str]:
    """A call a minute of each partner from `begin` on, but for what is known to have gone wrong.

    An outage of 17 minutes for all from the 3rd at 23:50, one of 3 minutes for beta on the 20th, an
    authorizer that recognises nobody for 5 minutes on the 25th, and 40 slow minutes of acme in the last hour.
    """
    yield call(OCTOBER.begin - MINUTE, status=500)
    now = begin
    while now < OCTOBER.end:
        out = at(3, 23, 50) <= now < at(4, 0, 7)
        lost = at(25, 4, 0) <= now < at(25, 4, 5)
        slow = now >= at(31, 23, 20)
        for partner in ("acme", "beta"):
            down = out or lost or (partner == "beta" and at(20, 12) <= now < at(20, 12, 3))
            wait = 1001 if slow and partner == "acme" else 1000
            yield call(now, "-" if lost else partner, 502 if down else 200, wait)
        now += MINUTE
    yield call(OCTOBER.end, status=500)


def of(report: Report, objective: str, partner: str) -> Measured:
    [found] = [one for one in report.measured if (one.objective.name, one.partner) == (objective, partner)]
    return found


def test_a_month_with_known_outages_and_delays_is_right_to_the_minute() -> None:
    report = measured(OCTOBER, [access_log(october())], {}, ())
    minutes = 31 * 24 * 60
    acme, beta, every = (of(report, "availability", name) for name in ("acme", "beta", ALL))
    assert (acme.total, acme.total - acme.good) == (minutes - 5, 17)
    assert acme.spans == (Span(at(3, 23, 50), 17),)
    assert beta.spans == (Span(at(3, 23, 50), 17), Span(at(20, 12), 3))
    assert every.spans == (*beta.spans, Span(at(25, 4), 5))
    assert (every.total, every.total - every.good) == (2 * minutes, 2 * 22 + 3)
    assert (every.lost_minutes, every.state, percent(every)) == (25, State.MET, "99.947 %")
    assert every.budget_left == pytest.approx(1 - 47 / (2 * minutes * 0.001))
    slow = of(report, "latency", "acme")
    assert (slow.lost_minutes, slow.spans) == (40, (Span(at(31, 23, 20), 40),))
    assert of(report, "latency", "beta").lost_minutes == 0
    assert of(report, "availability", NOBODY).lost_minutes == 5
    assert report.is_whole
    assert report.unasked == ("cdr-delay", "revocation", "reconciliation")


def test_a_partners_contract_goes_before_the_stacks_terms() -> None:
    acme = replace(EMSP, name="acme", objectives={"availability": {"percent": 99.99}})
    ours = {"availability": {"percent": 99.0}, "latency": {"limit": 1001.0}}
    lines = [call(at(31), "acme", 502), *(call(at(31), "acme") for _ in range(999)), *october(at(31))]
    report = measured(OCTOBER, [access_log(lines)], ours, (acme,))
    assert of(report, "availability", "acme").state is State.MISSED
    assert of(report, "availability", ALL).state is State.MET
    assert of(report, "latency", "acme").lost_minutes == 0


def test_a_month_ends_with_its_last_second_in_utc() -> None:
    assert Month.of(2026, 12).end == datetime(2027, 1, 1, tzinfo=UTC)
    elsewhere = datetime.fromisoformat("2026-11-01T12:59:59+13:00")
    assert OCTOBER.has(elsewhere)
    assert not OCTOBER.has(elsewhere + timedelta(seconds=1))


def test_no_rounding_keeps_an_objective_that_was_missed() -> None:
    almost = Measured(objective=OBJECTIVES["availability"], partner="p", good=998_999, total=1_000_000)
    assert (almost.state, percent(almost)) == (State.MISSED, "99.899 %")
    assert replace(almost, good=999_000).state is State.MET
    assert replace(almost, good=0, total=0).state is State.UNMEASURED


def cdr(hours: float, **more: object) -> str:
    end = at(5)
    made = {"end_date_time": end.isoformat(), "last_updated": (end + timedelta(hours=hours)).isoformat()}
    return json.dumps({**made, "country_code": "NL", "party_id": "CPO", **more})


def test_cdrs_are_late_by_the_party_that_sent_them() -> None:
    partner = replace(CPO, parties=(replace(CPO.parties[0], country_code="nl", party_id="cpo"),))
    old = {"stop_date_time": "2026-10-05T00:00:00Z", "last_updated": "2026-10-06T00:00:01Z"}
    lines = [cdr(24), cdr(24.1), cdr(1, party_id="XXX"), json.dumps(old)]
    report = measured(OCTOBER, [cdrs(lines, [partner])], {}, (partner,))
    own, others = (of(report, "cdr-delay", name) for name in (partner.name, NOBODY))
    assert (own.good, own.total, own.spans) == (1, 2, (Span(at(6, 0, 6), 1),))
    assert (others.good, others.total) == (1, 2)


def test_a_revocation_is_good_where_the_gateway_refused_in_time() -> None:
    left: dict[str, Any] = {"partner": "acme", "at": "2026-10-07T10:00:00+00:00"}
    drill = {"runbook": "leaked-token", "partner": "acme", "began": "2026-10-08T10:00:00+00:00"}
    documents = [
        {**left, "gateway_refused_after_seconds": 1.5},
        {**left, "gateway_refused_after_seconds": 61},
        {**left, "gateway_refused_after_seconds": None},
        {**drill, "contained": 3},
        {**drill, "contained": None},
        {**drill, "runbook": "lost-key", "contained": 1},
    ]
    report = measured(OCTOBER, [revocations(map(json.dumps, documents))], {}, ())
    assert (of(report, "revocation", "acme").good, of(report, "revocation", "acme").total) == (2, 5)
    assert report.unread == {"revocations": 1}


def reconciled(sessions: int, places: int, to: str = "2026-11-01") -> str:
    sums = {
        "records": {"sessions": {"judged": sessions}, "cdrs": {"judged": sessions}},
        "parties": [{"of": "NL*CPO", "places": places}],
        "period": {"from": "2026-10-01", "to": to},
    }
    return json.dumps({"sums": sums})


def test_the_gap_is_the_share_of_sessions_with_a_finding_and_has_no_minute() -> None:
    report = measured(OCTOBER, [reconciliations([reconciled(1000, 2)], OCTOBER)], {}, ())
    gap = of(report, "reconciliation", ALL)
    assert (gap.good, gap.total, gap.spans, gap.state) == (998, 1000, (), State.MISSED)


@pytest.mark.parametrize(
    "source",
    [
        access_log(["no json", '{"time": "1"}', call(at(1)).replace('"200"', '"-"'), "[" * 100_000]),
        cdrs(["[]", "{}", cdr(1, last_updated=5), cdr(1, last_updated="yesterday")], ()),
        revocations(["", "[]", "{}", '{"at": "2026-10-07T10:00:00Z"}', '{"runbook": 1}']),
        reconciliations(["{}", '{"sums": null}', reconciled(1, 0, "2026-10-31"), "[]"], OCTOBER),
    ],
    ids=lambda source: source.name,
)
def test_what_cannot_be_read_is_counted_and_nothing_of_it(source: Source) -> None:
    report = measured(OCTOBER, [source], {}, ())
    assert report.unread == {source.name: 4}
    assert {one.total for one in report.measured} == {0}
    assert not report.is_whole


BEFORE = {"partner": "acme", "at": "2026-10-07T10:00:00Z", "gateway_refused_after_seconds": -3}
MADE_UP = [
    access_log([call(at(1)).replace('"time": "', '"time": "99999999'), call(at(1), "\\u001b[2Jacme")]),
    revocations(json.dumps(one) for one in (BEFORE, {**BEFORE, "partner": "\ud800"})),
    reconciliations([reconciled(-5, 0), reconciled(10, -3)], OCTOBER),
]


@pytest.mark.parametrize("source", MADE_UP, ids=lambda source: source.name)
def test_times_names_and_counts_that_cannot_be_are_counted_as_unread(source: Source) -> None:
    report = measured(OCTOBER, [source], {}, ())
    assert report.unread == {source.name: 2}
    assert {one.total for one in report.measured} == {0}


def test_nobody_is_counted_twice_who_calls_himself_all() -> None:
    report = measured(OCTOBER, [access_log([call(at(1), ALL)])], {}, ())
    assert [one.total for one in report.measured] == [1, 1]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No lab that is up is the target."""
    monkeypatch.chdir(tmp_path)


def slo(*words: str) -> Result:
    words = ("slo", *words, "--partners", str(ROOT / "partners"))
    return CliRunner().invoke(rampart, words, standalone_mode=False)


def test_the_command_writes_table_json_and_page_and_says_what_was_missed() -> None:
    lines = [call(at(1), "example-emsp"), call(at(1, 0, 1), "example-emsp", 500), call(at(1), "<b>gone</b>")]
    with gzip.open("calls.jsonl.gz", "wt") as file:
        file.writelines(f"2026-10-01T00:00:00.000Z {line}\n" for line in lines)
    result = slo("2026-10", "--access-log", "calls.jsonl.gz")
    assert (result.return_value, result.exception) == (1, None)
    assert "not asked: cdr-delay" in result.stderr
    found = json.loads(slo("2026-10", "--access-log", "calls.jsonl.gz", "--format", "json").stdout)
    rows = {(one["objective"], one["partner"]): one for one in found["objectives"]}
    assert rows["availability", "example-emsp"]["lost"] == [
        {"from": "2026-10-01T00:01:00+00:00", "minutes": 1}
    ]
    assert rows["availability", "example-cpo"]["state"] == "unmeasured"
    assert jsonschema_rs.validator_for(json_schema()).is_valid(found)
    assert not jsonschema_rs.validator_for(json_schema()).is_valid({**found, "format": "another"})
    slo("2026-10", "--access-log", "calls.jsonl.gz", "--format", "html", "--output", "page.html")
    page = Path("page.html").read_text(encoding="utf-8")
    assert "example-emsp" in page
    assert "<b>gone" not in page


def test_a_log_with_nothing_of_the_month_or_with_a_line_that_cannot_be_read_verifies_nothing() -> None:
    Path("calls").write_text(call(at(1)) + "\n", encoding="utf-8")
    assert slo("2026-10", "--access-log", "calls").return_value == 0
    assert slo("2026-09", "--access-log", "calls").return_value == 3
    Path("calls").write_text(call(at(1)) + "\nnone\n", encoding="utf-8")
    assert slo("2026-10", "--access-log", "calls").return_value == 3
    Path("cut.gz").write_bytes(gzip.compress(call(at(1)).encode())[:-9])
    assert isinstance(slo("2026-10", "--access-log", "cut.gz").exception, CollectError)
    whole = bytearray(gzip.compress(call(at(1)).encode()))
    whole[10] ^= 0xFF
    Path("turned.gz").write_bytes(whole)
    assert isinstance(slo("2026-10", "--access-log", "turned.gz").exception, CollectError)


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "october", "2026-1", "9999-12"])
def test_what_is_no_month_is_refused(month: str) -> None:
    assert "expected a month" in str(slo(month, "--access-log", "calls").exception)


def test_no_source_and_no_such_file_are_faults_of_whoever_asks() -> None:
    for words in ((), ("--cdrs", "none")):
        assert isinstance(slo("2026-10", *words).exception, ConfigError)


@pytest.mark.parametrize(
    ("terms", "where"),
    [
        ([], ""),
        ({"speed": {"percent": 99}}, ".speed"),
        ({7: {"percent": 99}}, ".7"),
        ({"latency": {}}, ".latency"),
        ({"latency": 99}, ".latency"),
        ({"latency": {"percent": True}}, ".latency.percent"),
        ({"latency": {"percent": 49.9}}, ".latency.percent"),
        ({"latency": {"percent": float("nan")}}, ".latency.percent"),
        ({"latency": {"limit": 0}}, ".latency.limit"),
        ({"availability": {"limit": 1}}, ".availability.limit"),
    ],
)
def test_terms_that_are_none_are_named_with_what_is_expected(terms: object, where: str) -> None:
    [(place, expected)] = faults(terms)
    assert (place, bool(expected)) == (where, True)


def test_the_stack_tells_the_terms_of_its_settings_and_others_are_refused() -> None:
    def told(**outputs: object) -> Stack:
        root = Resource(urn="urn:root", type="pulumi:pulumi:Stack", name="ocpi-test", outputs=outputs)
        return Stack("test", "ocpi", (root,))

    terms = {"latency": {"limit": 500.0}}
    assert terms_of(told(objectives=terms)) == terms
    assert terms_of(told()) == {}
    with pytest.raises(ConfigError, match=r"objectives\.x: expected one of availability"):
        terms_of(told(objectives={"x": {}}))


def test_the_document_has_the_table_of_the_code() -> None:
    text = (ROOT / "docs/objectives.md").read_text(encoding="utf-8")
    for one in agreed().values():
        [row] = [line for line in text.splitlines() if line.startswith(f"| `{one.name}` ")]
        assert row.endswith(f"| {one.percent:g} |")
        assert one.limit is None or f"within {one.limit:g} {one.unit}" in row
