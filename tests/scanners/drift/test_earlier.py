"""What became of the drift of an earlier run: new, gone, still there, or not known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.checks import Finding, Status
from hardening.errors import ConfigError
from scanners.drift.earlier import CONTROLS_OF_DRIFT, Failure, failures_of, said, since
from scanners.outcome import decide
from scanners.report import document
from scanners.waivers import Waivers

GROUP = "urn:pulumi:test::example::aws:ec2/securityGroup:SecurityGroup::guard"
EXPOSURE, UNMANAGED = "exposure-as-declared", "nothing-unmanaged"


def finding(control: str, where: str, status: Status = Status.FAIL) -> Finding:
    return Finding(control, control, status, where, "as it was found")


def written(folder: Path, findings: Sequence[Finding]) -> Path:
    file = folder / "findings.json"
    file.write_text(document.render(decide(findings, Waivers(), frozenset())))
    return file


def test_what_came_what_went_and_what_stayed(tmp_path: Path) -> None:
    kept, went = finding(EXPOSURE, f"{GROUP}#ingress"), finding(UNMANAGED, "aws:sqs/queue:Queue old")
    came = finding(UNMANAGED, "aws:sqs/queue:Queue new")
    found = since(failures_of(written(tmp_path, [kept, went])), [kept, came])
    assert [len(each) for each in (found.new, found.gone, found.still, found.unknown)] == [1, 1, 1, 0]
    lines = said(found)
    assert lines[0].startswith("new: aws:sqs/queue:Queue new")
    assert lines[-1] == "1 new, 1 gone, 1 still there, 0 not known"


def test_an_evidence_folder_is_named_by_itself(tmp_path: Path) -> None:
    written(tmp_path, [finding(EXPOSURE, f"{GROUP}#ingress")])
    assert len(failures_of(tmp_path)) == 1


@pytest.mark.parametrize(
    "now",
    [
        [],
        [finding(EXPOSURE, GROUP, Status.ERROR)],
        [finding(EXPOSURE, f"{GROUP}#ingress", Status.ERROR)],
        [finding(UNMANAGED, "aws:sqs/queue:Queue", Status.PASS)],
    ],
    ids=["nothing", "the group unread", "the property unread", "another control alone"],
)
def test_what_could_not_be_looked_at_is_not_gone(tmp_path: Path, now: list[Finding]) -> None:
    before = failures_of(written(tmp_path, [finding(EXPOSURE, f"{GROUP}#ingress")]))
    found = since(before, now)
    assert (found.gone, len(found.unknown)) == ((), 1)


def test_an_unread_resource_elsewhere_hides_nothing(tmp_path: Path) -> None:
    before = failures_of(written(tmp_path, [finding(EXPOSURE, f"{GROUP}#ingress")]))
    assert len(since(before, [finding(EXPOSURE, f"{GROUP}-two", Status.ERROR)]).gone) == 1


PLACES = st.lists(
    st.builds(
        finding,
        st.sampled_from(sorted(CONTROLS_OF_DRIFT)),
        st.sampled_from([GROUP, f"{GROUP}#ingress", f"{GROUP}#tags", "aws:sqs/queue:Queue a"]),
        st.sampled_from([Status.FAIL, Status.PASS, Status.ERROR]),
    )
)


@given(PLACES, PLACES)
def test_each_failure_has_one_fate(before: list[Finding], now: list[Finding]) -> None:
    folder_less = [f for f in before if f.status is Status.FAIL]
    report = json.loads(document.render(decide(folder_less, Waivers(), frozenset())))
    rows = [Failure(**{name: row[name] for name in Failure.__struct_fields__}) for row in report["findings"]]
    found = since(rows, now)
    failing = {f"{f.control} {f.where}" for f in now if f.status is Status.FAIL}
    assert len(found.gone) + len(found.still) + len(found.unknown) == len(rows)
    assert len(found.new) + len(found.still) == len(failing)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "no such file"),
        ("{", "not a report"),
        ("[]", "not a report"),
        ('{"format": "x", "findings": []}', "format: expected rampart-findings/1"),
        ('{"format": "rampart-findings/1", "findings": [{}]}', "not a report"),
        ('{"format": "rampart-findings/1", "findings": []}', "says nothing of drift"),
    ],
)
def test_what_is_no_report_is_one_clear_line(tmp_path: Path, text: str | None, expected: str) -> None:
    file = tmp_path / "run.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(ConfigError, match=expected) as raised:
        failures_of(file)
    assert "audit drift" in raised.value.hint


def test_a_file_that_is_no_text_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not a report"):
        failures_of(file)
