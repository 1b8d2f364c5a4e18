"""Many partners rotate in one run: failures stay alone, and a run that is cut off is taken up.

By hand, with figures: `python -m tests.infra.tokens.test_many 2000`. On AWS: `test_many_on_aws.py`.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hardening.registry.partners import Partner
from hardening.requests.samples import CPO
from hardening.requests.tokens import digest, issue
from hardening.rotation.connection import INBOUND, OUTBOUND, Answer, Connection, Outcome, Secret, Stage
from hardening.rotation.records import ACTIVE, TokenRecord
from hardening.rotation.result import Result
from hardening.rotation.starter import rotate as rotate_both
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.policy_service.sqlite_store import COMMAND_PATIENCE, SqliteTokenStore
from infra.tokens.custody import Custody, now, terms_of
from infra.tokens.due import Rotated, rotate_all
from infra.tokens.partner_commands import due

URL = "https://ocpi.cpo.example/ocpi/2.2.1/credentials"
MONTH = timedelta(days=30)


class Peers:
    """The partners' sides: each takes its token, gives a new one, and some are always down."""

    def __init__(self, down: frozenset[str]) -> None:
        self.down = down
        self.calls = 0
        self._lock = threading.Lock()
        self._tokens: dict[str, str] = {}

    def registered(self, name: str) -> str:
        """The token that this partner takes at the beginning."""
        return self._tokens.setdefault(name, issue())

    def call_to(self, name: str) -> Any:
        """A `Call` to this partner."""

        def call(method: str, url: str, token: str, body: Mapping[str, Any] | None) -> Answer:
            with self._lock:
                self.calls += 1
            if name in self.down:
                return Answer(Outcome.IN_DOUBT, detail="no answer")
            if token != self._tokens[name]:
                return Answer(Outcome.UNKNOWN_TOKEN, detail="HTTP 401")
            if method == "GET":
                return Answer(Outcome.DONE, {"token": "#NA"})
            self._tokens[name] = issue()
            return Answer(Outcome.DONE, {"token": self._tokens[name], "url": url, "roles": ROLES})

        return call


ROLES = [{"role": "CPO", "country_code": "DE", "party_id": "CPX", "business_details": {"name": "x"}}]


def partners(count: int) -> list[Partner]:
    return [replace(CPO, name=f"partner-{number:04}") for number in range(count)]


def settle(custody: Custody, peers: Peers) -> None:
    """Every partner is registered, with a token that is due."""
    at = now()
    issued, expires = int((at - timedelta(days=31)).timestamp()), int((at + MONTH).timestamp())
    assert custody.vault_of is not None
    for one in custody.partners:
        token, vault = issue(), custody.vault_of(one)
        record = TokenRecord(digest(token), one.name, "C", ACTIVE, "test", expires, issued=issued)
        custody.records.put(record)
        for direction, secret in (
            (INBOUND, Secret(token)),
            (OUTBOUND, Secret(peers.registered(one.name), URL)),
        ):
            vault.write_pending(direction, secret)
            vault.promote(direction)


def run(custody: Custody, peers: Peers, workers: int = 8, stop_after: int = 0) -> list[Rotated]:
    """One run over all that is due; it is cut off after `stop_after` partners (0: never)."""
    wanted = [one for one in custody.partners if due(custody, one, now(), MONTH)]

    def rotate(partner: Partner) -> Result:
        assert custody.vault_of is not None
        vault, records = custody.vault_of(partner), custody.records
        connection = Connection(partner, terms_of(partner), vault, records, peers.call_to(partner.name), now)
        return rotate_both(connection)

    return list(rotate_all(wanted[:stop_after] if stop_after else wanted, rotate, workers))


def figures(custody: Custody, count: int, workers: int = 8) -> None:
    """Rotate all in two runs, of which the first is cut off, and hold who ended how."""
    down = frozenset(f"partner-{number:04}" for number in range(0, count, 100))
    peers = Peers(down)
    settle(custody, peers)
    start = time.monotonic()
    first = run(custody, peers, workers, stop_after=count // 2)
    second = run(custody, peers, workers)
    seconds = time.monotonic() - start
    rotated = {one.partner for one in (*first, *second) if one.done}
    failed = {one.partner for one in (*first, *second) if not one.done}
    figure = f"{len(rotated)} rotated, {len(failed)} not, {peers.calls} calls, {seconds:.1f} s"
    print(f"{count} partners, {type(custody.records).__name__}: {figure}", flush=True)
    unexpected = [str(one) for one in (*first, *second) if not one.done and one.partner not in down]
    assert unexpected == []
    assert rotated == {one.name for one in custody.partners} - down
    assert failed == down
    assert not {one.partner for one in first if one.done} & {one.partner for one in second}
    again = run(custody, peers, workers)
    assert {one.partner for one in again} == down
    for one in custody.partners[:50]:
        alive = [record for record in custody.records.of_partner(one.name) if record.honoured(now())]
        assert 1 <= len(alive) <= 2


def standalone(folder: Path, count: int) -> Custody:
    vault = folder / "vault.sqlite"
    return Custody(
        partners=tuple(partners(count)),
        records=SqliteTokenStore(folder / "tokens.sqlite", COMMAND_PATIENCE),
        vault_of=lambda one: SqliteVault(vault, one.name),
    )


def test_many_rotate_without_aws(tmp_path: Path) -> None:
    figures(standalone(tmp_path, 60), 60)


@pytest.mark.slow
def test_hundreds_rotate_without_aws(tmp_path: Path) -> None:
    figures(standalone(tmp_path, 300), 300)


class KeptPeers(Peers):
    """Peers whose tokens outlive a process: each takes the newest, and the one before until that is used."""

    def __init__(self, folder: Path, fatal: int = 0) -> None:
        """`fatal` is the exchange whose answer is lost with our process; 0: none."""
        super().__init__(frozenset())
        self._folder, self._fatal, self._exchanges = folder, fatal, itertools.count(1)

    def registered(self, name: str) -> str:
        taken = self._taken(name)
        if not taken:
            taken = [issue()]
            self._keep(name, taken)
        return taken[-1]

    def _taken(self, name: str) -> list[str]:
        file = self._folder / f"{name}.peer"
        return file.read_text().split() if file.exists() else []

    def _keep(self, name: str, taken: list[str]) -> None:
        fresh = self._folder / f"{name}.new"
        fresh.write_text("\n".join(taken))
        fresh.replace(self._folder / f"{name}.peer")

    def call_to(self, name: str) -> Any:
        def call(method: str, url: str, token: str, body: Mapping[str, Any] | None) -> Answer:
            taken = self._taken(name)
            if token not in taken:
                return Answer(Outcome.UNKNOWN_TOKEN, detail="HTTP 401")
            if method == "GET":
                self._keep(name, taken[taken.index(token) :])
                return Answer(Outcome.DONE, {"token": "#NA"})
            new = issue()
            self._keep(name, [token, new])
            if next(self._exchanges) == self._fatal:
                os.kill(os.getpid(), signal.SIGKILL)
            return Answer(Outcome.DONE, {"token": new, "url": url, "roles": ROLES})

        return call


@pytest.mark.slow
@pytest.mark.parametrize("exchange", [1, 20, 60])
def test_a_run_that_was_killed_is_taken_up_by_the_next(exchange: int, tmp_path: Path) -> None:
    """Kill -9 in the middle: who was in the midst of an exchange rotates too, and nobody is locked out."""
    custody, peers = standalone(tmp_path, 60), KeptPeers(tmp_path)
    settle(custody, peers)
    child = os.fork()
    if child == 0:
        run(custody, KeptPeers(tmp_path, fatal=exchange), workers=4)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "it ended before it was killed"
    left = run(custody, peers)
    assert [str(one) for one in left if not one.done] == []
    assert custody.vault_of is not None
    for one in custody.partners:
        held = custody.vault_of(one).read(OUTBOUND, Stage.CURRENT)
        assert held is not None
        assert peers.call_to(one.name)("GET", URL, held.token, None).outcome is Outcome.DONE
        honoured = [record for record in custody.records.of_partner(one.name) if record.honoured(now())]
        assert 1 <= len(honoured) <= 2
    assert run(custody, peers) == []


def test_what_a_run_left_is_there(tmp_path: Path) -> None:
    """The vault of a rotated partner holds the new outbound token, which the partner takes."""
    custody, peers = standalone(tmp_path, 1), Peers(frozenset())
    settle(custody, peers)
    assert [one.done for one in run(custody, peers)] == [True]
    assert custody.vault_of is not None
    held = custody.vault_of(custody.partners[0]).read(OUTBOUND, Stage.CURRENT)
    assert held is not None
    assert held.token == peers.registered(custody.partners[0].name)


def main(count: int) -> None:
    """Print the figures of so many partners."""
    with tempfile.TemporaryDirectory() as folder:
        figures(standalone(Path(folder), count), count)


if __name__ == "__main__":
    main(int(sys.argv[1]))
