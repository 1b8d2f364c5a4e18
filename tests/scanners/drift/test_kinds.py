"""Kinds that nobody should have: the question of each is AWS's, and what is made by hand is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

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
from tests.scanners.drift.made_by_hand import BY_HAND, Place

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
    asked = {*kind.asked, *([kind.account] if kind.account else [])}
    required = set(operation.input_shape.required_members) if operation.input_shape else set()
    assert required <= asked | {"accountId"}
    assert asked <= set(operation.input_shape.members if operation.input_shape else ())


def test_at_least_sixty_kinds_are_listed() -> None:
    assert len({kind.type for kind in KINDS}) >= 60


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with emulated_account() as made:
        yield made


@pytest.mark.slow
def test_what_is_made_by_hand_is_named_in_each_region(account: Account, tmp_path: Path) -> None:
    regions = ("eu-central-1", "us-west-2", "ap-southeast-1")
    places = [Place(account, region) for region in regions]
    made = {(p.region, kind): make(replace(p, kind=kind)) for p in places for kind, make in BY_HAND.items()}
    assert len(BY_HAND) >= 40
    scanned = scan(account.target(tmp_path), stack_of(), regions=regions[1:])
    unmanaged = [f for f in scanned.findings if f.control == "nothing-unmanaged" and f.status is Status.FAIL]
    unnamed = [one for one, name in made.items() if not any(name in each.where for each in unmanaged)]
    assert unnamed == []
    away = [each for each in unmanaged if each.where.endswith(f"-by-hand in {regions[1]}")]
    assert len(away) >= 10
    assert all(each.detail.endswith(f"and nothing in {regions[1]}") for each in away)


@pytest.mark.slow
def test_a_region_where_aws_made_everything_has_nothing_unmanaged(tmp_path: Path) -> None:
    with emulated_account() as account:
        scanned = scan(account.target(tmp_path), stack_of(), regions=("eu-west-3",))
    failing = [f.where for f in scanned.findings if f.status is Status.FAIL]
    assert failing == []


def test_what_the_emulator_cannot_list_is_a_type_that_the_audit_reads() -> None:
    assert set(UNLISTED) - {kind.type for kind in KINDS} == {
        "aws:guardduty/filter:Filter",
        "aws:ec2/networkInterface:NetworkInterface",
    }
