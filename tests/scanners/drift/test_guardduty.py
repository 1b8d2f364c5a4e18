"""Filters and features of GuardDuty, which the emulator cannot tell: answers in the form of AWS's model."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from scanners.drift.account import View
from scanners.drift.compare import compare
from scanners.drift.declared import Declared
from scanners.drift.readers.guardduty import READERS
from scanners.drift.reading import read, read_tasks
from scanners.drift.records import Drift, ResourceReader
from scanners.drift.session import open_account
from scanners.policy.stack import Resource
from tests.beds.aws_account import REGION, Account, declare, emulated_account, stack_of

ANSWERS = {
    "before-send.guardduty.ListDetectors": {"detectorIds": ["d1"]},
    "before-send.guardduty.GetDetector": {
        "status": "ENABLED",
        "features": [
            {"name": "CLOUD_TRAIL", "status": "ENABLED"},
            {"name": "S3_DATA_EVENTS", "status": "ENABLED"},
            {
                "name": "RUNTIME_MONITORING",
                "status": "ENABLED",
                "additionalConfiguration": [
                    {"name": "ECS_FARGATE_AGENT_MANAGEMENT", "status": "ENABLED"},
                    {"name": "EC2_AGENT_MANAGEMENT", "status": "DISABLED"},
                ],
            },
        ],
    },
    "before-send.guardduty.ListFilters": {"filterNames": ["quiet"]},
    "before-send.guardduty.GetFilter": {
        "name": "quiet",
        "action": "ARCHIVE",
        "findingCriteria": {"criterion": {"severity": {"gte": 1, "greaterThanOrEqual": 1}}},
    },
}
FILTERS = tuple(reader for reader in READERS if reader.type == "aws:guardduty/filter:Filter")
DETECTORS = tuple(reader for reader in READERS if reader not in FILTERS)


class _Body(io.BytesIO):
    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def answered(request: Any, event_name: str, **_: Any) -> AWSResponse | None:
    if event_name not in ANSWERS:
        return None
    return AWSResponse(request.url, 200, {}, _Body(json.dumps(ANSWERS[event_name]).encode()))


@pytest.fixture(scope="module")
def view() -> Iterator[View]:
    with emulated_account() as account:
        yield opened(account)


def opened(account: Account) -> View:
    view = open_account(account.target(Path()))
    view.session.events.register("before-send", answered)
    return view.afresh_clients()


def drift_of(view: View, *resources: Resource, readers: tuple[ResourceReader, ...] = FILTERS) -> Drift:
    declared = Declared(stack_of(*resources), REGION)
    reading = read(view, tuple(read_tasks(declared, readers)), lambda _, __: None)
    assert not reading.failures
    return compare(declared, reading, readers)


def declared_filter(action: str, least: str) -> Resource:
    criteria = {"criterions": [{"field": "severity", "greaterThanOrEqual": least}]}
    inputs = {"detectorId": "d1", "name": "quiet", "action": action, "findingCriteria": criteria}
    return declare("aws:guardduty/filter:Filter", "d1:quiet", inputs)


def test_a_filter_that_nobody_declared_is_named_and_said_to_silence(view: View) -> None:
    (one,) = drift_of(view).unmanaged
    assert (one.key, one.about) == ("d1:quiet", "which archives findings unread")


def test_a_filter_as_declared_is_no_drift(view: View) -> None:
    drift = drift_of(view, declared_filter("ARCHIVE", "1"))
    assert (drift.changes, drift.unmanaged) == ((), ())


@pytest.mark.parametrize(
    ("action", "least", "prop"), [("NOOP", "1", "action"), ("ARCHIVE", "7", "findingCriteria")]
)
def test_a_filter_that_was_changed_is(view: View, action: str, least: str, prop: str) -> None:
    assert [each.property for each in drift_of(view, declared_filter(action, least)).changes] == [prop]


def feature(name: str, status: str, **agents: str) -> Resource:
    more = [{"name": agent, "status": state} for agent, state in agents.items()]
    inputs = {"detectorId": "d1", "name": name, "status": status, "additionalConfigurations": more}
    return declare("aws:guardduty/detectorFeature:DetectorFeature", f"d1:{name}", inputs)


def changes_of_features(view: View, *features: Resource) -> list[str]:
    detector = declare("aws:guardduty/detector:Detector", "d1", {"enable": True})
    return [each.property for each in drift_of(view, detector, *features, readers=DETECTORS).changes]


def test_features_that_aws_answers_beside_the_declared_are_no_drift(view: View) -> None:
    runtime = feature("RUNTIME_MONITORING", "ENABLED", ECS_FARGATE_AGENT_MANAGEMENT="ENABLED")
    assert changes_of_features(view, feature("S3_DATA_EVENTS", "ENABLED"), runtime) == []


@pytest.mark.parametrize(
    "declared",
    [
        feature("S3_DATA_EVENTS", "DISABLED"),
        feature("RDS_LOGIN_EVENTS", "ENABLED"),
        feature("RUNTIME_MONITORING", "ENABLED", EC2_AGENT_MANAGEMENT="ENABLED"),
    ],
    ids=["status", "not there", "agent"],
)
def test_a_declared_feature_that_is_not_as_declared_is_drift(view: View, declared: Resource) -> None:
    assert changes_of_features(view, declared) == ["features"]
