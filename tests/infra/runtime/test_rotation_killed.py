"""Kill -9 of the process that rotates, before and after each thing that it does; then it is started again."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hardening.rotation.connection import Connection, Outcome
from hardening.rotation.registration import register, unregister
from hardening.rotation.result import End, Result
from hardening.rotation.starter import rotate
from tests.beds.ocpi_peer.peer import Peer, running_peer
from tests.infra.runtime.our_side import OURS, OurSide, answering, our_side, registered

pytestmark = pytest.mark.slow
# More than any exchange does; the last kills find nobody.
_MOST_STEPS = 60


class Deadly:
    """Stores and partner of a connection, whose user is killed at the n-th use of them."""

    def __init__(self, connection: Connection, dies_at: int, after: bool) -> None:
        self._connection, self._left, self._after = connection, dies_at, after

    def __getattr__(self, name: str) -> Callable[..., Any]:
        there = self._connection
        own = name in ("find", "apply")
        real = there.call if name == "call" else getattr(there.records if own else there.vault, name)

        def used(*asked: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                os.kill(os.getpid(), signal.SIGKILL)
            done = real(*asked)
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return used


def killed(us: OurSide, act: Callable[[Connection], Result], dies_at: int, after: bool) -> bool:
    """Run `act` in a process of its own; whether it was killed."""
    child = os.fork()
    if child == 0:
        deadly = Deadly(us.connection, dies_at, after)
        act(replace(us.connection, vault=deadly, records=deadly, call=deadly.call))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with running_peer(tmp_path_factory.mktemp("peer")) as found:
        yield found


def steps(peer: Peer, tmp_path: Path, after: bool) -> Iterator[tuple[int, OurSide]]:
    """Our side with stores of its own, for each step."""
    for number in range(1, _MOST_STEPS):
        folder = tmp_path / f"{number}-{after}"
        folder.mkdir()
        with answering(our_side(folder, peer, 5.0)) as us:
            yield number, us


def both_talk(peer: Peer, us: OurSide) -> None:
    assert us.connection.call("GET", peer.versions, us.outbound().token, None).outcome is Outcome.DONE
    assert peer.told(act="call")["done"] == 200


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("old_token", ["at use", "at once", "never"])
def test_a_killed_rotation_is_rotated_or_rolled_back_when_it_is_started_again(
    old_token: str, after: bool, peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", peer.ca_file)
    kills = 0
    for number, us in steps(peer, tmp_path, after):
        registered(us, peer, old_token=old_token, fault="", discovery_fault="")
        if not killed(us, rotate, number, after):
            break
        kills += 1
        # Before it is started again the partner is let in, whatever token it has by now.
        assert peer.told(act="call")["done"] == 200, number
        result = rotate(us.connection)
        if result.end is End.STRANDED:
            # The answer was lost with the process, and the partner ended the old token at once.
            assert old_token == "at once", number
            assert peer.told(act="rotate")["done"] == 1000, number
            result = rotate(us.connection)
        assert result.end in (End.ROTATED, End.ROLLED_BACK), (number, result)
        both_talk(peer, us)
    assert kills > 20


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_registration_is_registered_when_it_is_started_again(
    after: bool, peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", peer.ca_file)
    kills = 0

    def act(connection: Connection) -> Result:
        return register(connection, OURS, peer.versions, "token-a-of-the-peer")

    for number, us in steps(peer, tmp_path, after):
        peer.told(takes=[], presents="", registered=False, fault="", old_token="at use", us=us.url)
        peer.told(token_a="token-a-of-the-peer", discovery_fault="")
        if not killed(us, act, number, after):
            break
        kills += 1
        assert act(us.connection).end is End.ROTATED, number
        both_talk(peer, us)
    assert kills > 20


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_end_is_known_to_both_sides_when_it_is_run_again(
    after: bool, peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", peer.ca_file)
    kills = 0
    for number, us in steps(peer, tmp_path, after):
        registered(us, peer, old_token="at use", fault="", discovery_fault="")
        token = us.outbound().token
        if not killed(us, unregister, number, after):
            break
        kills += 1
        result = unregister(us.connection)
        assert result.end is End.ENDED, (number, result)
        assert us.connection.call("GET", peer.versions, token, None).outcome is not Outcome.DONE, number
        assert peer.told(act="call")["done"] != 200, number
    assert kills > 2
