"""The lab's provider `aws`, asked over gRPC what Pulumi's engine asks, over a real emulator."""

import json
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from botocore.exceptions import ClientError
from pulumi.runtime.proto import provider_pb2

from infra.program_run.property_values import SECRET, SIGNATURE, UNKNOWN
from tests.beds.aws_account import REGION, Account, emulated_account
from tests.beds.lab_provider import Pulumi, plain, provider_over, wire

SOME = provider_pb2.DiffResponse.DIFF_SOME
NONE = provider_pb2.DiffResponse.DIFF_NONE


def secret(value: str) -> dict[str, str]:
    return {SIGNATURE: SECRET, "value": value}


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with emulated_account() as account:
        yield account


@pytest.fixture(scope="module")
def pulumi(account: Account) -> Iterator[Pulumi]:
    with provider_over(account) as pulumi:
        yield pulumi


def test_what_is_declared_as_it_was_differs_in_nothing(pulumi: Pulumi) -> None:
    urn = pulumi.create("aws:ec2/vpc:Vpc", "same", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
    assert pulumi.diff(urn, {"tags": {"a": "b"}, "cidrBlock": "10.0.0.0/16"}).changes == NONE


def test_a_setting_is_changed_in_place_and_keeps_the_id(pulumi: Pulumi, account: Account) -> None:
    inputs = {"cidrBlock": "10.1.0.0/16", "enableDnsHostnames": False}
    urn = pulumi.create("aws:ec2/vpc:Vpc", "names", inputs)
    wanted = inputs | {"enableDnsHostnames": True}
    found = pulumi.diff(urn, wanted)
    assert (found.changes, list(found.diffs), list(found.replaces)) == (SOME, ["enableDnsHostnames"], [])
    pulumi.update(urn, wanted)
    answer = account.ec2.describe_vpc_attribute(VpcId=pulumi.ids[urn], Attribute="enableDnsHostnames")
    assert answer["EnableDnsHostnames"] == {"Value": True}


def test_what_aws_cannot_change_is_replaced_and_nothing_is_sent_to_find_out(
    pulumi: Pulumi, account: Account
) -> None:
    urn = pulumi.create("aws:ec2/vpc:Vpc", "moved", {"cidrBlock": "10.2.0.0/16"})
    before = len(account.ec2.describe_vpcs()["Vpcs"])
    found = pulumi.diff(urn, {"cidrBlock": "10.3.0.0/16"})
    assert list(found.replaces) == ["cidrBlock"]
    assert found.detailedDiff["cidrBlock"].kind == provider_pb2.PropertyDiff.UPDATE_REPLACE
    assert len(account.ec2.describe_vpcs()["Vpcs"]) == before


def test_what_the_program_named_is_deleted_before_it_is_replaced(pulumi: Pulumi) -> None:
    urn = pulumi.create("aws:cloudwatch/eventBus:EventBus", "bus", {"name": "bus"})
    found = pulumi.diff(urn, {"name": "other"})
    assert (list(found.replaces), found.deleteBeforeReplace) == (["name"], True)


TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}],
    }
)
IP_SET = {"name": "partner", "scope": "REGIONAL", "ipAddressVersion": "IPV4", "addresses": ["192.0.2.0/24"]}


def test_a_firewalls_addresses_change_twice_under_the_lock_of_the_last_change(
    pulumi: Pulumi, account: Account
) -> None:
    urn = pulumi.create("aws:wafv2/ipSet:IpSet", "partner", IP_SET)
    for network in ("198.51.100.0/24", "203.0.113.0/24"):
        changed = IP_SET | {"addresses": [network]}
        found = pulumi.diff(urn, changed)
        assert (list(found.detailedDiff), list(found.replaces)) == (["addresses[0]"], [])
        pulumi.update(urn, changed)
        live = account.wafv2.get_ip_set(Name="partner", Scope="REGIONAL", Id=pulumi.ids[urn])["IPSet"]
        assert live["Addresses"] == [network]


def test_what_is_deleted_is_gone_from_the_account(pulumi: Pulumi, account: Account) -> None:
    inputs = {
        "name": "reader",
        "assumeRolePolicy": TRUST,
        "inlinePolicies": [{"name": "one", "policy": POLICY}],
    }
    urn = pulumi.create("aws:iam/role:Role", "reader", inputs)
    assert pulumi.read(urn) == "reader"
    pulumi.delete(urn)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        account.iam.get_role(RoleName="reader")


def test_what_somebody_else_deleted_is_read_as_gone(pulumi: Pulumi, account: Account) -> None:
    urn = pulumi.create("aws:s3/bucket:Bucket", "lost", {"bucket": "lost-bucket"})
    assert pulumi.read(urn) == "lost-bucket"
    account.s3.delete_bucket(Bucket="lost-bucket")
    assert pulumi.read(urn) == ""


def test_an_inline_policy_that_is_declared_no_more_is_removed(pulumi: Pulumi, account: Account) -> None:
    policy = {"name": "extra", "policy": POLICY}
    trust = {"name": "writer", "assumeRolePolicy": TRUST}
    urn = pulumi.create("aws:iam/role:Role", "writer", trust | {"inlinePolicies": [policy]})
    pulumi.update(urn, trust)
    assert account.iam.list_role_policies(RoleName="writer")["PolicyNames"] == []


def test_a_secret_stays_marked_and_the_account_has_its_value(pulumi: Pulumi, account: Account) -> None:
    inputs = {"name": "/lab/token", "type": "SecureString", "value": secret("a-token")}
    urn = pulumi.create("aws:ssm/parameter:Parameter", "token", inputs)
    assert pulumi.outputs[urn]["value"] == secret("a-token")
    found = account.ssm.get_parameter(Name="/lab/token", WithDecryption=True)
    assert found["Parameter"]["Value"] == "a-token"
    assert pulumi.diff(urn, inputs).changes == NONE
    assert list(pulumi.diff(urn, inputs | {"value": secret("another")}).diffs) == ["value"]


def test_a_preview_sends_nothing_and_knows_only_the_inputs(pulumi: Pulumi, account: Account) -> None:
    asked = provider_pb2.CreateRequest(
        urn="urn:pulumi:lab::home::aws:s3/bucket:Bucket::next",
        type="aws:s3/bucket:Bucket",
        properties=wire({"bucket": "next-bucket", "tags": {"key": UNKNOWN}}),
        preview=True,
    )
    answer = pulumi.provider.Create(asked)
    assert plain(answer.properties) == {"bucket": "next-bucket", "tags": {"key": UNKNOWN}}
    assert "next-bucket" not in [bucket["Name"] for bucket in account.s3.list_buckets()["Buckets"]]


def test_a_preview_of_an_update_sends_nothing(pulumi: Pulumi, account: Account) -> None:
    inputs = {"name": "/lab/setting", "type": "String", "value": "before"}
    urn = pulumi.create("aws:ssm/parameter:Parameter", "setting", inputs)
    pulumi.update(urn, inputs | {"value": "after"}, preview=True)
    assert account.ssm.get_parameter(Name="/lab/setting")["Parameter"]["Value"] == "before"


def test_what_the_emulator_refuses_is_told_in_one_line(pulumi: Pulumi) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        pulumi.create("aws:ec2/subnet:Subnet", "lost", {"vpcId": "vpc-none", "cidrBlock": "10.0.0.0/24"})
    assert raised.value.details() == (
        "lost (aws:ec2/subnet:Subnet): CreateSubnet: InvalidVpcID.NotFound: VpcID vpc-none does not exist."
    )


def test_what_another_lab_made_is_not_guessed_at(pulumi: Pulumi) -> None:
    urn = "urn:pulumi:lab::home::aws:s3/bucket:Bucket::elsewhere"
    pulumi.inputs[urn], pulumi.outputs[urn], pulumi.ids[urn] = {}, {}, "elsewhere"
    with pytest.raises(grpc.RpcError, match="of another lab"):
        pulumi.read(urn)


def test_a_function_call_of_the_program_is_answered(pulumi: Pulumi) -> None:
    answer = pulumi.provider.Invoke(provider_pb2.InvokeRequest(tok="aws:index/getRegion:getRegion"))
    assert plain(getattr(answer, "return"))["region"] == REGION


def test_another_region_replaces_everything_of_the_provider(pulumi: Pulumi) -> None:
    def differs(new: dict[str, Any]) -> list[str]:
        asked = provider_pb2.DiffRequest(old_inputs=wire({"region": REGION}), news=wire(new))
        return list(pulumi.provider.DiffConfig(asked).replaces)

    assert differs({"region": REGION, "profile": "x"}) == []
    assert differs({"region": "eu-west-1"}) == ["region"]


def test_a_provider_gets_what_the_plugin_of_aws_fills_in(pulumi: Pulumi) -> None:
    asked = provider_pb2.CheckRequest(news=wire({"region": REGION, "skipRegionValidation": "false"}))
    assert plain(pulumi.provider.CheckConfig(asked).inputs) == {
        "region": REGION,
        "skipRegionValidation": "false",
        "skipCredentialsValidation": "false",
    }


def test_what_stands_without_any_features_is_not_gone(pulumi: Pulumi) -> None:
    urn = pulumi.create("aws:apigateway/apiKey:ApiKey", "key", {"name": "key"})
    assert pulumi.read(urn) == pulumi.ids[urn]


def test_of_two_with_one_id_the_old_one_is_deleted(pulumi: Pulumi, account: Account) -> None:
    container = json.dumps([{"name": "guard", "image": "guard", "memory": 128}])
    task = {"family": "guard", "containerDefinitions": container}
    urn = pulumi.create("aws:ecs/taskDefinition:TaskDefinition", "guard", task)
    pulumi.create("aws:ecs/taskDefinition:TaskDefinition", "guard", task | {"cpu": "256"})
    pulumi.delete(urn)
    (left,) = account.ecs.list_task_definitions(familyPrefix="guard", status="ACTIVE")["taskDefinitionArns"]
    assert left.endswith(":2")
    pulumi.delete(urn)
