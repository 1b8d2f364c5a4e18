"""What AWS's inventories name: a kind without a reader is drift, and what cannot be asked is said."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from hypothesis import given
from hypothesis import strategies as st

from scanners.drift.compare import compare
from scanners.drift.declared import Declared
from scanners.drift.inventory import INVENTORIES, inventories
from scanners.drift.readers import READERS
from scanners.drift.records import Inventories, Reading, Unmanaged, Unseen
from scanners.drift.remedies import remedies
from scanners.drift.scan import judge
from scanners.drift.unknown_kinds import OF_ANOTHER, OF_AWS, READ, kind_of, unasked, unknown_kinds
from tests.beds.aws_account import ACCOUNT, REGION, declare, stack_of
from tests.beds.aws_recording import Body, Recording, view_through

TAGS, EXPLORER, CONFIG = INVENTORIES
# What of a service's name in boto3 is another in ARNs (Service Authorization Reference).
IN_ARNS = {
    "accessanalyzer": "access-analyzer",
    "apigatewayv2": "apigateway",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "opensearch": "es",
    "s3control": "s3",
    "sesv2": "ses",
    "stepfunctions": "states",
}
# Settings of an account or a region, which have no ARN; and what ARNs do not name.
WITHOUT_ARNS = {"account", "application-autoscaling", "inspector2"}


def arn(service: str, resource: str, region: str = REGION, partition: str = "aws") -> str:
    return f"arn:{partition}:{service}:{region}:{ACCOUNT}:{resource}"


def told(*arns: str) -> Inventories:
    return {(TAGS, REGION): frozenset(arns)}


def found(*arns: str, declared: Declared | None = None) -> list[str]:
    return [one.key for one in unknown_kinds(declared or Declared(stack_of(), REGION), told(*arns))]


UNKNOWN = {
    arn("athena", "workgroup/exports"): "athena:workgroup",
    arn("kafka", "cluster/orders/5c2b"): "kafka:cluster",
    arn("elasticfilesystem", "file-system/fs-1"): "elasticfilesystem:file-system",
    arn("s3", "storage-lens-group/outside"): "s3:storage-lens-group",
    arn("ec2", "prefix-list/pl-1"): "ec2:prefix-list",
    arn("wafv2", "regional/rulegroup/own/1"): "wafv2:rulegroup",
    arn("lightsail", "Instance/1", "us-west-2"): "lightsail:Instance",
    arn("bedrock", "agent/A1", "cn-north-1", "aws-cn"): "bedrock:agent",
}


@pytest.mark.parametrize("one", UNKNOWN)
def test_a_kind_without_a_reader_is_named(one: str) -> None:
    (unmanaged,) = unknown_kinds(Declared(stack_of(), REGION), told(one))
    assert (unmanaged.type, unmanaged.key, unmanaged.where) == (UNKNOWN[one], one, one)
    assert unmanaged.away == (one.split(":")[3] != REGION)


def test_what_the_stack_declares_is_not() -> None:
    workgroup = declare(
        "aws:athena/workgroup:Workgroup", "exports", {}, arn=arn("athena", "workgroup/exports")
    )
    declared = Declared(stack_of(workgroup), REGION)
    assert found(*UNKNOWN, declared=declared) == sorted(set(UNKNOWN) - {workgroup.outputs["arn"]})


@pytest.mark.parametrize(
    "one",
    [
        arn("ec2", "instance/i-1"),
        arn("ec2", "vpc-flow-log/fl-1"),
        arn("ec2", "flow-logs/fl-1"),
        arn("sns", "topic"),
        arn("sns", "topic:6b3c"),
        arn("wafv2", "regional/webacl/api/1"),
        f"arn:aws:apigateway:{REGION}::/restapis/a/stages/b",
        "arn:aws:s3:::bucket",
        arn("secretsmanager", "secret:rampart/x-AbCdEf"),
        arn("athena", "workgroup/primary"),
        arn("rds", "pg:default.postgres17"),
        arn("rds", "snapshot:rds:orders-2026-01-01"),
        arn("ec2", "network-interface/eni-1"),
        arn("xray", "sampling-rule/Default"),
    ],
)
def test_what_a_reader_names_or_aws_made_is_not_named_again(one: str) -> None:
    assert found(one) == []


def test_each_service_with_a_reader_has_its_kinds_in_the_table() -> None:
    services = {IN_ARNS.get(reader.service, reader.service) for reader in READERS} - WITHOUT_ARNS
    assert services == set(READ)
    assert not {
        (service, kind)
        for service, kinds in OF_ANOTHER.items()
        for kind in kinds.split()
        if kind in READ.get(service, "").split()
    }


@given(
    service=st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True),
    resource=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40),
)
def test_anything_of_a_service_without_a_reader_is_named(service: str, resource: str) -> None:
    one = arn(service, resource)
    if service not in {*READ, *OF_ANOTHER} and not OF_AWS.fullmatch(f"{service}:{resource}"):
        assert kind_of(one)[0] == service
        assert found(one) == [one]


def test_a_region_of_which_no_inventory_answers_is_an_error() -> None:
    refused = Unseen("GetResources: AccessDeniedException")
    here: Inventories = {(TAGS, REGION): refused, (EXPLORER, REGION): refused}
    unread, unavailable = unasked(here)
    assert [(one.type, bool(one.reason)) for one in unread] == [(f"inventory of {REGION}", True)]
    assert unavailable == ()


def test_a_recorder_that_records_nothing_verifies_nothing_where_the_tags_are_denied() -> None:
    here: Inventories = {(TAGS, REGION): Unseen("denied"), (CONFIG, REGION): frozenset()}
    assert [one.reason for one in unasked(here)[0]] == [f"{TAGS}: denied; Config: nothing recorded"]
    some: Inventories = {**here, (CONFIG, REGION): frozenset({"arn:aws:s3:::bucket"})}
    assert unasked(some)[0] == ()


def test_an_inventory_that_is_not_there_is_said_where_another_answers() -> None:
    here: Inventories = {(TAGS, REGION): frozenset(), (CONFIG, REGION): Unseen("no recorder")}
    drift = compare(Declared(stack_of(), REGION), Reading({}, {}, here), ())
    assert drift.unread == ()
    assert [one.reason for one in drift.not_compared] == ["Config does not answer: no recorder"]


@dataclass
class Inventoried(Recording):
    """AWS's three inventories: what each answers, or how it refuses."""

    answers: dict[str, Any] = field(default_factory=dict)

    def __call__(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        name = event_name.rpartition(".")[2]
        if name == "GetCallerIdentity":
            body = f"<R><GetCallerIdentityResult><Account>{ACCOUNT}</Account></GetCallerIdentityResult></R>"
            return AWSResponse(request.url, 200, {}, Body(body.encode()))
        answer = self.answers.get(name)
        status = 403 if answer is None else 200
        refusal = {"x-amzn-errortype": "AccessDeniedException"} if answer is None else {}
        return AWSResponse(request.url, status, refusal, Body(json.dumps(answer or {}).encode()))


@pytest.fixture
def aws() -> Inventoried:
    return Inventoried("http://127.0.0.1:9", "")


def asked_of(aws: Inventoried) -> Inventories:
    return inventories(view_through(aws, REGION), [REGION])


def test_each_inventory_is_asked_and_what_another_account_shares_is_left_out(aws: Inventoried) -> None:
    own, shared = arn("athena", "workgroup/a"), f"arn:aws:ec2:{REGION}:999999999999:prefix-list/pl-9"
    aws.answers = {
        "GetResources": {"ResourceTagMappingList": [{"ResourceARN": own}, {"ResourceARN": shared}]},
        "ListResources": {"Resources": [{"Arn": arn("kafka", "cluster/b/1")}]},
        "SelectResourceConfig": {"Results": [json.dumps({"arn": "arn:aws:s3:::c"}), "{}"]},
    }
    assert asked_of(aws) == {
        (TAGS, REGION): frozenset({own}),
        (EXPLORER, REGION): frozenset({arn("kafka", "cluster/b/1")}),
        (CONFIG, REGION): frozenset({"arn:aws:s3:::c"}),
    }


def test_an_inventory_that_is_denied_or_malformed_says_why_and_the_others_go_on(aws: Inventoried) -> None:
    aws.answers = {"GetResources": {"ResourceTagMappingList": []}, "SelectResourceConfig": {"Results": ["?"]}}
    said = asked_of(aws)
    assert said[TAGS, REGION] == frozenset()
    assert said[EXPLORER, REGION] == Unseen("ListResources: AccessDeniedException")
    assert said[CONFIG, REGION] == Unseen("JSONDecodeError: the answer does not have the documented form")


def test_one_of_an_unknown_kind_fails_the_check_on_what_nobody_declared() -> None:
    drift = compare(Declared(stack_of(), REGION), Reading({}, {}, told(arn("athena", "workgroup/x"))), ())
    assert drift.unmanaged == (
        Unmanaged(
            "athena:workgroup",
            arn("athena", "workgroup/x"),
            REGION,
            "a kind that the audit has no reader for",
        ),
    )
    (finding,) = [one for one in judge(drift) if one.status.value == "fail"]
    assert (finding.control, finding.where) == ("nothing-unmanaged", arn("athena", "workgroup/x"))
    assert remedies(drift, Declared(stack_of(), REGION), READERS)[finding.where] == (
        "keep it: write it into the program, then pulumi import by Pulumi's type for athena:workgroup",
    )
