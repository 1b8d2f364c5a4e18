"""Runbooks: every alarm leads to one, every command in them exists, and the documents are what is printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from hardening.cli import rampart
from hardening.errors import ConfigError
from hardening.runbooks.catalogue import RUNBOOKS, runbook_named, runbook_of
from hardening.runbooks.render import command, page
from hardening.runbooks.runbook import Phase, Runbook
from infra.lab.drills.aws_words import parse
from infra.runbook_command import names_of
from tests.own_stack import ROOT, own_stack

NAMES = names_of("production", ROOT)
COMMANDS = sorted(
    {(one.name, command(step, NAMES)) for one in RUNBOOKS.values() for step in one.steps if step.command}
)
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
ALARM, RULE = "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/eventRule:EventRule"


@pytest.mark.parametrize("stack", ["test", "production"])
def test_every_alarm_and_every_event_rule_leads_to_a_runbook_and_no_runbook_names_another(stack: str) -> None:
    every = [one for kind in (ALARM, COMPOSITE, RULE) for one in own_stack(stack).of_type(kind)]
    # A part of a composite alarm tells nobody; the composite does.
    told = {one.name for one in every if one.type != ALARM or one.inputs["alarmActions"]}
    assert told
    assert {alarm for one in RUNBOOKS.values() for alarm in one.alarms} == told


def test_no_alarm_is_in_two_runbooks() -> None:
    named = [alarm for one in RUNBOOKS.values() for alarm in one.alarms]
    assert len(named) == len(set(named))


def test_every_alarm_says_which_command_prints_its_runbook() -> None:
    for alarm in own_stack("test").of_type(ALARM, COMPOSITE):
        name = alarm.name if alarm.inputs["alarmActions"] else alarm.name.rpartition("-")[0]
        ending = f". Runbook: rampart runbook {runbook_of(name).name}"
        assert alarm.inputs["alarmDescription"].endswith(ending)


@pytest.mark.parametrize(("name", "line"), COMMANDS)
def test_every_command_of_a_runbook_exists_with_these_options(name: str, line: str) -> None:
    """Those of rampart are parsed by it, those of aws held against AWS's models of its services."""
    words = shlex.split(line)
    if words[0] == "aws":
        parse(line)
        return
    assert words[0] == "rampart"
    result = CliRunner().invoke(rampart, [*words[1:], "--help"])
    assert result.exit_code == 0, result.output
    asked = {word for word in words if word.startswith("--")}
    assert [option for option in asked if not re.search(rf"{option}\b", result.output)] == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("aws kms enable-kye --key-id K", "no such command"),
        ("aws kmss enable-key --key-id K", "no such service"),
        ("aws kms enable-key --kye-id K", "no option --kye-id"),
        ("aws kms enable-key", "lacks KeyId"),
        ("aws kms enable-key K", "expected an option"),
        ("aws kms", "expected aws, a service and a command"),
    ],
)
def test_a_command_that_aws_does_not_have_is_noticed(line: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        parse(line)


def test_a_call_has_the_values_that_were_written() -> None:
    call = parse("aws ecs update-service --cluster c --service s --force-new-deployment --region eu-west-1")
    assert (call.operation, call.action, call.region) == ("update_service", "ecs:UpdateService", "eu-west-1")
    assert call.parameters() == {"cluster": "c", "service": "s", "forceNewDeployment": True}
    listed = parse("aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=X")
    assert listed.parameters() == {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "X"}]}
    with pytest.raises(ConfigError, match="expected a number"):
        parse("aws logs get-log-events --log-stream-name s --limit many").parameters()


@pytest.mark.parametrize("one", RUNBOOKS.values(), ids=lambda one: one.name)
def test_a_runbook_begins_contains_restores_and_ends_with_what_was_learned(one: Runbook) -> None:
    assert one.signs or one.alarms
    for phase in (Phase.FIRST, Phase.CONTAIN, Phase.RESTORE, Phase.TELL, Phase.AFTERWARDS):
        if phase is not Phase.TELL or one.name not in ("evidence-tampered", "rotation-stuck"):
            assert one.of(phase), phase
    for step in one.steps:
        assert step.by
        assert step.does.endswith((".", "?", ":"))
        assert step.command or not step.by_hand


@pytest.mark.parametrize("one", RUNBOOKS.values(), ids=lambda one: one.name)
def test_the_document_is_what_the_command_prints_for_production(one: Runbook) -> None:
    mend = f"rampart runbook {one.name} > docs/runbooks/{one.name}.md"
    assert (ROOT / "docs/runbooks" / f"{one.name}.md").read_text(encoding="utf-8") == page(one, NAMES), mend


def test_there_is_no_document_of_a_runbook_that_is_gone() -> None:
    assert {file.stem for file in (ROOT / "docs/runbooks").glob("*.md")} == set(RUNBOOKS)


def test_the_command_prints_names_contacts_and_commands_of_the_stack() -> None:
    result = CliRunner().invoke(rampart, ["runbook", "leaked-token", "--stack", "test"])
    assert result.exit_code == 0, result.output
    assert "rampart token revoke PARTNER --stack test --reason INCIDENT" in result.output
    for word in ("rampart-test-operator", "security@example.com", "+31201234567", "ocpi-test.example.com"):
        assert word in result.output, word
    assert "production" not in result.output


def test_the_command_lists_every_runbook_with_its_alarms() -> None:
    result = CliRunner().invoke(rampart, ["runbook"])
    assert [line.split()[0] for line in result.output.splitlines()] == list(RUNBOOKS)


def test_a_target_names_its_own_stack(tmp_path: Path) -> None:
    target = tmp_path / "target.json"
    target.write_text(f'{{"name": "lab", "project": "{ROOT}"}}', encoding="utf-8")
    result = CliRunner().invoke(rampart, ["runbook", "lost-key", "--target", str(target)])
    assert f"rampart audit drift --target {target}" in result.output
    target.write_text("{}", encoding="utf-8")
    result = CliRunner().invoke(rampart, ["runbook", "lost-key", "--target", str(target)])
    assert isinstance(result.exception, ConfigError)


def test_a_misspelt_name_is_told_the_others() -> None:
    with pytest.raises(ConfigError, match="no runbook 'leaked-tokn'") as raised:
        runbook_named("leaked-tokn")
    assert "leaked-token" in raised.value.hint
