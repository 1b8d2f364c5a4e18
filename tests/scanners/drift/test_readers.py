"""Each reader of the drift audit, against the emulator: nothing changed, changed, deleted, unmanaged."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import pytest

from scanners.drift import readers
from scanners.drift.compare import compare
from scanners.drift.declared import Declared
from scanners.drift.readers import READERS
from scanners.drift.reading import read, read_tasks
from scanners.drift.records import Drift
from scanners.policy.stack import Resource
from tests.beds.aws_account import REGION, Account, emulated_account, stack_of
from tests.scanners.drift import ecs_cases
from tests.scanners.drift.case import Case

SERVICES = sorted(file.stem.removesuffix("_cases") for file in Path(__file__).parent.glob("*_cases.py"))
CASES: dict[str, Case] = {
    f"{service}: {name}": case
    for service in SERVICES
    for name, case in import_module(f"tests.scanners.drift.{service}_cases").CASES.items()
}
# The emulator has no API for the first two; the others are kinds of which test_kinds makes one each.
WITHOUT_CASES = ["access_analyzer", "dns_firewall", "other_networks", "other_services"]


@pytest.fixture(scope="module")
def server() -> Iterator[Account]:
    with emulated_account() as account:
        yield account


@pytest.fixture
def account(server: Account) -> Account:
    server.reset()
    return server


def drift_of(account: Account, resources: Sequence[Resource]) -> Drift:
    """The drift of a small stack, by the readers of its own types."""
    declared = Declared(stack_of(*resources), REGION)
    used = tuple(reader for reader in READERS if any(r.type == reader.type for r in resources))
    reading = read(account.view(), tuple(read_tasks(declared, used)), lambda _, __: None)
    assert not reading.failures, reading.failures
    return compare(declared, reading, used)


def test_every_reader_has_cases_of_the_same_name() -> None:
    modules = [module.name for module in pkgutil.iter_modules(readers.__path__)]
    assert sorted([*SERVICES, *WITHOUT_CASES]) == sorted(modules)


CHANGES = [(name, prop) for name, case in CASES.items() for prop in case.changes]


@pytest.mark.parametrize("name", CASES)
def test_only_what_is_deleted_or_unmanaged_differs_from_what_was_made(account: Account, name: str) -> None:
    case = CASES[name]
    resources = case.make(account)
    drift = drift_of(account, resources)
    assert (drift.changes, drift.unmanaged) == ((), ())
    assert all(presence.found for presence in drift.presences)
    assert drift.presences
    if case.add:
        key = case.add(account)
        assert key in [one.key for one in drift_of(account, resources).unmanaged]
    if case.delete:
        case.delete(account, resources[0])
        gone = [presence.urn for presence in drift_of(account, resources).presences if not presence.found]
        assert resources[0].urn in gone


@pytest.mark.parametrize(("name", "prop"), CHANGES)
def test_exactly_the_property_that_was_changed_is_reported(account: Account, name: str, prop: str) -> None:
    resources = CASES[name].make(account)
    CASES[name].changes[prop](account, resources[0])
    drift = drift_of(account, resources)
    assert [(change.urn, change.property) for change in drift.changes] == [(resources[0].urn, prop)]
    assert drift.changes[0].declared != drift.changes[0].live


def test_a_changed_image_is_told_from_the_old_digest_to_the_new(account: Account) -> None:
    """The rest of a container stays sealed: its environment may hold a secret."""
    resources = ecs_cases.task_case(account)
    other = "registry.example/envoy@sha256:" + "1" * 64
    ecs_cases.register(account, {**ecs_cases.CONTAINER, "image": other})
    changes = {one.property: (one.declared, one.live) for one in drift_of(account, resources).changes}
    assert changes["images"] == (f"envoy: {ecs_cases.CONTAINER['image']}", f"envoy: {other}")
    assert "containerDefinitions" not in changes
