"""The audit of live tokens reads what the stores say, and no value."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hardening.checks import Status
from hardening.cli import Exit, rampart
from hardening.errors import CollectError, ConfigError
from hardening.requests.tokens import digest, issue
from hardening.rotation.records import TokenRecord
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from infra.tokens.custody import now
from scanners.books.command import judged
from scanners.books.records import read_books

PARTNERS = ("example-cpo", "example-emsp", "example-hub")


def record(partner: str, **changes: object) -> TokenRecord:
    at = now()
    issued, expires = at - timedelta(days=1), at + timedelta(days=59)
    made = TokenRecord(
        digest(issue()),
        partner,
        "C",
        "active",
        "test",
        int(expires.timestamp()),
        issued=int(issued.timestamp()),
        used=int(at.timestamp()),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # by name


def store(tmp_path: Path, *records: TokenRecord, name: str = "tokens.sqlite") -> Path:
    made = SqliteTokenStore(tmp_path / name)
    for one in records:
        made.put(one)
    return tmp_path / name


def run(*stores: Path) -> Result:
    words = [word for one in stores for word in ("--store", str(one))]
    return CliRunner().invoke(rampart, ["audit", "tokens", *words, "--format", "json"], standalone_mode=False)


def failing(done: Result) -> set[str]:
    rows = next(value for value in json.loads(done.stdout).values() if isinstance(value, list) and value)
    return {row["control"] for row in rows if row["status"] == "fail"}


def test_a_store_as_it_should_be_has_no_finding(tmp_path: Path) -> None:
    done = run(store(tmp_path, *(record(name) for name in PARTNERS)))
    assert done.return_value is Exit.HOLDS, done.output


def test_each_fault_is_found_by_its_control(tmp_path: Path) -> None:
    old = int((now() - timedelta(days=40)).timestamp())
    faults = {
        "secrets-rotate-monthly": [record("example-emsp", issued=old)],
        "rotation-overlap-bounded": [record("example-emsp"), record("example-emsp", state="retiring")],
        "unused-access-ends": [record("example-emsp"), record("example-emsp", state="offered", issued=old)],
    }
    for control, records in faults.items():
        others = [record(name) for name in ("example-cpo", "example-hub")]
        done = run(store(tmp_path, *records, *others, name=f"{control}.sqlite"))
        assert done.return_value is Exit.FAILS
        assert failing(done) == {control}


def test_a_partner_that_makes_no_call_any_more_is_found(tmp_path: Path) -> None:
    since = {"issued": int((now() - timedelta(days=20)).timestamp())}
    others = [record(name) for name in ("example-cpo", "example-hub")]
    silent = record("example-emsp", **since, used=int((now() - timedelta(days=16)).timestamp()))
    done = run(store(tmp_path, silent, *others))
    assert failing(done) == {"unused-access-ends"}
    assert "its partner makes no call" in done.stdout


def test_a_partner_without_a_token_is_found(tmp_path: Path) -> None:
    assert failing(run(store(tmp_path, record("example-emsp")))) == {"unused-access-ends"}


def test_a_token_in_two_places_is_found(tmp_path: Path) -> None:
    shared = record("example-emsp")
    others = [record("example-cpo"), record("example-hub")]
    here = store(tmp_path, shared, *others)
    there = store(tmp_path, replace(shared, partner="example-cpo"), *others, name="other.sqlite")
    assert "secret-per-partner-and-direction" in failing(run(here, there))


def test_an_age_that_nobody_knows_is_not_verified(tmp_path: Path) -> None:
    done = run(
        store(tmp_path, record("example-emsp", issued=0), record("example-cpo"), record("example-hub"))
    )
    assert done.return_value is Exit.UNVERIFIED


def test_what_is_no_place_of_tokens_is_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken.sqlite"
    broken.write_text("no database at all, but text that is long enough", encoding="utf-8")
    for error in (run(broken).exception, run(tmp_path / "nowhere.sqlite").exception, run().exception):
        assert isinstance(error, ConfigError)
        assert not any(line.startswith("rampart: ") for line in error.problems)


def test_a_status_that_is_none_is_not_verified() -> None:
    with pytest.raises(CollectError):
        read_books("{}")


def test_the_secrets_of_a_target_are_judged_without_their_values() -> None:
    secret = {"name": "rampart/test/example-emsp/inbound", "exists": True, "filled": True, "rotates": False}
    at = now().isoformat()
    text = json.dumps(
        {
            "format": "rampart-token-status/2",
            "at": at,
            "rotation_days": 30,
            "partners": [],
            "tokens": [],
            "leniencies": [],
            "secrets": [{**secret, "rotation_days": None, "last_rotated": None, "policy": None}],
        }
    )
    wrong = {one.control for one in judged(read_books(text)) if one.status is Status.FAIL}
    assert wrong == {"secrets-rotate-monthly", "secrets-closed-to-strangers"}
