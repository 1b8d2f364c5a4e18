"""Drills: every runbook has one or a reason, its roles may follow it; each fails for what is taken away."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from hardening.checks import Status
from hardening.checks import judge as judged
from hardening.cli import rampart as command_line
from hardening.errors import CollectError, ConfigError
from hardening.runbooks.catalogue import RUNBOOKS
from hardening.runbooks.followed import Done
from hardening.runbooks.render import command
from hardening.runbooks.runbook import ROLES, Phase, Runbook
from infra.lab.drills.aws_words import parse
from infra.lab.drills.drill import play
from infra.lab.drills.incidents import INCIDENTS
from infra.lab.lab_folder import LabFolder
from infra.runbook_command import names_of
from scanners.drills.checks import CHECKS, DRILL
from scanners.drills.notices import NOTICES, notices
from scanners.drills.records import Drill
from scanners.drills.rights import OF_COMMANDS, lacking, may, needs
from scanners.drills.scan import read
from scanners.policy.stack import Stack
from scanners.target import Target
from tests.beds.lab import DeployedLab, rampart
from tests.own_stack import ROOT, own_stack

DRILLED = sorted(INCIDENTS)
TARGET = Target(name="lab", stack_file="stack.json", region="eu-central-1", server_name="ocpi.lab.example")
NAMES = names_of("test", ROOT)
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def test_every_runbook_has_a_drill_or_says_why_none() -> None:
    assert {one.name for one in RUNBOOKS.values() if not one.no_drill} == set(INCIDENTS)


@pytest.mark.parametrize("name", DRILLED)
def test_the_alarm_of_an_incident_is_one_that_leads_to_its_runbook(name: str) -> None:
    assert INCIDENTS[name].alarm in RUNBOOKS[name].alarms


def steps_of(runbook: Runbook) -> tuple[Done, ...]:
    """The steps with a command that a role takes, as if each had been followed."""
    found = []
    for step in runbook.steps:
        line = command(step, NAMES)
        known = line.startswith("aws ") or " ".join(line.split()[1:3]) in OF_COMMANDS
        if line and step.by in ROLES and known:
            rights = (parse(line).action,) if line.startswith("aws ") else ()
            found.append(
                Done(
                    phase=step.phase.value, by=step.by, does=step.does, command=line, ended=0, wanted=0,
                    seconds=0.1, rights=rights,
                )
            )  # fmt: skip
    return tuple(found)


@pytest.mark.parametrize("one", RUNBOOKS.values(), ids=lambda one: one.name)
def test_each_role_may_do_what_a_runbook_has_it_do(one: Runbook) -> None:
    assert list(lacking(own_stack("test"), steps_of(one))) == []


def denying(stack: Stack, action: str) -> Stack:
    """The stack with people denied an action."""
    denied = {"Effect": "Deny", "Action": [action], "Resource": ["*"]}

    def weaker(policy: str) -> str:
        told = json.loads(policy)
        return json.dumps({**told, "Statement": [*told["Statement"], denied]})

    changed = tuple(
        replace(one, inputs={**one.inputs, "policy": weaker(one.inputs["policy"])})
        if (one.type, one.name) == ("aws:iam/policy:Policy", "people-boundary")
        else one
        for one in stack.resources
    )
    return Stack(stack.name, stack.project, changed)


@pytest.mark.parametrize("name", DRILLED)
def test_a_drill_fails_for_each_right_that_is_taken_away(name: str) -> None:
    steps = steps_of(RUNBOOKS[name])
    needed = {(step.by, action) for step in steps for action in needs(step) or ()}
    assert needed
    for by, action in needed:
        missing = tuple(lacking(denying(own_stack("test"), action), steps))
        assert f"{by}: {action}" in missing
        assert not holds(replace(DRILL, lacking=missing))


def test_a_role_without_its_own_policy_may_nothing_that_aws_does_not_give_it() -> None:
    stack = own_stack("test")
    kept = tuple(one for one in stack.resources if one.type != "aws:iam/rolePolicy:RolePolicy")
    without = Stack(stack.name, stack.project, kept)
    assert may(stack, "operator", "lambda:InvokeFunction")
    assert not may(without, "operator", "lambda:InvokeFunction")
    assert not may(stack, "reader", "kms:EnableKey")
    assert not may(stack, "admin", "kms:DisableKey")
    assert not may(stack, "admin", "iam:CreateUser")


def test_a_command_of_which_nobody_knows_the_rights_is_named() -> None:
    [step, *_] = steps_of(RUNBOOKS["leaked-token"])
    told = list(lacking(own_stack("test"), (replace(step, command="rampart token issue P"),)))
    assert told == ["operator: nobody knows what `rampart token issue P` needs"]


def holds(drill: Drill) -> bool:
    return all(one.status is Status.PASS for one in judged(CHECKS, drill))


def test_a_drill_that_ended_well_is_read_as_it_was_printed() -> None:
    text = json.dumps({"version": 1, **{k: v for k, v in asdict(DRILL).items() if k != "lacking"}})
    assert read(text.encode()) == DRILL
    assert holds(DRILL)


# A drill that says that it was contained, not when.
OF_ANOTHER_TYPE = json.dumps({"version": 1, **asdict(DRILL), "contained": "yes"}).encode()


@pytest.mark.parametrize(
    "text", [b"", b"[]", b'{"version": 2}', b'{"version": 1, "steps": [{}]}', b"null", OF_ANOTHER_TYPE]
)
def test_a_drill_in_another_form_is_none(text: bytes) -> None:
    with pytest.raises(CollectError, match="cannot be read"):
        read(text)


def test_the_notices_are_due_by_the_law_and_say_what_happened() -> None:
    told = notices(DRILL, TARGET)
    assert set(told) == {one.file for one in NOTICES}
    aware = datetime.fromisoformat(DRILL.began) + timedelta(seconds=0.5)
    for one, within in zip(NOTICES, (24, 72, 72 + 28 * 24), strict=True):
        assert (
            f"| Due | {(aware + timedelta(hours=within)).isoformat(timespec='minutes')} |" in told[one.file]
        )
        assert DRILL.incident in told[one.file]
        assert "OPEN" in told[one.file]
    assert "Contained" not in told["nis2-early-warning.md"]
    assert "aws kms enable-key" in told["nis2-final-report.md"]


def test_the_notices_of_a_drill_that_failed_do_not_say_that_it_is_over() -> None:
    silent = replace(DRILL.heard, after=None, why="nothing counts it")
    told = notices(replace(DRILL, heard=silent, contained=None, recovered=None), TARGET)
    assert "did not fire" in told["nis2-early-warning.md"]
    assert told["nis2-notification.md"].count("not yet") == 2


def invoke(*words: str) -> object:
    return CliRunner().invoke(command_line, ["drill", *words]).exception


def test_no_drill_is_played_in_an_account_or_for_a_runbook_that_has_none(tmp_path: Path) -> None:
    target = tmp_path / "target.json"
    target.write_text(
        json.dumps({"name": "p", "stack_file": "s", "region": "eu-central-1"}), encoding="utf-8"
    )
    for words, why in (
        (("lost-key", "--target", str(target)), "expected a lab, not an account"),
        (("region-lost", "--target", str(target)), "no drill: the emulator has one machine"),
        (("lost-kye",), "no runbook 'lost-kye'"),
        (("lost-key", "--target", str(tmp_path / "none.json")), "no such file"),
    ):
        error = invoke(*words)
        assert isinstance(error, ConfigError)
        assert why in error.message


def test_a_lab_that_is_not_up_is_no_drill(tmp_path: Path) -> None:
    with pytest.raises(CollectError, match="the lab is not up"):
        play(LabFolder(tmp_path), RUNBOOKS["lost-key"], tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(600)  # the lab comes up within the first
@pytest.mark.parametrize("name", DRILLED)
def test_every_drill_passes_in_the_lab_in_under_three_minutes(
    name: str, lab: DeployedLab, tmp_path: Path
) -> None:
    began = time.monotonic()
    done = rampart("drill", name, "--target", str(lab.target), "--output", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began < 180
    for measured in ("detected", "contained", "recovered"):
        assert f"{measured}: after" in done.stderr
    [run] = tmp_path.glob("*/manifest.json")
    told = {file.name for file in (run.parent / "subjects/drill").iterdir()}
    assert told == {"drill.json", *(one.file for one in NOTICES)}
    assert rampart("evidence", "verify", str(run.parent)).returncode == 0
    # Nothing that opens something is in the record: the tokens of the lab are in files of their own.
    record = (run.parent / "subjects/drill/drill.json").read_text(encoding="utf-8")
    for token in json.loads((lab.folder / "tokens.json").read_text(encoding="utf-8")).values():
        assert token not in record


@pytest.fixture
def silenced(request: pytest.FixtureRequest, lab: DeployedLab) -> Iterator[str]:
    """The name of a drill whose alarm is deleted, and put back afterwards."""
    name: str = request.param
    cloudwatch = lab.clients.get("cloudwatch")
    alarm = f"rampart-test-{INCIDENTS[name].alarm}"
    [found] = cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    known = set(cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members)
    cloudwatch.delete_alarms(AlarmNames=[alarm])
    yield name
    cloudwatch.put_metric_alarm(**{key: value for key, value in found.items() if key in known})


def faults(record: dict[str, object]) -> dict[str, list[str]]:
    """What the checks say of a drill that was played: name of the check -> its failures."""
    drill = read(json.dumps(record).encode())
    found: dict[str, list[str]] = {}
    for one in judged(CHECKS, drill):
        if one.status is not Status.PASS:
            found.setdefault(one.check, []).append(one.detail)
    return found


def sealed(tmp_path: Path) -> Path:
    """A folder with something that looks like a run, for a drill that touches one."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run/findings.json").write_text("[]" * 8, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
@pytest.mark.timeout(600)  # the lab comes up within the first
@pytest.mark.parametrize("silenced", DRILLED, indirect=True)
def test_a_drill_fails_when_its_alarm_is_taken_away(silenced: str, lab: DeployedLab, tmp_path: Path) -> None:
    record = play(LabFolder(lab.folder), RUNBOOKS[silenced], sealed(tmp_path), patience=1)
    found = faults(record)
    assert "there is no alarm" in found["the-alarm-fires"][0]
    assert "the-incident-ends" not in found


@pytest.mark.slow
@pytest.mark.timeout(600)  # the lab comes up within the first
@pytest.mark.parametrize("name", DRILLED)
def test_a_drill_fails_when_its_command_is_taken_away(name: str, lab: DeployedLab, tmp_path: Path) -> None:
    whole = RUNBOOKS[name]
    kept = tuple(step for step in whole.steps if step.phase is not Phase.CONTAIN or not step.command)
    record = play(LabFolder(lab.folder), replace(whole, steps=kept), sealed(tmp_path), patience=1)
    assert "it was not contained" in faults(record)["the-incident-ends"]
