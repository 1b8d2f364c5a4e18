"""Each type of the drift audit, against a real emulator: nothing changed, changed, deleted, unmanaged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from scanners.drift.compare import compare
from scanners.drift.declared import Declared
from scanners.drift.kinds import KINDS
from scanners.drift.records import Drift
from scanners.drift.scan import places, read
from scanners.stack import Resource
from tests.beds.aws_account import REGION, Account, emulated_account, stack_of
from tests.scanners.drift import edge_cases, keeping_cases, network_cases, runtime_cases, watching_cases
from tests.scanners.drift.drift_cases import Case

CASES: dict[str, Case] = {
    **network_cases.CASES,
    **edge_cases.CASES,
    **keeping_cases.CASES,
    **runtime_cases.CASES,
    **watching_cases.CASES,
}


@pytest.fixture(scope="module")
def server() -> Iterator[Account]:
    with emulated_account() as account:
        yield account


@pytest.fixture
def account(server: Account) -> Account:
    server.reset()
    return server


def drift_of(account: Account, resources: Sequence[Resource]) -> Drift:
    """The drift of a small stack, by the kinds of its own types."""
    declared = Declared(stack_of(*resources), REGION)
    kinds = tuple(kind for kind in KINDS if any(r.type == kind.type for r in resources))
    reading = read(account.view(), tuple(places(declared, kinds)), lambda _: None)
    assert not reading.failures, reading.failures
    return compare(declared, reading, kinds)


CHANGES = [(name, prop) for name, case in CASES.items() for prop in case.changes]
DELETIONS = [name for name, case in CASES.items() if case.delete]
ADDITIONS = [name for name, case in CASES.items() if case.add]


@pytest.mark.parametrize("name", CASES)
def test_what_was_just_made_has_not_drifted(account: Account, name: str) -> None:
    drift = drift_of(account, CASES[name].make(account))
    assert drift.changes == ()
    assert drift.unmanaged == ()
    assert all(presence.found for presence in drift.presences)
    assert drift.compared


@pytest.mark.parametrize(("name", "prop"), CHANGES)
def test_exactly_the_property_that_was_changed_is_reported(account: Account, name: str, prop: str) -> None:
    resources = CASES[name].make(account)
    CASES[name].changes[prop](account, resources[0])
    drift = drift_of(account, resources)
    assert [(change.urn, change.property) for change in drift.changes] == [(resources[0].urn, prop)]
    assert drift.changes[0].declared != drift.changes[0].live


@pytest.mark.parametrize("name", DELETIONS)
def test_what_was_deleted_is_reported(account: Account, name: str) -> None:
    resources = CASES[name].make(account)
    delete = CASES[name].delete
    assert delete
    delete(account, resources[0])
    gone = [presence.urn for presence in drift_of(account, resources).presences if not presence.found]
    assert resources[0].urn in gone


@pytest.mark.parametrize("name", ADDITIONS)
def test_what_nobody_declared_is_reported(account: Account, name: str) -> None:
    resources = CASES[name].make(account)
    add = CASES[name].add
    assert add
    key = add(account)
    assert key in [one.key for one in drift_of(account, resources).unmanaged]
