"""Every token store says the same: one suite, run on each of them."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from hardening.rotation.records import Change, Conflict
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from infra.runtime.policy_service.stores import (
    DynamoTokenStore,
    MemoryTokenStore,
    SearchedTokenStore,
    TokenRecord,
    TokenStore,
    item,
)

RECORD = TokenRecord("a" * 64, "example-emsp", "C", "active", "test", 1_900_000_000)
_words = st.text("abcXYZ-'\"; é", min_size=1, max_size=20)
_records = st.builds(
    TokenRecord,
    digest=st.text("0123456789abcdef", min_size=1, max_size=64),
    partner=_words,
    kind=st.sampled_from("AC"),
    state=st.sampled_from(["active", "retiring", "revoked"]),
    environment=_words,
    expires=st.integers(0, 2**40),
    used=st.integers(0, 2**40),
)


@pytest.fixture
def dynamo() -> Iterator[DynamoTokenStore]:
    import boto3

    with mock_aws():
        client = boto3.client("dynamodb", endpoint_url="https://dynamodb.eu-central-1.amazonaws.com")
        client.create_table(
            TableName="tokens",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("digest", "partner")
            ],
            KeySchema=[{"AttributeName": "digest", "KeyType": "HASH"}],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by-partner",
                    "KeySchema": [{"AttributeName": "partner", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "KEYS_ONLY"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        broken = {**item(replace(RECORD, digest="broken")), "expires": {"S": "never"}}
        client.put_item(TableName="tokens", Item=broken)
        yield DynamoTokenStore(client, "tokens")


@pytest.fixture(params=["memory", "sqlite", "dynamodb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SearchedTokenStore:
    if request.param == "memory":
        return MemoryTokenStore()
    if request.param == "sqlite":
        return SqliteTokenStore(tmp_path / "tokens.sqlite")
    found: DynamoTokenStore = request.getfixturevalue("dynamo")
    return found


def test_an_unknown_token_is_none(store: TokenStore) -> None:
    assert store.find(RECORD.digest) is None


def test_what_was_put_is_found_and_nothing_else(store: TokenStore) -> None:
    store.put(RECORD)
    assert store.find(RECORD.digest) == RECORD
    assert store.find("b" * 64) is None
    assert store.find(RECORD.digest.upper()) is None


def test_every_token_of_a_partner_is_found_and_no_other(store: SearchedTokenStore) -> None:
    several = [replace(RECORD, digest=f"{number:064x}", partner="a-partner") for number in range(150)]
    for record in [*several, replace(RECORD, digest="f" * 64, partner="another")]:
        store.put(record)
    assert list(store.of_partner("a-partner")) == several
    assert store.of_partner("nobody") == ()


def test_a_revocation_is_found_from_the_next_look_on(store: TokenStore) -> None:
    store.put(RECORD)
    store.put(replace(RECORD, state="revoked"))
    assert store.find(RECORD.digest) == replace(RECORD, state="revoked")


def test_a_use_that_is_noted_changes_nothing_else_and_survives_a_change_of_state(store: TokenStore) -> None:
    store.put(RECORD)
    store.note_use(RECORD.digest, 1_800_000_000)
    store.note_use("b" * 64, 1_800_000_000)
    assert store.find("b" * 64) is None
    # Whoever read the record before does not lose the race to a use.
    store.apply([Change(RECORD, replace(RECORD, state="retiring"))])
    found = store.find(RECORD.digest)
    assert found == replace(RECORD, state="retiring")
    assert found is not None
    assert found.used == 1_800_000_000


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=_records)
def test_any_record_comes_back_as_it_was(store: TokenStore, record: TokenRecord) -> None:
    store.put(record)
    found = store.find(record.digest)
    assert found == record
    assert found is not None
    assert found.used == record.used


def test_threads_that_write_and_read_at_once_lose_nothing(store: TokenStore) -> None:
    def write(number: int) -> None:
        for one in range(10):
            record = replace(RECORD, digest=f"{number}-{one}")
            store.put(record)
            assert store.find(record.digest) == record

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(store.find(f"{number}-{one}") for number in range(4) for one in range(10))


def test_a_record_that_cannot_be_read_raises(dynamo: DynamoTokenStore) -> None:
    with pytest.raises(LookupError):
        dynamo.find("broken")


def test_a_file_that_is_gone_is_an_error_and_never_a_new_store(tmp_path: Path) -> None:
    file = tmp_path / "tokens.sqlite"
    store = SqliteTokenStore(file)
    store.put(RECORD)
    file.unlink()
    with pytest.raises(sqlite3.Error):
        store.find(RECORD.digest)
    assert not file.exists()


def test_the_file_is_its_owners_alone_and_lists_a_partners_tokens(tmp_path: Path) -> None:
    file = tmp_path / "tokens.sqlite"
    store = SqliteTokenStore(file)
    store.put(RECORD)
    store.put(replace(RECORD, digest="b", partner="another"))
    assert file.stat().st_mode & 0o777 == 0o600
    assert SqliteTokenStore(file).of_partner("example-emsp") == (RECORD,)


def test_a_file_that_is_opened_again_keeps_the_locks_that_this_process_has_on_it(tmp_path: Path) -> None:
    """Without them another process writes into what this one has begun."""
    file = tmp_path / "tokens.sqlite"
    SqliteTokenStore(file).put(RECORD)
    with contextlib.closing(sqlite3.connect(file)) as held:
        held.execute("UPDATE tokens SET state = 'revoked'")
        SqliteTokenStore(file)
        begins = "sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
        elsewhere = [sys.executable, "-c", f"import sqlite3, sys; {begins}", str(file)]
        tried = subprocess.run(elsewhere, capture_output=True, text=True, check=False, timeout=60)
        assert "database is locked" in tried.stderr
        held.commit()
    assert subprocess.run(elsewhere, check=False, timeout=60).returncode == 0


def test_a_full_disk_costs_no_look_into_the_sqlite_store(tmp_path: Path) -> None:
    """A limit on the size of files stands for it: what is there is read, and a write fails whole."""
    store = SqliteTokenStore(tmp_path / "tokens.sqlite")
    store.put(RECORD)
    code = """
import resource, sqlite3, sys
from pathlib import Path
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from dataclasses import replace
store = SqliteTokenStore(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
found = store.find("a" * 64)
try:
    store.put(replace(found, state="revoked"))
except sqlite3.Error:
    sys.exit(0 if store.find("a" * 64) == found else 1)
sys.exit(2)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "tokens.sqlite")]
    assert subprocess.run(command, check=False, timeout=60).returncode == 0
    assert store.find(RECORD.digest) == RECORD


def test_a_change_waits_for_whoever_changes_before_it_looks(tmp_path: Path) -> None:
    """What another process changed meanwhile is a conflict, and is not written over."""
    file = tmp_path / "tokens.sqlite"
    store = SqliteTokenStore(file)
    store.put(RECORD)
    outcome: list[object] = []

    def retire() -> None:
        try:
            store.apply([Change(RECORD, replace(RECORD, state="retiring"))])
            outcome.append("applied")
        except Conflict as conflict:
            outcome.append(conflict)

    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        thread = threading.Thread(target=retire)
        thread.start()
        time.sleep(0.2)
        other.execute("UPDATE tokens SET state = 'revoked'")
        other.execute("COMMIT")
        thread.join(10)
    assert isinstance(outcome[0], Conflict)
    found = store.find(RECORD.digest)
    assert found is not None
    assert found.state == "revoked"


def test_a_look_into_dynamodb_sees_every_revocation(dynamo: DynamoTokenStore) -> None:
    """DynamoDB answers with what may be stale, unless it is asked for a consistent read."""
    asked: list[object] = []
    events = dynamo._client.meta.events
    events.register("provide-client-params.dynamodb.GetItem", lambda params, **_: asked.append(params))
    dynamo.find(RECORD.digest)
    assert [one["ConsistentRead"] for one in asked] == [True]  # type: ignore[index]  # botocore's parameters


def test_no_change_is_no_call(store: SearchedTokenStore) -> None:
    store.apply([])
    store.put(RECORD)
    store.apply([Change(RECORD, replace(RECORD, state="revoked"))])
    found = store.find(RECORD.digest)
    assert found is not None
    assert found.state == "revoked"
