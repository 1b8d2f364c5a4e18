"""Who changed what has drifted: one question each, no faster than AWS answers, and never a secret."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from botocore.session import get_session
from botocore.validate import validate_parameters

from hardening.checks import Finding, Status
from scanners.drift.authors import traced
from scanners.drift.compare import compare
from scanners.drift.declared import Declared
from scanners.drift.readers import READERS
from scanners.drift.reading import read, read_tasks
from scanners.drift.records import Drift, Unmanaged
from scanners.drift.scan import judge
from scanners.drift.session import open_account
from scanners.policy.stack import Resource
from tests.beds.aws_account import REGION, Account, emulated_account, stack_of
from tests.scanners.drift.kms_cases import key_case
from tests.scanners.drift.security_groups_cases import group_case, open_to_the_world

COLLEAGUE = "arn:aws:sts::123456789012:assumed-role/admin/robin"
WHEN = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
SECRETIVE = "what-was-sent-may-hold-a-secret"


def event(name: str, *, read_only: bool = False, told: str | None = None) -> dict[str, Any]:
    """An event as the service's model describes it."""
    identity = {"arn": COLLEAGUE, "accessKeyId": SECRETIVE}
    whole = json.dumps({"userIdentity": identity, "requestParameters": {"text": SECRETIVE}})
    return {
        "EventId": f"id-of-{name}",
        "EventName": name,
        "ReadOnly": str(read_only).lower(),
        "AccessKeyId": SECRETIVE,
        "EventTime": WHEN,
        "EventSource": "ec2.amazonaws.com",
        "Username": "robin",
        "Resources": [],
        "CloudTrailEvent": whole if told is None else told,
    }


class _Body(io.BytesIO):
    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


@dataclass
class History:
    """CloudTrail before the emulator, which has no such operation. An answer keeps to the service's model.

    `events` are by the resource's name, `refusing` the regions with another answer.
    """

    events: dict[str, list[dict[str, Any]]]
    refusing: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, request: Any, event_name: str, **_: Any) -> AWSResponse | None:
        if event_name != "before-send.cloudtrail.LookupEvents":
            return None
        (attribute,) = json.loads(request.body)["LookupAttributes"]
        assert attribute["AttributeKey"] == "ResourceName"
        region = str(request.headers["Authorization"]).split("/")[2]
        self.asked.append((region, attribute["AttributeValue"]))
        if self.refusing.get(region) == "hung":
            raise ReadTimeoutError(endpoint_url=request.url)
        if region in self.refusing:
            text, status = self.refusing[region], 400 if "__type" in self.refusing[region] else 200
            return AWSResponse(request.url, status, {}, _Body(text.encode()))
        answer = {"Events": self.events.get(attribute["AttributeValue"]) or []}
        shape = get_session().get_service_model("cloudtrail").operation_model("LookupEvents").output_shape
        validate_parameters(answer, shape)
        text = json.dumps(answer, default=lambda when: when.timestamp())
        return AWSResponse(request.url, 200, {}, _Body(text.encode()))


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with emulated_account() as made:
        yield made


@dataclass
class Waits:
    """Counts the seconds, and waits for none."""

    seconds: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def looked_up(
    account: Account, history: History, *resources: Resource, waits: Waits | None = None, **more: Any
) -> Drift:
    """The drift of these resources, with what the history tells; `more` are members of the drift."""
    view = open_account(account.target(Path()))
    view.session.events.register("before-send", history)
    view = view.afresh_clients()
    declared = Declared(stack_of(*resources), REGION)
    used = tuple(reader for reader in READERS if any(r.type == reader.type for r in resources))
    drift = (
        Drift(**more)
        if more
        else compare(declared, read(view, tuple(read_tasks(declared, used)), lambda _, __: None), used)
    )
    return traced(view, declared, drift, READERS, waits or Waits())


def details(drift: Drift) -> dict[str, str]:
    return {f.where: f.detail for f in judge(drift) if f.status is Status.FAIL}


@pytest.fixture
def opened(account: Account) -> Resource:
    account.reset()
    group = group_case(account)[0]
    open_to_the_world(account, group)
    return group


def test_a_finding_says_who_changed_it_last_and_when_and_where_to_read_more(
    account: Account, opened: Resource
) -> None:
    seen = [event("DescribeSecurityGroups", read_only=True), event("AuthorizeSecurityGroupIngress")]
    history = History({opened.id: [*seen, event("CreateSecurityGroup")]})
    drift = looked_up(account, history, opened)
    detail = details(drift)[f"{opened.urn}#ingress"]
    assert detail.startswith(
        "added: tcp 22 from 0.0.0.0/0, which the stack does not declare; last changed by "
    )
    assert f"{COLLEAGUE} at 2026-03-01T12:30:00+00:00" in detail
    assert "(AuthorizeSecurityGroupIngress, event id-of-AuthorizeSecurityGroupIngress)" in detail
    assert drift.untraced == ""
    passing: list[Finding] = [f for f in judge(drift) if f.status is not Status.FAIL]
    assert not [f for f in passing if "last changed" in f.detail]


def test_neither_keys_nor_what_was_sent_are_kept(account: Account, opened: Resource) -> None:
    drift = looked_up(account, History({opened.id: [event("RevokeSecurityGroupEgress")]}), opened)
    assert drift.traces
    assert SECRETIVE not in repr(drift) + "".join(details(drift).values())


@pytest.mark.parametrize("told", ["", "{}"])
def test_who_is_the_user_name_where_the_event_has_no_identity(
    account: Account, opened: Resource, told: str
) -> None:
    history = History({opened.id: [event("AuthorizeSecurityGroupIngress", told=told)]})
    assert [trace.who for trace in looked_up(account, history, opened).traces] == ["robin"]


def test_one_question_is_asked_for_each_drifted_resource_and_none_for_the_others(
    account: Account, opened: Resource
) -> None:
    key = key_case(account)[0]
    account.kms.disable_key_rotation(KeyId=key.id)
    account.kms.untag_resource(KeyId=key.id, TagKeys=["owner"])
    sound = key_case(account)[0]
    waits, history = Waits(), History({})
    drift = looked_up(account, history, opened, key, sound, waits=waits)
    asked = [name for _, name in history.asked]
    assert asked.count(key.outputs["arn"]) == 1
    assert opened.id in asked
    assert not {sound.id, sound.outputs["arn"]} & set(asked)
    assert len(asked) == len(set(asked))
    assert waits.seconds == [0.5] * (len(asked) - 1)
    assert (drift.traces, drift.untraced) == ((), "")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('{"__type": "AccessDeniedException", "Message": "no"}', "LookupEvents: AccessDeniedException"),
        ('{"Events": [{"EventId": "half"}]}', "KeyError: the answer does not have the documented form"),
        ("<html>Log in</html>", "LookupEvents: a web page came, and no answer of AWS"),
        ("hung", "ReadTimeoutError"),
    ],
)
def test_a_history_that_cannot_be_read_costs_no_finding_and_is_asked_once(
    account: Account, opened: Resource, answer: str, said: str
) -> None:
    key = key_case(account)[0]
    account.kms.disable_key_rotation(KeyId=key.id)
    history = History({}, refusing={REGION: answer})
    drift = looked_up(account, history, opened, key)
    assert drift.untraced == f"{said} ({REGION})"
    assert {f"{opened.urn}#ingress", f"{key.urn}#enableKeyRotation"} <= set(details(drift))
    assert len({name for _, name in history.asked}) == 1


def test_events_are_looked_up_in_the_region_that_wrote_them(account: Account) -> None:
    found = (
        Unmanaged("aws:iam/user:User", "mallory"),
        Unmanaged("aws:s3/bucket:Bucket", "loot"),
        Unmanaged("aws:sqs/queue:Queue", "elsewhere", "us-west-2", away=True),
    )
    history = History({"mallory": [event("CreateUser")]}, refusing={"us-west-2": "{}"})
    drift = looked_up(account, history, unmanaged=found)
    assert history.asked[:3] == [("us-east-1", "mallory"), (REGION, "loot"), ("us-west-2", "elsewhere")]
    assert COLLEAGUE in details(drift)["aws:iam/user:User mallory"]
    assert drift.untraced.endswith("(us-west-2)")


def test_a_flood_of_drift_is_looked_up_in_part_and_says_so(account: Account) -> None:
    found = tuple(Unmanaged("aws:sqs/queue:Queue", f"queue-{number}", REGION) for number in range(100))
    history = History({})
    assert "the first 60 of 100" in looked_up(account, history, unmanaged=found).untraced
    assert len(history.asked) == 60
