"""The forms of a report say the same thing, each in its own words."""

import json
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from hardening.checks import Finding, Status
from hardening.controls import Severity
from scanners.outcome import Outcome, decide
from scanners.report import document, junit, sarif, table
from scanners.report.facts import RunFacts
from scanners.waivers import Waiver, Waivers

CONTROL = "every-audit-completes"
WAIVER = Waiver("CKV_AWS_1", "urn::waived", "accepted for a test", "somebody", date(2099, 1, 1))


@pytest.fixture
def outcome() -> Outcome:
    def finding(check: str, status: Status, where: str, source: str = "") -> Finding:
        return Finding(CONTROL, check, status, where, f"{status} <here>", Severity.HIGH, source)

    findings = [
        finding("a-check", Status.PASS, "urn::good"),
        finding("a-check", Status.FAIL, "urn::bad", "infra/network/vpc.py:12"),
        finding("a-check", Status.ERROR, "urn::dark"),
        finding("another-check", Status.NOT_APPLICABLE, ""),
        finding("CKV_AWS_1", Status.FAIL, "urn::waived"),
    ]
    return decide(findings, Waivers((WAIVER,)), frozenset())


def test_the_table_shows_what_counts_and_adds_up(outcome: Outcome) -> None:
    lines = table.render(outcome).splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["error", "fail"]
    assert "(infra/network/vpc.py:12)" in lines[1]
    assert lines[-1] == "1 passed, 1 failed, 1 not verified, 1 waived, 1 not applicable"
    assert "waived until 2099-01-01: accepted for a test" in table.render(outcome, show_suppressed=True)


def test_the_document_holds_every_judgement_and_the_same_bytes_each_time(outcome: Outcome) -> None:
    text = document.render(outcome)
    assert text == document.render(outcome)
    parsed = json.loads(text)
    assert len(parsed["findings"]) == 5
    assert [f["waiver"]["owner"] for f in parsed["findings"] if f["state"] == "waived"] == ["somebody"]
    assert len({f["fingerprint"] for f in parsed["findings"]}) == 5


def test_sarif_has_a_rule_for_each_result_and_suppresses_what_is_waived(outcome: Outcome) -> None:
    log = json.loads(sarif.render(outcome, "1.0"))
    run = log["runs"][0]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert log["version"] == "2.1.0"
    assert rules == {CONTROL, f"{CONTROL}/CKV_AWS_1"}
    for rule in run["tool"]["driver"]["rules"]:
        assert rule["shortDescription"]["text"] != rule["fullDescription"]["text"]
        assert ("To mend it: " in rule["help"]["text"]) is (rule["id"] == CONTROL)  # no such rule is known
        assert rule["helpUri"].startswith("https://")
    assert {result["ruleId"] for result in run["results"]} <= rules
    kinds = {r["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]: r for r in run["results"]}
    assert kinds["urn::bad"]["level"] == "error"
    assert kinds["urn::bad"]["locations"][0]["physicalLocation"]["region"]["startLine"] == 12
    assert (kinds["urn::dark"]["kind"], kinds["urn::dark"]["level"]) == ("open", "none")
    assert kinds["urn::waived"]["suppressions"][0]["justification"] == "accepted for a test"


def test_junit_counts_failures_errors_and_skips_apart(outcome: Outcome) -> None:
    suite = ET.fromstring(junit.render(outcome)).find("testsuite")  # noqa: S314  (our own text)
    assert suite is not None
    assert {n: suite.get(n) for n in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5", "failures": "1", "errors": "1", "skipped": "2",
    }  # fmt: skip


def test_junit_has_the_sum_of_its_suites_and_the_time_of_the_run(outcome: Outcome) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    facts = RunFacts(target="t", started=noon, ended=noon + timedelta(seconds=90), version="1")
    root = ET.fromstring(junit.render(outcome, facts))  # noqa: S314  (our own text)
    assert [root.get(n) for n in ("tests", "failures", "errors", "skipped")] == ["5", "1", "1", "2"]
    assert (root.get("timestamp"), root.get("time")) == ("2026-01-01T12:00:00Z", "90.000")
