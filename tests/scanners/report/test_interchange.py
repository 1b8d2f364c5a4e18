"""OSCAL, OCSF and CSV: each form holds the same judgements, in the same numbers."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
from click.testing import CliRunner

from hardening.checks import Finding, Status
from hardening.cli import rampart
from hardening.controls import CONTROLS, Severity
from hardening.controls.standards import STANDARDS
from scanners.outcome import Outcome, Row, State, decide
from scanners.report import asff, comma_separated, document, junit, ocsf, sarif
from scanners.report.facts import RunFacts
from scanners.report.oscal.documents import documents
from scanners.waivers import Waiver, Waivers

SCHEMAS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "oscal"
SCHEMA_OF = {
    "catalog.json": "catalog",
    "component-definition.json": "component",
    "mapping-collection.json": "mapping",
    "assessment-results.json": "assessment-results",
    "plan-of-action-and-milestones.json": "poam",
}
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FACTS = RunFacts(target="test", started=NOON, ended=NOON.replace(second=9), version="1.2.3")
WAIVER = Waiver("CKV_AWS_1", "urn::waived", "accepted for a test", "somebody", date(2099, 1, 1))


def _outcome(*findings: Finding) -> Outcome:
    return decide(findings, Waivers((WAIVER,)), frozenset())


@pytest.fixture
def outcome() -> Outcome:
    return _outcome(
        Finding("keys-rotate", "keys-rotate", Status.PASS, "urn::good"),
        Finding("flow-logs-on", "flow-logs-on", Status.FAIL, "urn::bad", "off\n  and out", Severity.CRITICAL),
        Finding("flow-logs-on", "flow-logs-on", Status.PASS, "urn::good"),
        Finding("trail-complete", "trail-complete", Status.ERROR, "urn::dark", "unknown"),
        Finding("images-pinned", "images-pinned", Status.NOT_APPLICABLE, "urn::none"),
        Finding("aws-baseline", "CKV_AWS_1", Status.FAIL, "urn::waived", "no", Severity.HIGH),
    )


@pytest.fixture
def oscal(outcome: Outcome) -> dict[str, Any]:
    return {name: json.loads(text) for name, text in documents(outcome, FACTS).items()}


@pytest.mark.skipif(not SCHEMAS.exists(), reason="NIST's schemas are not beside the project")
@pytest.mark.parametrize("name", SCHEMA_OF)
def test_each_oscal_document_is_valid_by_nists_schema(oscal: dict[str, Any], name: str) -> None:
    schema = json.loads((SCHEMAS / f"oscal_{SCHEMA_OF[name]}.json").read_text(encoding="utf-8"))
    validator = jsonschema_rs.validator_for(schema)
    assert [f"{error.instance_path}: {error.message}" for error in validator.iter_errors(oscal[name])] == []
    assert not validator.is_valid({}), "a validator that takes anything proves nothing"


def test_oscal_has_an_observation_for_each_judgement_and_a_finding_for_each_control(
    oscal: dict[str, Any],
) -> None:
    (result,) = oscal["assessment-results.json"]["assessment-results"]["results"]
    states = {f["title"]: f["target"]["status"] for f in result["findings"]}
    assert len(result["observations"]) == 6
    assert {control: state["state"] for control, state in states.items()} == {
        "keys-rotate": "satisfied",
        "flow-logs-on": "not-satisfied",
        "trail-complete": "not-satisfied",
        "aws-baseline": "not-satisfied",
    }
    assert states["trail-complete"]["reason"] == "other"
    reviewed = result["reviewed-controls"]["control-selections"][0]["include-controls"]
    assert {one["control-id"] for one in reviewed} == {*states, "images-pinned"}
    assert result["description"] == f"5 of {len(CONTROLS)} controls were looked at."


def test_every_reference_inside_the_oscal_documents_leads_somewhere(oscal: dict[str, Any]) -> None:
    for name in ("assessment-results.json", "plan-of-action-and-milestones.json"):
        (document,) = oscal[name].values()
        text = json.dumps(document)
        observations = [one["uuid"] for part in _parts(document, "observations") for one in part]
        used = {one for one in observations if text.count(one) > 1}
        assert len(set(observations)) == len(observations)
        referred = {
            link["observation-uuid"] for part in _parts(document, "related-observations") for link in part
        }
        assert referred <= set(observations)
        assert used == referred
    known = {c["id"] for g in oscal["catalog.json"]["catalog"]["groups"] for c in g["controls"]}
    assert known == set(CONTROLS)


def _parts(document: Any, name: str) -> list[Any]:
    """Every value under the key `name`, at any depth."""
    if isinstance(document, list):
        return [found for one in document for found in _parts(one, name)]
    if not isinstance(document, dict):
        return []
    deeper = [found for value in document.values() for found in _parts(value, name)]
    return deeper + ([document[name]] if name in document else [])


def test_what_is_accepted_has_its_owner_and_last_day_in_the_plan_of_action(oscal: dict[str, Any]) -> None:
    plan = oscal["plan-of-action-and-milestones.json"]["plan-of-action-and-milestones"]
    by_status = {risk["status"]: risk for risk in plan["risks"]}
    accepted = by_status["deviation-approved"]
    assert (accepted["deadline"], accepted["statement"]) == ("2099-01-01T23:59:59Z", "accepted for a test")
    assert {prop["name"]: prop["value"] for prop in accepted["props"]}["owner"] == "somebody"
    assert by_status["open"]["statement"] == "nobody accepted it"
    assert len(plan["poam-items"]) == 2


def test_where_all_holds_there_is_no_plan_of_action() -> None:
    holds = _outcome(Finding("keys-rotate", "keys-rotate", Status.PASS, "urn::good"))
    assert "plan-of-action-and-milestones.json" not in documents(holds, FACTS)


def test_the_mapping_has_every_link_and_every_clause_that_nothing_assesses(oscal: dict[str, Any]) -> None:
    mappings = oscal["mapping-collection.json"]["mapping-collection"]["mappings"]
    assert len(mappings) == len(STANDARDS)
    links = sum(len(mapping["maps"]) for mapping in mappings)
    assert links == sum(len(control.frameworks) for control in CONTROLS.values())
    # A clause is named the same way where something answers to it and where nothing does.
    named = {one["targets"][0]["id-ref"] for mapping in mappings for one in mapping["maps"]}
    assert {"_1.2.8", "API3", "PR.DS-01"} <= named


def test_ocsf_has_an_event_for_each_judgement(outcome: Outcome) -> None:
    events = json.loads(ocsf.render(outcome, FACTS))
    assert Counter(event["compliance"]["status"] for event in events) == {
        "Pass": 2, "Fail": 2, "Unknown": 1, "Other": 1,
    }  # fmt: skip
    assert {(e["class_uid"], e["type_uid"], e["time"]) for e in events} == {(2003, 200301, 1767268809000)}
    waived = next(event for event in events if event["resources"][0]["uid"] == "urn::waived")
    assert (waived["status"], waived["severity"]) == ("Suppressed", "High")
    logs = next(event for event in events if event["message"].startswith("off"))
    assert "cis-aws" in logs["compliance"]["standards"]
    assert "iso27001:A.8.15" in logs["compliance"]["requirements"]


def test_csv_has_a_line_for_each_judgement(outcome: Outcome) -> None:
    lines = list(csv.DictReader(io.StringIO(comma_separated.render(outcome))))
    assert [line["fingerprint"] for line in lines] == [row.fingerprint for row in outcome.rows]
    assert [line["owner"] for line in lines if line["state"] == "waived"] == ["somebody"]
    assert next(line["detail"] for line in lines if line["where"] == "urn::bad") == "off\n  and out"


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(first: str) -> None:
    finding = Finding("keys-rotate", "keys-rotate", Status.FAIL, "urn", f'{first}HYPERLINK("x")')
    text = comma_separated.render(Outcome((Row(finding, State.OPEN),)))
    (line,) = csv.DictReader(io.StringIO(text))
    assert line["detail"] == f"'{finding.detail}"


def test_every_form_has_the_same_numbers_and_the_same_bytes_each_time(
    outcome: Outcome, oscal: dict[str, Any]
) -> None:
    counted = Counter((row.finding.status.value, row.state.value) for row in outcome.rows)
    found = json.loads(document.render(outcome))["findings"]
    events = json.loads(ocsf.render(outcome, FACTS))
    lines = csv.DictReader(io.StringIO(comma_separated.render(outcome)))
    (result,) = oscal["assessment-results.json"]["assessment-results"]["results"]
    seen = ({p["name"]: p["value"] for p in one["props"]} for one in result["observations"])
    assert Counter((one["status"], one["state"]) for one in found) == counted
    assert Counter((e["unmapped"]["status"], e["unmapped"]["state"]) for e in events) == counted
    assert Counter((line["status"], line["state"]) for line in lines) == counted
    assert Counter((one["status"], one["state"]) for one in seen) == counted
    imported = json.loads(asff.render(outcome, FACTS, "123456789012", "eu-central-1"))
    assert Counter((p["status"], p["state"]) for p in (one["ProductFields"] for one in imported)) == counted
    # What an import suppresses, none shows again (BatchImportFindings), and a waiver ends.
    assert {one["Workflow"]["Status"] for one in imported} == {"NEW"}
    suites = ET.fromstring(junit.render(outcome))  # noqa: S314  (our own text)
    assert len(suites.findall("testsuite/testcase")) == len(outcome.rows)
    assert len(suites.findall("testsuite/testcase/failure")) == len(outcome.open(Status.FAIL))
    assert len(suites.findall("testsuite/testcase/error")) == len(outcome.open(Status.ERROR))
    (told,) = json.loads(sarif.render(outcome, "1"))["runs"]
    assert told["properties"]["counts"] == outcome.counts()
    assert len(told["results"]) == sum(n for (status, _), n in counted.items() if status in ("fail", "error"))
    assert documents(outcome, FACTS) == documents(outcome, FACTS)


def test_two_forms_never_share_stdout() -> None:
    refused = CliRunner().invoke(rampart, ["audit", "policy", "--format", "json", "--format", "csv"])
    assert refused.exit_code == 2
    assert refused.stdout == ""
    assert "name one with --output" in refused.stderr
