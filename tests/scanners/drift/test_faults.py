"""Between the audit and AWS: one call that fails costs what it serves, and is never drift."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.config import Config
from botocore.parsers import ResponseParserError

from scanners.drift.account import View
from scanners.drift.compare import compare
from scanners.drift.declared import Declared
from scanners.drift.pace import Pace
from scanners.drift.readers import READERS
from scanners.drift.reading import read, read_tasks
from scanners.drift.records import Drift
from scanners.drift.unanswered import reason
from scanners.policy.stack import Resource
from tests.beds import aws_recording
from tests.beds.aws_account import REGION, Account, emulated_account, stack_of
from tests.beds.aws_faults import Fault, view_through
from tests.beds.faulty_recording import Faulty
from tests.scanners.drift import (
    api_gateway_cases,
    eventbridge_cases,
    iam_users_cases,
    lambda_functions_cases,
    load_balancing_cases,
    s3_cases,
)
from tests.scanners.drift.cloudwatch_logs_cases import log_group_case
from tests.scanners.drift.iam_cases import role_case
from tests.scanners.drift.kms_cases import key_case
from tests.scanners.drift.secrets_manager_cases import secret_case
from tests.scanners.drift.sns_cases import subscription_case

CASES = (
    *(log_group_case, secret_case, role_case, subscription_case, s3_cases.bucket_case),
    *(api_gateway_cases.api_case, eventbridge_cases.event_case, eventbridge_cases.bus_case),
    *(iam_users_cases.user_case, iam_users_cases.profile_case, load_balancing_cases.rule_case),
    lambda_functions_cases.function_case,
)


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with emulated_account() as made:
        yield made


@pytest.fixture(scope="module")
def resources(account: Account) -> tuple[Resource, ...]:
    by_key: dict[tuple[str, str], Resource] = {}
    for case in CASES:
        # Two cases may make a function or a policy of one name; one of the two is enough.
        try:
            made = case(account)
        except account.iam.exceptions.EntityAlreadyExistsException:
            continue
        by_key |= {(each.type, each.id): each for each in made}
    return tuple(by_key.values())


def drift_in(view: View, resources: tuple[Resource, ...]) -> Drift:
    declared = Declared(stack_of(*resources), REGION)
    used = tuple(reader for reader in READERS if any(r.type == reader.type for r in resources))
    return compare(declared, read(view, tuple(read_tasks(declared, used)), _), used)


def drift_through(account: Account, resources: tuple[Resource, ...], fault: Fault) -> Drift:
    return drift_in(view_through(account, fault), resources)


def _(_name: str, _total: int) -> None:
    """Nobody watches."""


@pytest.mark.slow
# Every call is denied once; the other faults take one call in so many, for the time it takes.
@pytest.mark.parametrize(("kind", "one_in"), [("denied", 1), ("page", 5), ("cut", 5), ("hung", 5)])
def test_each_call_that_fails_is_an_error_for_what_it_serves_and_never_drift(
    account: Account, resources: tuple[Resource, ...], kind: str, one_in: int
) -> None:
    """Answered from memory: what is looked at is the audit, not the emulator."""
    recording = Faulty(account.endpoint, "")
    view = aws_recording.view_through(recording, REGION)
    view.memory.pace = Pace({})
    view.session._session.set_default_client_config(Config(retries={"total_max_attempts": 1}))

    def drift_when(operation: str) -> Drift:
        recording.take(operation, kind)
        return drift_in(view.afresh(), resources)

    sound = drift_when("")
    assert (sound.changes, sound.unread) == ((), ())
    operations = sorted({operation for _, operation in recording.calls})
    assert len(operations) > 40
    for operation in operations[::one_in]:
        drift = drift_when(operation)
        assert recording.met, operation
        assert drift.changes == (), operation
        assert all(presence.found for presence in drift.presences), operation
        assert not set(drift.unmanaged) - set(sound.unmanaged), operation
        # What nobody declared loses nothing that counts, and tags are asked for one by one instead.
        assert drift.unread or drift.compared == sound.compared, operation


@pytest.fixture(scope="module")
def few(account: Account) -> tuple[Resource, ...]:
    return tuple(key_case(account))


@pytest.mark.parametrize("kind", ["denied", "page", "cut", "hung"])
def test_a_list_that_fails_is_an_error_and_no_deletion(
    account: Account, few: tuple[Resource, ...], kind: str
) -> None:
    drift = drift_through(account, few, Fault("kms.ListKeys", kind))
    assert (drift.changes, drift.presences) == ((), ())
    assert {each.urn for each in drift.unread} == {few[0].urn, ""}


def test_a_denied_detail_costs_one_property_of_one_type(account: Account, few: tuple[Resource, ...]) -> None:
    drift = drift_through(account, few, Fault("kms.ListGrants"))
    assert {(each.type, each.property) for each in drift.unread} == {("aws:kms/key:Key", "grants")}
    assert {presence.urn for presence in drift.presences} >= {each.urn for each in drift.unread}


def test_what_was_answered_is_not_among_the_reasons() -> None:
    told = "Unable to parse response (syntax error: line 1, column 0):\nb'<html>Welcome</html>'"
    assert reason(ResponseParserError(told)) == "Unable to parse response (syntax error: line 1, column 0):"
