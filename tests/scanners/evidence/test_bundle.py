"""A run's folder: complete or not there, chained to the run before, and free of surprises."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hardening.checks import Finding, Status
from hardening.errors import ConfigError
from scanners.evidence.bundle import Run, write
from scanners.evidence.run_chain import last, links
from scanners.evidence.seal import digest_of, faults, read_manifest
from scanners.outcome import decide
from scanners.target import Scan, Target
from scanners.waivers import Waivers

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FINDING = Finding("every-audit-completes", "policy", Status.PASS, "urn::a")


def a_run(started: datetime = NOON, subject: str = "stack.json") -> Run:
    target = Target(name="test", stack_file="stack.json", region="eu-central-1")
    scan = Scan((FINDING,), {subject: '{"resources": []}'})
    outcome = decide(scan.findings, Waivers(), frozenset())
    return Run(target, {"policy": scan}, outcome, started, started + timedelta(seconds=5))


def test_a_run_holds_findings_subjects_catalogue_report_and_seal(tmp_path: Path) -> None:
    folder, digest = write(a_run(), tmp_path / "runs")
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert names == {
        "SHA256SUMS", "controls.json", "findings.csv", "findings.json", "findings.ocsf.json",
        "findings.sarif", "findings.xml", "manifest.json", "report.html", "subjects/policy/stack.json",
        "oscal/assessment-results.json", "oscal/catalog.json", "oscal/component-definition.json",
        "oscal/mapping-collection.json",
    }  # fmt: skip
    assert folder.name == "20260101T120000Z-test"
    assert digest == digest_of(folder)
    assert list(faults(folder)) == []
    assert json.loads((folder / "findings.json").read_text(encoding="utf-8"))["counts"]["pass"] == 1


def test_each_run_holds_the_seal_of_the_run_before(tmp_path: Path) -> None:
    first, seal = write(a_run(), tmp_path)
    second, _ = write(a_run(NOON + timedelta(minutes=1)), tmp_path)
    assert read_manifest(first)["previous"] == ""
    assert read_manifest(second)["previous"] == seal
    assert last(links(tmp_path)) == second


def test_two_runs_in_the_same_second_do_not_collide(tmp_path: Path) -> None:
    first, _ = write(a_run(), tmp_path)
    second, _ = write(a_run(), tmp_path)
    assert first != second
    assert list(faults(first)) == list(faults(second)) == []


def test_a_run_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="outside the run's folder"):
        write(a_run(subject="../../../escape.json"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_a_file_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(ConfigError, match="--output"):
        write(a_run(), file)
