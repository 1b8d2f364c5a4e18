"""Acceptance: a lab that is up is used as a partner would use it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hardening.checks import Status
from hardening.cli import Exit
from hardening.errors import CollectError
from infra.lab.acceptance import ABSENT
from scanners.acceptance.checks import TRIED
from scanners.acceptance.records import Absent, Acceptance, Step
from scanners.acceptance.scan import judge, read, scan, use
from scanners.target import Target
from tests.beds.lab import DeployedLab, rampart
from tests.infra.lab.test_declared_tasks import function_without

HELD = Acceptance(partner="example-emsp", steps=tuple(Step(c, "here", "yes", "yes") for c in TRIED))


def found(acceptance: Acceptance) -> dict[str, Status]:
    return {finding.control: finding.status for finding in judge(acceptance)}


def test_a_run_of_which_every_step_held_is_accepted() -> None:
    assert found(HELD) == dict.fromkeys(TRIED, Status.PASS)


@pytest.mark.parametrize("control", TRIED)
def test_a_control_of_which_nothing_was_tried_is_not_verified(control: str) -> None:
    fewer = replace(HELD, steps=tuple(step for step in HELD.steps if step.control != control))
    assert found(fewer)[control] is Status.ERROR


def test_what_an_environment_does_not_have_is_told_with_its_reason() -> None:
    steps = tuple(step for step in HELD.steps if step.control != "alarms-reach-people")
    absent = replace(
        HELD, steps=steps, absent=(Absent("alarms-reach-people", "an alarm", "nobody is notified"),)
    )
    told = [f for f in judge(absent) if f.status is Status.NOT_APPLICABLE]
    assert [(f.control, f.detail) for f in told] == [("alarms-reach-people", "nobody is notified")]


@pytest.mark.parametrize("text", [b"", b"[]", b'{"version": 2}', b'{"version": 1, "steps": [{}]}'])
def test_a_run_in_another_form_is_no_run(text: bytes) -> None:
    with pytest.raises(CollectError, match="cannot be read"):
        read(text)


def test_a_real_account_without_a_test_partner_is_not_accepted(tmp_path: Path) -> None:
    with pytest.raises(CollectError, match="no token of a test partner"):
        use(Target(name="prod", stack_file=str(tmp_path / "stack.json"), region="eu-central-1"))


def test_a_lab_that_is_not_up_is_one_line(tmp_path: Path) -> None:
    target = Target(name="lab", stack_file=str(tmp_path / "stack.json"), region="x", aws_endpoint="https://x")
    with pytest.raises(CollectError, match="the lab is not up"):
        use(target)


def test_the_lab_is_accepted_and_the_proof_is_sealed(lab: DeployedLab, tmp_path: Path) -> None:
    done = rampart("accept", "--target", str(lab.folder / "target.json"), "--output", str(tmp_path))
    assert done.returncode == Exit.HOLDS, done.stdout + done.stderr
    folder = Path(done.stdout.splitlines()[-1])
    assert rampart("evidence", "verify", str(folder)).returncode == Exit.HOLDS
    run = json.loads(next(folder.rglob("acceptance.json")).read_text())
    assert {step["control"] for step in run["steps"]} == set(TRIED) - set(ABSENT)
    assert {one["control"] for one in run["absent"]} == set(ABSENT)


def test_a_lab_whose_rotation_is_dead_is_not_accepted(lab: DeployedLab) -> None:
    with function_without(lab, "RAMPART_EGRESS_URL"):
        findings = scan(Target.read(lab.folder / "target.json")).findings
    failed = [(f.control, f.detail) for f in findings if f.status is Status.FAIL]
    assert failed == [("secrets-rotate-monthly", "wanted the new token: 200/1000, seen KeyError")]
