"""Readers of what the emulator does not hold, against answers made from AWS's service models."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.model import OperationModel, ServiceModel, Shape

from infra.lab.unsupported import TYPES, UNLISTED
from scanners.drift.account import View
from scanners.drift.readers import READERS
from scanners.drift.reading import ReadTask, read
from scanners.drift.records import ResourceReader
from tests.beds.aws_account import REGION
from tests.mutation.drift_values import any_value, others

UNHELD = {
    reader.type: reader
    for reader in READERS
    if reader.fields and (reader.type in TYPES or reader.type in UNLISTED)
}
# What somebody can set and a reader need not tell apart: it says when, who, how many, or the same once more.
NOT_A_SETTING = {
    "createdAt",
    "CreationTime",
    "ModificationTime",
    "CreatorRequestId",
    "CreatorUserId",
    "nextToken",
    "NextToken",
    "MaxResults",
    "maxResults",
}


class Answers:
    """Stands where AWS is: each question is answered in the form of its model, the same each time."""

    def __init__(self) -> None:
        self.given: dict[tuple[str, str], Any] = {}
        self.models: dict[tuple[str, str], OperationModel] = {}
        self.session = boto3.Session("test", "test", region_name=REGION)
        self.session.events.register("before-call", self.answer)

    def answer(self, model: OperationModel, **_: Any) -> tuple[AWSResponse, Any]:
        key = (model.service_model.service_name, model.name)
        self.models[key] = model
        if key not in self.given:
            shape = model.output_shape
            self.given[key] = whole(shape, model.name) if shape else {}
        return AWSResponse("https://aws.example", 200, {}, None), copy.deepcopy(self.given[key])

    def live(self, reader: ResourceReader) -> Any:
        """What the reader reads of them, and its failures."""
        region = "" if reader.is_global else REGION
        task = ReadTask(reader, region, ("changed",))
        reading = read(View(self.session, REGION, ""), (task,), lambda _, __: None)
        return reading.failures, reading.live


def whole(shape: Shape, name: str, depth: int = 0) -> Any:
    """An answer with every member that the model has, lists with one item; pages end at once."""
    match shape.type_name:
        case "structure" if depth < 6:
            return {
                each: whole(member, each, depth + 1)
                for each, member in shape.members.items()
                if each.lower() not in ("nexttoken", "marker", "nextmarker")
            }
        case "list":
            return [whole(shape.member, name, depth + 1)] if depth < 6 else []
        case _:
            return any_value(shape, name)


def settable(model: ServiceModel) -> set[str]:
    """The members of everything that can be written."""
    found: set[str] = set()

    def walk(shape: Shape | None, depth: int = 0) -> None:
        if shape is None or depth > 5:
            return
        if shape.type_name == "structure":
            for name, member in shape.members.items():
                found.add(name)
                walk(member, depth + 1)
        elif shape.type_name == "list":
            walk(shape.member, depth + 1)

    for name in model.operation_names:
        if name.startswith(("Create", "Update", "Put", "Enable", "Associate", "BatchEnable", "Import")):
            walk(model.operation_model(name).input_shape)
    return found - NOT_A_SETTING


def changed(answers: Answers) -> Iterator[tuple[str, tuple[str, ...], Mapping[str, Any]]]:
    """Every answer with one settable member changed: the question, the path, and the answer."""
    for key, model in list(answers.models.items()):
        names = settable(model.service_model)
        shape = model.output_shape
        for path, value in others(shape, "", answers.given[key]) if shape else ():
            if path and path[-1] in names:
                yield ".".join(key), path, value


# A member that is in the answer and that its reader does not tell, with the reason.
_KNOWN_BY = "what the resource is known by: another is another resource"
_STATE = "a state or a description by AWS, and nobody's setting"
_OTHER = "the setting of another type, whose own reader tells it"
_NAME = "a name beside the id"
_OLD = "the threat protection that DnsThreatProtection says too, in the API's second form"
UNREAD = {
    "ListAnalyzers.analyzers.status": _STATE,
    "GetBackupSelection.BackupPlanId": _KNOWN_BY,
    "ListBackupPlans.BackupPlansList.AdvancedBackupSettings": _OTHER,
    "ListBackupPlans.BackupPlansList.AdvancedBackupSettings.ResourceType": _OTHER,
    "ListBackupPlans.BackupPlansList.BackupPlanName": _OTHER,
    "ListBackupSelections.BackupSelectionsList.BackupPlanId": _KNOWN_BY,
    "ListBackupSelections.BackupSelectionsList.IamRoleArn": "GetBackupSelection says it too",
    "ListBackupSelections.BackupSelectionsList.SelectionName": "GetBackupSelection says it too",
    "ListFirewallRuleGroupAssociations.FirewallRuleGroupAssociations.Arn": _KNOWN_BY,
    "ListFirewallRuleGroupAssociations.FirewallRuleGroupAssociations.Id": _KNOWN_BY,
    "ListFirewallRuleGroupAssociations.FirewallRuleGroupAssociations.Name": _NAME,
    "ListFirewallRuleGroups.FirewallRuleGroups.Arn": _KNOWN_BY,
    "ListFirewallRules.FirewallRules.FirewallRuleGroupId": _KNOWN_BY,
    "ListFirewallRules.FirewallRules.FirewallRuleType.DnsThreatProtection.ConfidenceThreshold": _OLD,
    "ListFirewallRules.FirewallRules.FirewallRuleType.DnsThreatProtection.Value": _OLD,
    "ListFirewallRules.FirewallRules.FirewallThreatProtectionId": _KNOWN_BY,
    "ListFirewallRules.FirewallRules.Name": _NAME,
    "ListFirewallDomainLists.FirewallDomainLists.Arn": _KNOWN_BY,
    "ListFirewallDomainLists.FirewallDomainLists.Category": _STATE,
    "ListFirewallConfigs.FirewallConfigs.Id": _KNOWN_BY,
    "GetFilter.Name": _KNOWN_BY,
    "DescribeHub.AutoEnableControls": _OTHER,
    "DescribeHub.ControlFindingGenerator": _OTHER,
    "GetFindingAggregator.FindingAggregatorArn": _KNOWN_BY,
    "GetEnabledStandards.StandardsSubscriptions.Provider": _STATE,
}

# One answer has the alarms of every type; which tags a notice carries is no input of Pulumi's.
OF_OTHER_TYPES = (
    "DescribeAlarms.MetricAlarms",
    "DescribeAlarms.LogAlarms",
    "DescribeAlarms.CompositeAlarms.ActionConfiguration.AlarmTagsPropagation",
)


def test_there_are_such_readers() -> None:
    assert len(UNHELD) > 6


@pytest.mark.parametrize("type_", UNHELD)
def test_a_reader_takes_an_answer_of_its_model(type_: str) -> None:
    failures, live = Answers().live(UNHELD[type_])
    assert failures == {}
    assert [row for rows in live.values() for row in rows]
    assert not [row.unseen for rows in live.values() for row in rows if row.unseen]


@pytest.mark.parametrize("type_", UNHELD)
def test_each_settable_member_of_an_answer_is_read(type_: str) -> None:
    answers = Answers()
    before = answers.live(UNHELD[type_])
    unread = set()
    for question, path, value in changed(answers):
        service, _, operation = question.partition(".")
        kept = answers.given[service, operation]
        answers.given[service, operation] = value
        if answers.live(UNHELD[type_]) == before:
            unread.add(f"{operation}.{'.'.join(path)}")
        answers.given[service, operation] = kept
    unread = {path for path in unread if not path.startswith(OF_OTHER_TYPES)}
    assert sorted(unread - set(UNREAD)) == []
