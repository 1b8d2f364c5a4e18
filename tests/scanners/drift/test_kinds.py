"""Kinds that nobody should have: the question of each is AWS's, and what is made by hand is named."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import OperationModel, ServiceModel, Shape

from hardening.checks import Status
from infra.lab.unsupported import UNLISTED
from scanners.drift.kinds import Kind
from scanners.drift.readers.other_networks import KINDS as NETWORKS
from scanners.drift.readers.other_services import KINDS as SERVICES
from scanners.drift.scan import scan
from tests.beds.aws_account import Account, emulated_account, stack_of

KINDS = (*NETWORKS, *SERVICES)
SESSION = botocore.session.get_session()


@cache
def model_of(service: str) -> ServiceModel:
    return SESSION.get_service_model(service)


def operation_of(kind: Kind) -> OperationModel:
    model = model_of(kind.service)
    named = {xform_name(name): name for name in model.operation_names}
    return model.operation_model(named[kind.operation])


def walked(shape: Shape, path: str) -> Shape:
    """The shape that a dotted path leads to; a list on the way is gone into."""
    for name in path.split("."):
        shape = shape.members[name]
        while shape.type_name == "list":
            shape = shape.member
    return shape


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_each_question_and_each_path_is_in_the_models_of_aws(kind: Kind) -> None:
    operation = operation_of(kind)
    row = walked(operation.output_shape, kind.listed)
    assert (walked(row, kind.key) if kind.key else row).type_name == "string"
    if kind.state:
        states = walked(row, kind.state)
        assert not states.enum or set(kind.gone) <= set(states.enum)
    asked = set(kind.asked)
    required = set(operation.input_shape.required_members) if operation.input_shape else set()
    assert required <= asked | {"accountId"}
    assert asked <= set(operation.input_shape.members if operation.input_shape else ())


def test_at_least_sixty_kinds_are_listed() -> None:
    assert len({kind.type for kind in KINDS}) >= 60


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with emulated_account() as made:
        yield made


def make(account: Account, region: str) -> set[str]:
    """One of many kinds in a region, as somebody makes them by hand; gives what names them."""

    def client(service: str) -> Any:
        return account.client(service, region)

    ec2, here = client("ec2"), f"{region}-made-by-hand"
    network = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    other = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    peering = ec2.create_vpc_peering_connection(VpcId=network, PeerVpcId=other)["VpcPeeringConnection"]
    transit = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    client("sqs").create_queue(QueueName=here)
    client("sns").create_topic(Name=here)
    client("kinesis").create_stream(StreamName=here, ShardCount=1)
    client("logs").create_log_group(logGroupName=here)
    client("events").create_event_bus(Name=here)
    client("secretsmanager").create_secret(Name=here, SecretString="x")
    client("ecr").create_repository(repositoryName=here)
    client("ecs").create_cluster(clusterName=here)
    client("dynamodb").create_table(
        TableName=here,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
    )
    api = client("apigatewayv2").create_api(Name=here, ProtocolType="HTTP")["ApiId"]
    pool = client("cognito-idp").create_user_pool(PoolName=here)["UserPool"]["Id"]
    ec2.create_key_pair(KeyName=here)
    made = {network, peering["VpcPeeringConnectionId"], transit, api, pool}
    return {*made, here}


@pytest.mark.slow
def test_what_is_made_by_hand_is_named_in_each_region(account: Account, tmp_path: Path) -> None:
    regions = ("eu-central-1", "us-west-2", "ap-southeast-1")
    made = {region: make(account, region) for region in regions}
    scanned = scan(account.target(tmp_path), stack_of(), regions=regions[1:])
    unmanaged = [f for f in scanned.findings if f.control == "nothing-unmanaged" and f.status is Status.FAIL]
    for region, names in made.items():
        for name in names:
            assert any(name in each.where for each in unmanaged), (region, name)
        kinds = {each.detail for each in unmanaged if region in each.where or f"in {region}" in each.detail}
        assert kinds or region == regions[0]
    away = [each for each in unmanaged if each.where.endswith(f"{regions[1]}-made-by-hand in {regions[1]}")]
    assert len(away) >= 5
    assert all(each.detail.endswith(f"and nothing in {regions[1]}") for each in away)


def test_a_region_where_aws_made_everything_has_nothing_unmanaged(tmp_path: Path) -> None:
    with emulated_account() as account:
        scanned = scan(account.target(tmp_path), stack_of(), regions=("eu-west-3",))
    failing = [f.where for f in scanned.findings if f.status is Status.FAIL]
    assert failing == []


def test_what_the_emulator_cannot_list_is_a_type_that_the_audit_reads() -> None:
    assert set(UNLISTED) - {kind.type for kind in KINDS} == {"aws:guardduty/filter:Filter"}
