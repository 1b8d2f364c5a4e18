"""What an audit of many endpoints writes: one finding for what did not answer, schemas, metrics, a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families

from hardening.checks import Finding, Status
from hardening.cli import Exit
from hardening.errors import ConfigError
from scanners.commands import audit
from scanners.outcome import Outcome, decide
from scanners.output import ReportOptions
from scanners.output import judge as selected
from scanners.report import document
from scanners.tls import metrics, page
from scanners.tls.changes import changes
from scanners.tls.checks.samples import GOOD, LEAF, certified
from scanners.tls.checks.unverified import SEEN
from scanners.tls.judge import judge, judge_fleet
from scanners.tls.observations import State, TlsScan
from scanners.tls.results import as_json
from scanners.waivers import Waivers

DEAD = replace(
    GOOD,
    endpoint="dead.example:443",
    state=State.UNREACHABLE,
    reason="connection refused",
    probes={},
    chains=(),
)
EXPIRED = replace(
    certified(not_after=GOOD.taken - timedelta(days=1)), endpoint="late.example:443", partner="acme"
)


def outcome_of(*scans: TlsScan) -> Outcome:
    return decide(judge_fleet(scans), Waivers(), frozenset())


def about(findings: list[Finding], where: str) -> list[Finding]:
    return [finding for finding in findings if finding.where == where]


def test_an_endpoint_that_does_not_answer_is_one_finding_that_lists_what_it_blocks() -> None:
    every = [f for f in judge([DEAD]) if f.status is Status.ERROR]
    (one,) = about(judge_fleet([GOOD, DEAD]), DEAD.where)
    assert one.status is Status.ERROR
    assert {one.control, *one.blocks} == {finding.control for finding in every}
    assert len(one.blocks) > 20
    assert all(control in one.detail for control in one.blocks)
    assert "connection refused" in one.detail


@pytest.mark.parametrize("state", [s for s in State if s not in SEEN])
def test_every_state_without_a_handshake_is_one_finding(state: State) -> None:
    assert len(judge_fleet([replace(DEAD, state=state)])) == 1


@pytest.mark.parametrize("state", SEEN)
def test_what_was_seen_keeps_a_finding_for_each_control(state: State) -> None:
    seen = replace(EXPIRED, state=state)
    assert judge_fleet([seen]) == judge([seen])
    assert any(finding.status is Status.FAIL for finding in judge_fleet([seen]))


def test_whoever_asks_for_one_control_hears_that_it_was_blocked() -> None:
    """`--only` of a control that the other endpoint passes: the dead one is still not verified."""
    found = judge_fleet([GOOD, DEAD])
    for report in (
        ReportOptions(only=("certificate-in-date",)),
        ReportOptions(only=("certificate-*",), skip=("tls-endpoint-answers",)),
    ):
        outcome = selected(found, report, default_waivers=None)
        assert outcome.exit_code() is Exit.UNVERIFIED
    without = ReportOptions(only=("certificate-in-date",), skip=("certificate-in-date",))
    assert selected(found, without, default_waivers=None).rows == ()


def test_findings_and_results_are_as_their_schemas_say() -> None:
    scans = (GOOD, DEAD, EXPIRED)
    texts = {"findings": document.render(outcome_of(*scans)), "tls": as_json(scans)}
    for form, text in texts.items():
        validator = jsonschema_rs.validator_for(schema(form))
        assert [error.message for error in validator.iter_errors(json.loads(text))] == []


def test_what_is_not_as_the_schemas_say_is_refused() -> None:
    findings = json.loads(document.render(outcome_of(GOOD)))
    findings["findings"][0]["status"] = "maybe"
    results = json.loads(as_json([GOOD]))
    results["scans"][0]["state"] = "fine"
    for form, wrong in (("findings", findings), ("tls", results), ("tls", findings), ("findings", results)):
        assert not jsonschema_rs.validator_for(schema(form)).is_valid(wrong)


def test_every_key_of_a_finding_is_in_its_schema() -> None:
    known = schema("findings")["properties"]["findings"]["items"]["properties"]
    written = {key for f in document.document(outcome_of(GOOD, DEAD))["findings"] for key in f}
    assert "blocks" in written
    assert written <= set(known)


def schema(form: str) -> dict[str, Any]:
    printed = CliRunner().invoke(audit, ["schema", form])
    assert printed.exit_code == 0, printed.output
    found: dict[str, Any] = json.loads(printed.stdout)
    return found


def samples(text: str) -> Iterator[tuple[str, dict[str, str], float]]:
    """What Prometheus's own parser reads in the file."""
    for family in text_string_to_metric_families(text):
        assert family.documentation
        assert family.type == "gauge"
        for sample in family.samples:
            yield sample.name, sample.labels, sample.value


def test_prometheus_reads_expiry_and_verdicts() -> None:
    found = list(samples(metrics.render((GOOD, DEAD, EXPIRED), outcome_of(GOOD, DEAD, EXPIRED))))
    ends = {s[1]["endpoint"]: s[2] for s in found if s[0].endswith("not_after_timestamp_seconds")}
    assert ends == {
        GOOD.endpoint: LEAF.not_after.timestamp(),
        EXPIRED.endpoint: (GOOD.taken - timedelta(days=1)).timestamp(),
    }
    answers = {s[1]["endpoint"]: s[2] for s in found if s[0] == "rampart_tls_endpoint_answers"}
    assert answers == {GOOD.endpoint: 1, DEAD.endpoint: 0, EXPIRED.endpoint: 1}
    still_open = {(s[1]["endpoint"], s[1]["control"], s[1]["verdict"]) for s in found if "_open" in s[0]}
    assert (EXPIRED.endpoint, "certificate-in-date", "fail") in still_open
    assert (DEAD.endpoint, "certificate-in-date", "error") in still_open
    assert not [one for one in still_open if one[0] == GOOD.endpoint]
    passing = {
        s[1]["endpoint"] for s in found if s[0] == "rampart_tls_verdicts" and s[1]["verdict"] == "pass"
    }
    assert DEAD.endpoint not in passing
    assert ("rampart_tls_audit_timestamp_seconds", {}, GOOD.taken.timestamp()) in found


def test_a_label_survives_whatever_a_name_holds() -> None:
    odd = replace(GOOD, partner='a"b\\c\nd')
    labels = [s[1] for s in samples(metrics.render((odd,), outcome_of(odd))) if "partner" in s[1]]
    assert labels
    assert {found["partner"] for found in labels} == {'a"b\\c\nd'}


def test_a_collector_sees_the_whole_file_or_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "new" / "tls.prom"
    for text in ("one\n", "two\n"):
        metrics.write(file, text)
        assert file.read_text() == text
    assert [found.name for found in file.parent.iterdir()] == ["tls.prom"]


@pytest.mark.parametrize("place", [".", "/dev/null", "/dev/null/x"])
def test_metrics_go_into_a_file_only(place: str) -> None:
    with pytest.raises(ConfigError, match="--metrics"):
        metrics.write(Path(place), "text")


def test_an_audit_of_nothing_is_a_file_without_samples() -> None:
    assert list(samples(metrics.render((), Outcome(())))) == []


def test_what_changed_is_one_line_where_an_endpoint_stopped_answering() -> None:
    gone = replace(DEAD, endpoint=GOOD.endpoint)
    assert changes([GOOD], [gone]) == [f"{GOOD.endpoint}: answered -> unreachable"]
    assert changes([gone], [GOOD]) == [f"{GOOD.endpoint}: unreachable -> answered"]


def test_the_page_is_by_partner_and_tells_an_unreachable_endpoint_once(tmp_path: Path) -> None:
    text = page.render((GOOD, DEAD, EXPIRED), outcome_of(GOOD, DEAD, EXPIRED))
    assert "<h2>By partner</h2>" in text
    listed = text.split("<h2>Failures", 1)[1].split("<h2>By partner", 1)[0]
    assert listed.count(DEAD.endpoint) == 1
    assert listed.count("acme") >= 1
    hostile = replace(EXPIRED, partner="<script>alert(1)</script>")
    assert "<script>alert" not in page.render((hostile,), outcome_of(hostile))
