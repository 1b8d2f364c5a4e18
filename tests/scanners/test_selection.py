"""What is left out is not looked at, and what was not asked for is not attacked."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hardening.checks import Status
from hardening.errors import CollectError
from scanners.probe.permission import asked_probe, is_free
from scanners.run import scan_all
from scanners.selection import AUDITS, Selection
from scanners.target import Target
from tests.own_stack import ROOT

EXAMPLE = Target(name="production", stack_file=str(ROOT / "examples/production.json"), region="eu-central-1")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def test_what_only_names_is_all_that_is_looked_at(listener: socket.socket, tmp_path: Path) -> None:
    """The gateway of the target sees no connection: neither a handshake nor a forbidden call."""
    (tmp_path / "tokens.json").write_text("{}")
    gateway = f"127.0.0.1:{listener.getsockname()[1]}"
    target = replace(EXAMPLE, gateway=gateway, tokens_file=str(tmp_path / "tokens.json"))
    scans = scan_all(target, Selection(), ("trail-complete",))
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert {f.status for f in scans["probe"].findings} == {Status.NOT_APPLICABLE}
    assert "--only" in scans["tls"].findings[0].detail
    assert any(f.status is not Status.NOT_APPLICABLE for f in scans["policy"].findings)


@pytest.mark.parametrize(
    ("only", "made"),
    [
        ((), AUDITS),
        (("token-known",), ("probe",)),
        (("aws-baseline",), ("policy",)),
        (("CKV_AWS_18",), AUDITS),
        (("token-known", "no-such-*"), AUDITS),
    ],
)
def test_only_leaves_what_could_judge_it(only: tuple[str, ...], made: tuple[str, ...]) -> None:
    left_out = Selection().left_out(only)
    assert tuple(name for name in AUDITS if name not in left_out) == made


def test_each_option_says_what_it_left_out() -> None:
    chosen = Selection(scanners=("policy", "drift"), without=("drift",))
    assert chosen.left_out(()) == {
        "intent": "--scanners",
        "tls": "--scanners",
        "probe": "--scanners",
        "drift": "--without drift",
    }


@pytest.mark.parametrize(
    ("gateway", "environment", "free"),
    [
        ("127.0.0.1:8443", "", True),
        ("127.0.0.2:8443", "production", True),
        ("[::1]:8443", "", True),
        ("localhost:8443", "", True),
        ("localhost.example.com:443", "", False),
        ("127.0.0.1.example.com:443", "production", False),
        ("ocpi.example.com:443", "test", True),
        ("ocpi.example.com:443", "Test", False),
        ("ocpi.example.com:443", "", False),
        ("", "", False),
    ],
)
def test_only_this_machine_and_test_environments_are_attacked_unasked(
    gateway: str, environment: str, free: bool
) -> None:
    target = replace(EXAMPLE, gateway=gateway, environment=environment)
    assert is_free(target) is free
    if not free:
        with pytest.raises(CollectError, match="nobody asked"):
            asked_probe(target, attack_production=False)
