"""A create that goes wrong says which resource and why, and no secret."""

from typing import Any

import pytest

from hardening.errors import CollectError
from infra.lab.adapters.desired_resource import DesiredResource, Row
from infra.lab.clients import Clients
from infra.lab.cloud import EmulatedCloud
from infra.lab.ports import free_port

URN = "urn:pulumi:lab::home::aws:kms/key:Key::data"


@pytest.fixture
def clients() -> Clients:
    """Of an emulator that is not there."""
    return Clients(f"http://127.0.0.1:{free_port()}", "eu-central-1")


def create(clients: Clients, kind: str, inputs: dict[str, Any]) -> None:
    EmulatedCloud(clients).create(URN, kind, inputs)


def test_an_emulator_that_does_not_answer(clients: Clients) -> None:
    with pytest.raises(CollectError, match=r"stopped answering while it created data \(aws:kms/key:Key\)"):
        create(clients, "aws:kms/key:Key", {})


def test_a_type_without_an_adapter(clients: Clients) -> None:
    with pytest.raises(CollectError, match="no adapter for aws:rds/instance:Instance"):
        create(clients, "aws:rds/instance:Instance", {})


def test_a_property_that_no_call_takes(clients: Clients) -> None:
    with pytest.raises(CollectError, match=r"\(aws:kms/key:Key\): UnmappedParameter: colour: CreateKeyReq"):
        create(clients, "aws:kms/key:Key", {"colour": "red"})


def test_a_property_that_an_adapter_forgot(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud = EmulatedCloud(clients)
    monkeypatch.setattr("infra.lab.cloud.ADAPTERS", {"a": lambda desired: desired})
    with pytest.raises(CollectError, match="data: a: not set in the emulator: size"):
        cloud.create(URN, "a", {"size": 1})


def test_a_value_of_the_wrong_type_is_named_and_not_shown(clients: Clients) -> None:
    with pytest.raises(CollectError) as raised:
        create(
            clients,
            "aws:secretsmanager/secretVersion:SecretVersion",
            {"secretId": "x", "secretString": {"token": "very-secret"}},
        )
    assert "SecretString" in raised.value.message
    assert "very-secret" not in raised.value.message


def test_a_function_call_without_an_answer(clients: Clients) -> None:
    with pytest.raises(CollectError, match="no answer to aws:rds/getInstance:getInstance"):
        EmulatedCloud(clients).invoke("aws:rds/getInstance:getInstance", {})


def test_an_unsupported_type_gets_an_id_of_its_own_and_is_listed(clients: Clients) -> None:
    cloud = EmulatedCloud(clients)
    kind = "aws:lambda/codeSigningConfig:CodeSigningConfig"
    first, again = cloud.create(URN, kind, {}), cloud.create(URN, kind, {})
    other = cloud.create(URN + "-2", kind, {})
    assert first.id.startswith("lab-")
    assert first == again != other
    assert first.id in first.outputs["arn"]
    assert {thing.type for thing in cloud.unsupported()} == {kind}


def test_a_name_that_is_not_given_is_made_from_the_logical_one_and_stays_the_same(clients: Clients) -> None:
    names = [DesiredResource(URN, "a", {}, clients).physical_name() for _ in range(2)]
    assert names[0] == names[1]
    assert names[0].startswith("data-")
    assert DesiredResource(URN, "a", {"name": "own"}, clients).physical_name() == "own"
    assert DesiredResource(URN, "a", {"namePrefix": "pre-"}, clients).physical_name().startswith("pre-")


def test_a_resource_may_stand_in_another_region(clients: Clients) -> None:
    desired = DesiredResource(URN, "a", {"region": "eu-west-1"}, clients)
    assert desired.region == "eu-west-1"
    assert desired.arn("kms", "key/1").startswith("arn:aws:kms:eu-west-1:")


def test_a_row_that_names_no_such_operation_is_found_by_reading_the_tables() -> None:
    """Every row of every table names an operation that its service has."""
    from infra.lab.cloud import ADAPTERS

    client = Clients("http://127.0.0.1:1", "eu-central-1")
    rows = [adapter for adapter in ADAPTERS.values() if isinstance(adapter, Row)]
    assert rows
    for row in rows:
        assert row.operation in client.get(row.service).meta.service_model.operation_names
