"""Partners from first to last day: added, listed, rotated when due, offboarded."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hardening.cli import Exit, rampart
from hardening.errors import ConfigError
from hardening.registry.onboarding_files import attestation_file
from hardening.registry.reader import read_registry
from hardening.requests.tokens import digest
from hardening.rotation.records import TokenRecord
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from infra.tokens.custody import now
from infra.tokens.due import is_due, rotate_all

MONTH = timedelta(days=30)
FILE = [
    *("--environment", "test", "--party", "NL*NEW:EMSP", "--version", "2.2.1"),
    *("--module", "tokens:read+write", "--network", "198.51.100.0/28", "--callback-host", "ocpi.new.example"),
]


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    shutil.copytree("partners", tmp_path / "partners")
    return tmp_path / "partners"


def run(registry: Path, *words: str) -> Result:
    custody = ["--partners", str(registry)]
    return CliRunner().invoke(rampart, ["partner", *words, *custody], standalone_mode=False)


def record(partner: str, days: int, **changes: object) -> TokenRecord:
    at = now()
    issued, expires = at - timedelta(days=days), at + timedelta(days=60 - days)
    made = TokenRecord(
        digest(f"{partner}-{days}"), partner, "C", "active", "test", int(expires.timestamp()),
        issued=int(issued.timestamp()),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]  # by name


def test_an_added_partner_is_one_that_the_registry_reads(registry: Path) -> None:
    done = run(registry, "add", "new-emsp", *FILE)
    assert done.exception is None, done.exception
    found = next(one for one in read_registry(registry) if one.name == "new-emsp")
    assert [str(party) for party in found.parties] == ["NL*NEW"]
    assert found.callback_hosts[0].host == "ocpi.new.example"


def test_a_partner_with_a_fault_is_not_written(registry: Path) -> None:
    for words in (
        ["add", "new-emsp", *FILE, "--party", "NL*EMX:EMSP"],  # another partner's
        ["add", "new-emsp", *FILE, "--network", "0.0.0.0/0"],
        ["add", "new-emsp", *FILE[2:]],  # no environment, and nobody to ask
        ["add", "New/Emsp", *FILE],
        ["add", "example-emsp", *FILE],
    ):
        assert isinstance(run(registry, *words).exception, ConfigError), words
    assert len(list(registry.glob("*.yaml"))) == 3


def test_a_dry_run_shows_the_file(registry: Path) -> None:
    done = run(registry, "add", "new-emsp", *FILE, "--dry-run")
    assert "new-emsp" in done.stdout
    assert not (registry / "new-emsp.yaml").exists()


def test_the_list_says_how_tokens_stand(registry: Path, tmp_path: Path) -> None:
    store = SqliteTokenStore(tmp_path / "tokens.sqlite")
    store.put(record("example-emsp", 40))
    store.put(record("example-cpo", 3, used=int(now().timestamp())))
    shown = run(registry, "list", "--store", str(tmp_path / "tokens.sqlite")).stdout
    lines = dict(line.split("\t", 1) for line in shown.splitlines())
    assert lines["example-emsp"].endswith("C active, rotation is overdue, no use noted")
    assert lines["example-cpo"].endswith(f"C active, last used {now():%Y-%m-%d}")
    assert lines["example-hub"].endswith("no token")


def test_what_is_due_follows_from_the_records() -> None:
    at = now()
    assert is_due([record("p", 31)], at, MONTH)
    assert is_due([record("p", 1, issued=0)], at, MONTH)
    assert is_due([record("p", 1, state="offered")], at, MONTH)
    assert not is_due([record("p", 1)], at, MONTH)
    assert not is_due([record("p", 40, state="retiring"), record("p", 1)], at, MONTH)
    assert not is_due([record("p", 40, state="revoked")], at, MONTH)
    assert not is_due([record("p", 40, kind="A")], at, MONTH)


def test_who_never_registered_is_named_and_not_rotated(registry: Path, tmp_path: Path) -> None:
    SqliteTokenStore(tmp_path / "tokens.sqlite").put(record("example-emsp", 40))
    done = run(registry, "rotate-due", "--store", str(tmp_path / "tokens.sqlite"))
    assert done.return_value is Exit.FAILS
    assert "example-emsp: due, and not registered" in done.output


def test_the_failure_of_one_partner_is_no_failure_of_another(registry: Path) -> None:
    def rotate(partner: object) -> object:
        raise RuntimeError("a secret")

    ended = list(rotate_all(read_registry(registry), rotate, 2))  # type: ignore[arg-type]  # it only raises
    assert [str(one) for one in sorted(ended, key=lambda one: one.partner)] == [
        "example-cpo: RuntimeError",
        "example-emsp: RuntimeError",
        "example-hub: RuntimeError",
    ]


def test_an_offboarded_partner_has_no_token_no_entry_and_a_record(registry: Path, tmp_path: Path) -> None:
    store = SqliteTokenStore(tmp_path / "tokens.sqlite")
    store.put(record("example-emsp", 1))
    attestation = attestation_file(registry, "example-emsp")
    attestation.parent.mkdir(exist_ok=True)
    attestation.write_text("{}", encoding="utf-8")
    words = ["--reason", "contract ended", "--store", str(tmp_path / "tokens.sqlite")]
    done = run(registry, "offboard", "example-emsp", *words)
    assert done.return_value is Exit.HOLDS, done.output
    assert [one.name for one in read_registry(registry)] == ["example-cpo", "example-hub"]
    assert {one.state for one in store.of_partner("example-emsp")} == {"revoked"}
    # Who comes back with the same entry is onboarded anew.
    assert not attestation.exists()
    assert next((registry / "offboarded").glob("*-example-emsp.json"))
    kept = next((registry / "offboarded").glob("*Z.json"))
    assert json.loads(kept.read_text(encoding="utf-8"))["reason"] == "contract ended"
    assert next((registry / "offboarded").glob("*.yaml"))


def test_the_entry_stays_until_the_gateway_refuses(registry: Path, tmp_path: Path) -> None:
    SqliteTokenStore(tmp_path / "tokens.sqlite").put(record("example-emsp", 1))
    words = ["--reason", "x", "--store", str(tmp_path / "tokens.sqlite"), "--gateway", "127.0.0.1:1"]
    done = run(registry, "offboard", "example-emsp", *words)
    assert done.return_value is Exit.UNVERIFIED
    assert (registry / "example-emsp.yaml").exists()
