"""Our whole stack, untouched: no false alarm at any size, and whatever AWS fails to answer is an error."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from scanners.drift.account import View
from scanners.drift.compare import Unsupported, compare
from scanners.drift.declared import Declared
from scanners.drift.pace import Pace
from scanners.drift.readers import READERS
from scanners.drift.reading import ReadTask, read, read_tasks
from scanners.drift.records import Drift
from scanners.drift.scan import look, read_unsupported
from scanners.policy.stack_file import read_stack
from tests.beds.aws_recording import tags_of, view_through
from tests.beds.deployed_stack import deployed_stack
from tests.beds.faulty_recording import FAULTS, Faulty

REGION = "eu-central-1"
# Which calls fail in turn, the first and each so many: all are denied; other faults take some, for the time.
SWEEPS = [*(("denied", first, 4) for first in range(4)), *((kind, 1, 6) for kind in FAULTS)]

pytestmark = pytest.mark.slow


def nobody(_name: str, _total: int) -> None:
    """Nobody watches."""


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("partners", [2, 50, 200])
def test_an_untouched_stack_has_no_drift(tmp_path: Path, partners: int) -> None:
    with deployed_stack(tmp_path, partners) as target:
        stack = read_stack(Path(target.stack_file))
        drift, reading = look(target, stack, nobody)
    assert (drift.changes, drift.unmanaged, drift.unread) == ((), (), ())
    assert reading.failures == {}
    assert len(drift.presences) > 4 * partners
    assert all(presence.found for presence in drift.presences)


@dataclass
class Account:
    """The stack's account as a recording, and which types ask which call."""

    view: View
    recording: Faulty
    declared: Declared
    unsupported: Unsupported
    askers: dict[str, list[ReadTask]] = field(default_factory=lambda: defaultdict(list))

    def drift(self, tasks: list[ReadTask]) -> Drift:
        """The drift of some types."""
        types = {task.reader.type for task in tasks}
        used = tuple(reader for reader in READERS if reader.type in types)
        reading = read(self.view.afresh(), tuple(tasks), nobody)
        return compare(self.declared, reading, used, self.unsupported)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with deployed_stack(tmp_path_factory.mktemp("stack"), 2) as target:
        declared = Declared(read_stack(Path(target.stack_file)), REGION)
        recording = Faulty(target.aws_endpoint, target.ca_file, tags_of(declared.stack))
        view = view_through(recording, REGION)
        view.memory.pace = Pace({}, patience=0)
        # What is answered wrong once stays wrong: there is nothing to wait for.
        view.session._session.set_default_client_config(Config(retries={"total_max_attempts": 1}))
        made = Account(view, recording, declared, read_unsupported(target))
        missing = {kind for urn, kind in made.unsupported if not urn}
        missing |= {type_ for type_, property_ in made.unsupported if not property_}
        readers = tuple(reader for reader in READERS if reader.type not in missing)
        for task in read_tasks(declared, readers):
            recording.calls.clear()
            sound = made.drift([task])
            assert (sound.changes, sound.unmanaged) == ((), ()), task.where
            if not sound.unread:
                for _, operation in recording.calls:
                    made.askers[operation].append(task)
        yield made


@pytest.mark.parametrize(("kind", "first", "step"), SWEEPS)
def test_each_call_that_fails_is_an_error_for_what_it_serves_and_never_drift(
    account: Account, kind: str, first: int, step: int
) -> None:
    assert len(account.askers) > 150
    for operation in sorted(account.askers)[first::step]:
        account.recording.take("", kind)
        sound = account.drift(account.askers[operation])
        account.recording.take(operation, kind)
        drift = account.drift(account.askers[operation])
        assert account.recording.met, operation
        account.recording.take("", kind)
        assert drift.changes == (), operation
        assert all(presence.found for presence in drift.presences), operation
        assert drift.unmanaged == (), operation
        # Tags that cannot be asked for at once are asked for one by one, and so are copies of secrets.
        assert drift.unread or drift.compared == sound.compared, operation


@pytest.mark.parametrize("kind", ["expired", "hung", "throttled"])
@pytest.mark.parametrize("spared", [0, 40, 200])
def test_an_account_that_stops_to_answer_is_an_error_for_all_that_was_left(
    account: Account, kind: str, spared: int
) -> None:
    tasks = list({task.where: task for tasks in account.askers.values() for task in tasks}.values())
    account.recording.take("*", kind, spared)
    drift = account.drift(tasks)
    account.recording.take("", kind)
    assert (drift.changes, drift.unmanaged) == ((), ())
    assert all(presence.found for presence in drift.presences)
    assert len(drift.unread) > 20


def test_an_account_that_throttles_for_a_while_is_read_whole_all_the_same(account: Account) -> None:
    tasks = account.askers["kms.ListKeys"]
    account.recording.take("", "throttled")
    sound = account.drift(tasks)
    patient = replace(account, view=view_through(account.recording, REGION))
    account.recording.take("kms.ListKeys", "throttled", ill=2)
    drift = patient.drift(tasks)
    account.recording.take("", "throttled")
    assert (drift.unread, drift.compared) == ((), sound.compared)


def test_an_account_that_throttles_everything_for_longer_than_one_call_is_tried_has_the_right_verdict(
    account: Account,
) -> None:
    # One try for each call, so that what survives is patience, as it does a minute of AWS's.
    tasks = [*account.askers["kms.ListKeys"], *account.askers["sns.ListTopics"]]
    account.recording.take("", "throttled")
    sound = account.drift(tasks)
    patient = replace(account, view=account.view.afresh_clients())
    account.recording.take("*", "throttled", spared=3, seconds=3)
    drift = patient.drift(tasks)
    waited = time.monotonic() - account.recording.began
    account.recording.take("", "throttled")
    assert waited > 3
    assert (drift.unread, drift.changes, drift.compared) == ((), (), sound.compared)


def test_what_hangs_is_waited_for_once_and_other_questions_go_on(account: Account) -> None:
    account.recording.take("kms.DescribeKey", "hung")
    view = account.view.afresh()
    for key in ("a", "b", "c"):
        with pytest.raises(ReadTimeoutError):
            view.ask("kms", "describe_key", KeyId=key)
    assert account.recording.met == 1
    account.recording.take("", "hung")
    assert view.pages("kms", "list_aliases", "Aliases")
