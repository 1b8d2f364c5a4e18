"""What breaks while calls come: nobody passes who should not, and the guard comes back without hands."""

from __future__ import annotations

import http.client
import os
import resource
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import pytest

from hardening.requests import tokens
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from tests.beds.guard import GuardBed, guard_bed, issue, wait_until

LIST = "/ocpi/2.2.1/sender/locations?limit=2"
CLOSED = "/ocpi/2.2.1/sender/hubclientinfo"


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardBed]:
    with guard_bed(tmp_path_factory.mktemp("faults")) as up:
        yield up


@dataclass(slots=True)
class Caller:
    """Calls again and again, and counts the statuses; 0 for a call without an answer."""

    bed: GuardBed
    path: str
    headers: Mapping[str, str]
    statuses: Counter[int] = field(default_factory=Counter)

    def run(self, until: threading.Event) -> None:
        """Call until told."""
        while not until.is_set():
            try:
                self.statuses[self.bed.get(self.path, self.headers)[0]] += 1
            except (OSError, http.client.HTTPException):
                self.statuses[0] += 1
            time.sleep(0.05)


@contextmanager
def _calling(callers: list[Caller]) -> Iterator[None]:
    until = threading.Event()
    threads = [threading.Thread(target=one.run, args=(until,)) for one in callers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        until.set()
        for thread in threads:
            thread.join()


def _revoked(bed: GuardBed, partner: str) -> str:
    store = SqliteTokenStore(bed.folder / "tokens.sqlite")
    token = issue(store, partner)
    record = store.find(tokens.digest(token))
    assert record is not None
    store.put(replace(record, state="revoked"))
    return token


def _workers(bed: GuardBed) -> list[psutil.Process]:
    children = psutil.Process(bed.process.pid).children(recursive=True)
    return [one for one in children if any("policy_service" in part for part in one.cmdline())]


def _is_served(bed: GuardBed) -> bool:
    try:
        return bed.get(LIST, bed.headers("example-emsp"))[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def _metrics(bed: GuardBed) -> str:
    """What the first worker counts; "" while it is being replaced."""
    try:
        return bed.metrics()
    except OSError:
        return ""


def _is_refused(bed: GuardBed) -> bool:
    return bed.get(LIST, bed.headers("example-emsp"))[0] >= 500


@contextmanager
def workers_are_killed(bed: GuardBed) -> Iterator[None]:
    for _ in range(2):
        for worker in _workers(bed):
            worker.kill()
        time.sleep(0.5)
    yield


@contextmanager
def a_worker_stands_still(bed: GuardBed) -> Iterator[None]:
    victim = _workers(bed)[0]
    victim.send_signal(signal.SIGSTOP)
    wait_until(lambda: not victim.is_running(), bed)
    yield


@contextmanager
def the_store_is_gone(bed: GuardBed) -> Iterator[None]:
    file = bed.folder / "tokens.sqlite"
    aside = file.rename(bed.folder / "aside.sqlite")
    wait_until(lambda: _is_refused(bed), bed)
    yield
    assert not file.exists(), "no empty store is made in its place"
    aside.replace(file)


@contextmanager
def the_store_is_no_database(bed: GuardBed) -> Iterator[None]:
    file = bed.folder / "tokens.sqlite"
    whole = file.rename(bed.folder / "whole.sqlite")
    file.write_bytes(os.urandom(8192))
    wait_until(lambda: _is_refused(bed), bed)
    # Nor does a worker that is started meanwhile take it for a wrong setting.
    _workers(bed)[0].kill()
    wait_until(lambda: '"event":"settings"' in bed.log(), bed)
    yield
    whole.replace(file)


@contextmanager
def the_registry_is_broken(bed: GuardBed) -> Iterator[None]:
    file = bed.partners / "example-emsp.yaml"
    whole = file.read_text(encoding="utf-8")
    file.write_text("name: [", encoding="utf-8")
    wait_until(lambda: "rampart_guard_registry_refused 1" in _metrics(bed), bed)
    yield
    file.write_text(whole, encoding="utf-8")
    wait_until(lambda: "rampart_guard_registry_refused 0" in _metrics(bed), bed)


@contextmanager
def the_disk_is_full(bed: GuardBed) -> Iterator[None]:
    """A limit on the size of files stands for it: a write beyond it fails."""
    limited = [one.pid for one in _workers(bed)]
    if sys.platform != "linux":
        pytest.skip("limits of another process can be set on Linux alone")
    for pid in limited:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    time.sleep(2)
    assert _is_served(bed), "a look into the store needs no room"
    yield
    for pid in limited:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


FAULTS = (
    workers_are_killed,
    a_worker_stands_still,
    the_store_is_gone,
    the_store_is_no_database,
    the_registry_is_broken,
    the_disk_is_full,
)


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_nobody_passes_who_should_not_and_the_guard_comes_back(
    bed: GuardBed, fault: Callable[[GuardBed], object], tmp_path: Path
) -> None:
    wait_until(lambda: _is_served(bed), bed)
    known = bed.headers("example-emsp")
    hostile = [
        Caller(bed, LIST, {**known, "Authorization": tokens.header(_revoked(bed, "example-emsp"))}),
        Caller(bed, LIST, {**known, "Authorization": tokens.header(tokens.issue())}),
        Caller(bed, CLOSED, known),
    ]
    allowed = [Caller(bed, LIST, known) for _ in range(2)]
    before = len(bed.upstream.seen)
    with _calling([*hostile, *allowed]):
        time.sleep(0.5)
        with fault(bed):  # type: ignore[attr-defined]  # a context manager
            time.sleep(1)
        over = time.monotonic()
        wait_until(lambda: all(_is_served(bed) for _ in range(4)), bed, 90)
        seconds = time.monotonic() - over
        time.sleep(1)
    for caller in hostile:
        assert caller.statuses, caller.path
        assert {status for status in caller.statuses if 0 < status < 400} == set(), caller.statuses
    assert {target for _, target, _ in bed.upstream.seen[before:]} == {LIST}
    served = sum(caller.statuses[200] for caller in allowed)
    assert len(bed.upstream.seen) - before >= served > 0
    seen = sum((caller.statuses for caller in allowed), Counter[int]())
    print(f"\n{fault.__name__}: served again after {seconds:.1f} s; allowed calls: {dict(seen)}")
