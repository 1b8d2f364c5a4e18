"""`rampart token`: who sees a token, what ends one, and what the gateway says to it."""

from __future__ import annotations

import os
import pty
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hardening.cli import Exit, rampart
from hardening.errors import ConfigError
from hardening.registry.reader import read_registry
from hardening.requests.tokens import digest, is_token
from hardening.rotation.records import Change, first_use
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from infra.tokens.custody import Custody, now
from infra.tokens.revoke import revoke_partner

NAME = "example-emsp"


@pytest.fixture
def store(tmp_path: Path) -> SqliteTokenStore:
    return SqliteTokenStore(tmp_path / "tokens.sqlite")


def run(tmp_path: Path, *words: str, typed: str = "") -> Result:
    custody = ["--store", str(tmp_path / "tokens.sqlite")]
    return CliRunner().invoke(rampart, ["token", *words, *custody], input=typed, standalone_mode=False)


def issued(tmp_path: Path, *words: str, name: str = "token") -> str:
    file = tmp_path / name
    done = run(tmp_path, *words, "--to-file", str(file))
    assert done.exception is None, done.exception
    assert file.read_text(encoding="utf-8").strip() not in done.output
    return file.read_text(encoding="utf-8").strip()


def states(store: SqliteTokenStore) -> list[tuple[str, str]]:
    return sorted((one.kind, one.state) for one in store.of_partner(NAME))


def test_a_token_has_256_bits_and_goes_to_a_file_that_nobody_else_reads(
    tmp_path: Path, store: SqliteTokenStore
) -> None:
    token = issued(tmp_path, "issue", NAME)
    assert is_token(token)
    assert len(token) == 43  # of 64 characters each: 258 bits hold 256
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    record = store.find(digest(token))
    assert record is not None
    assert (record.partner, record.kind, record.environment) == (NAME, "A", "test")
    assert record.honoured(now())


def test_a_token_is_shown_on_a_terminal_and_nowhere_else(tmp_path: Path, store: SqliteTokenStore) -> None:
    refused = run(tmp_path, "issue", NAME)
    assert isinstance(refused.exception, ConfigError)
    assert "no terminal" in refused.exception.message
    assert states(store) == []
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "hardening.cli", "token", "issue", NAME]
    subprocess.run(
        [*command, "--store", str(tmp_path / "tokens.sqlite")], stdout=follower, check=True, timeout=60
    )
    os.close(follower)
    shown = os.read(leader, 1000).decode().strip()
    os.close(leader)
    assert store.find(digest(shown)) is not None


def test_a_dry_run_changes_nothing(tmp_path: Path, store: SqliteTokenStore) -> None:
    for words in (["issue", NAME], ["rotate", NAME], ["revoke", NAME, "--reason", "x"]):
        done = run(tmp_path, *words, "--dry-run")
        assert done.exception is None
        assert "would" in done.output
    assert states(store) == []


def test_a_new_registration_token_ends_the_one_before(tmp_path: Path, store: SqliteTokenStore) -> None:
    issued(tmp_path, "issue", NAME)
    issued(tmp_path, "issue", NAME, name="second")
    assert states(store) == [("A", "active"), ("A", "revoked")]


def test_who_has_a_token_in_use_is_issued_no_other(tmp_path: Path, store: SqliteTokenStore) -> None:
    issued(tmp_path, "issue", NAME, "--kind", "C")
    refused = run(tmp_path, "issue", NAME, "--to-file", str(tmp_path / "second"))
    assert isinstance(refused.exception, ConfigError)
    assert "rotate" in refused.exception.hint
    assert not (tmp_path / "second").exists()


def test_a_rotation_by_hand_ends_the_old_token_on_the_first_use_of_the_new(
    tmp_path: Path, store: SqliteTokenStore
) -> None:
    old = issued(tmp_path, "issue", NAME, "--kind", "C")
    new = issued(tmp_path, "rotate", NAME, name="second")
    assert states(store) == [("C", "active"), ("C", "offered")]
    assert first_use(store, digest(new), now())
    shown = run(tmp_path, "status", NAME)
    assert "overlap until" in shown.output
    assert "0 days" in shown.output
    record = store.find(digest(old))
    assert record is not None
    assert not record.honoured(now() + timedelta(minutes=2))


def test_at_most_two_tokens_are_alive_however_often_one_rotates(
    tmp_path: Path, store: SqliteTokenStore
) -> None:
    issued(tmp_path, "issue", NAME, "--kind", "C")
    for number in range(3):
        issued(tmp_path, "rotate", NAME, name=f"token-{number}")
    alive = [one for one in store.of_partner(NAME) if one.honoured(now())]
    assert sorted(one.state for one in alive) == ["active", "offered"]


def test_a_revocation_ends_every_token_and_says_that_no_gateway_was_asked(
    tmp_path: Path, store: SqliteTokenStore
) -> None:
    issued(tmp_path, "issue", NAME, "--kind", "C")
    issued(tmp_path, "rotate", NAME, name="second")
    done = run(tmp_path, "revoke", NAME, "--reason", "laptop lost")
    assert done.return_value is Exit.HOLDS
    assert "2 tokens revoked (laptop lost); no gateway was asked" in done.output
    assert {state for _, state in states(store)} == {"revoked"}


def test_everybody_is_revoked_only_by_who_types_it(tmp_path: Path, store: SqliteTokenStore) -> None:
    issued(tmp_path, "issue", NAME)
    wrong = run(tmp_path, "revoke", "--all", "--reason", "breach", typed="yes\n")
    assert isinstance(wrong.exception, ConfigError)
    assert states(store) == [("A", "active")]
    right = run(tmp_path, "revoke", "--all", "--reason", "breach", typed="revoke 3 partners of test\n")
    assert right.return_value is Exit.HOLDS, right.output
    assert states(store) == [("A", "revoked")]


def test_a_gateway_that_does_not_answer_leaves_the_revocation_unverified_and_done(
    tmp_path: Path, store: SqliteTokenStore
) -> None:
    issued(tmp_path, "issue", NAME)
    done = run(tmp_path, "revoke", NAME, "--reason", "x", "--gateway", "127.0.0.1:1")
    assert done.return_value is Exit.UNVERIFIED
    assert {state for _, state in states(store)} == {"revoked"}


class _Busy(SqliteTokenStore):
    """A store in which another process adds a token before each transaction."""

    def apply(self, changes: Any) -> None:
        wanted = list(changes)
        unseen = next((text for text in ("0" * 64, "1" * 64) if self.find(text) is None), None)
        if unseen:
            super().apply([Change(None, replace(wanted[0].after, digest=unseen, state="offered"))])
        super().apply(wanted)


def test_a_token_that_comes_during_a_revocation_ends_too(tmp_path: Path) -> None:
    issued(tmp_path, "issue", NAME)
    store = _Busy(tmp_path / "tokens.sqlite")
    custody = Custody(partners=read_registry(Path("partners")), records=store)
    revoke_partner(custody, custody.partner(NAME))
    assert {one.state for one in store.of_partner(NAME)} == {"revoked"}
    assert len(store.of_partner(NAME)) == 3


def test_a_store_that_is_not_there_is_made_for_a_first_token_only(tmp_path: Path) -> None:
    for words in (["status"], ["rotate", NAME], ["revoke", NAME, "--reason", "x"]):
        assert isinstance(run(tmp_path, *words).exception, ConfigError)
    assert list(tmp_path.iterdir()) == []
    issued(tmp_path, "issue", NAME)
    assert (tmp_path / "tokens.sqlite").exists()


def test_a_place_is_one_of_two(tmp_path: Path) -> None:
    done = CliRunner().invoke(rampart, ["token", "status"], standalone_mode=False)
    assert isinstance(done.exception, ConfigError)
