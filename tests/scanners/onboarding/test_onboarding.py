"""Onboarding ends in an attestation where everything holds, and in none where one thing does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from hardening.cli import Exit, rampart
from hardening.dsse import private_key
from hardening.errors import ConfigError
from hardening.registry.onboarding import read_attestation
from hardening.registry.onboarding_files import attestation_file, require_onboarded
from hardening.requests import tokens
from hardening.rotation.connection import Stage
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.policy_service.sqlite_store import SqliteTokenStore
from scanners.onboarding.cases import read_cases
from scanners.onboarding.items import SIGNED
from tests.beds.guard import write_configuration
from tests.beds.probed_server import EMPTY, FAULTS

NAME, HOST = "probed-cpo", "ocpi.probed.example"
NOW = datetime.now(UTC)
_ROLE = '{ role = "EMSP", country_code = "NL", party_id = "ABC", business_details = { name = "ABC" } }'
EVERYTHING = [word for item in SIGNED for word in ("--signed", f"{item}=Jane Doe")]


@dataclass(frozen=True, slots=True)
class Bed:
    """A partner that is served in `folder`, and its file in the registry."""

    folder: Path
    port: int

    @property
    def registry(self) -> Path:
        return self.folder / "partners"

    def run(self, *words: str) -> Result:
        folder = self.folder
        fixed = {
            "--url": f"https://{HOST}:{self.port}/ocpi/versions",
            "--token-file": str(folder / "token"),
            "--key": str(folder / "key.pem"),
            "--output": str(folder / "checklist"),
            "--partners": str(self.registry),
            "--ca": str(folder / "ca.pem"),
            "--address": "127.0.0.1",
            "--plain-port": "0",
            "--rate": "100",
        }
        options = [word for pair in fixed.items() for word in pair]
        return CliRunner().invoke(
            rampart, ["partner", "onboard", NAME, *options, *words], standalone_mode=False
        )


@contextmanager
def bed(folder: Path, fault: str = "") -> Iterator[Bed]:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    begin, end = NOW - timedelta(days=1), NOW + timedelta(days=90)
    ca.issue_cert(HOST, not_before=begin, not_after=end).private_key_and_cert_chain_pem.write_to_path(
        folder / "server.pem"
    )
    (folder / "token").write_text(tokens.issue(), encoding="utf-8")
    (folder / "token").chmod(0o600)
    arguments = [str(folder / "server.pem"), str(folder / "token"), "2.2.1", fault, HOST]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.beds.probed_server", *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            _registry(folder, port)
            yield Bed(folder, port)
        finally:
            process.kill()


def _registry(folder: Path, port: int) -> None:
    options = {
        "--environment": "test",
        "--party": "NL*LAB:CPO",
        "--version": "2.2.1",
        "--network": "198.51.100.0/28",
        "--callback-host": f"{HOST}:{port}",
        "--partners": str(folder / "partners"),
    }
    words = [word for pair in options.items() for word in pair]
    modules = ["--module", "locations:read+write", "--module", "tariffs:read+write"]
    made = CliRunner().invoke(rampart, ["partner", "add", NAME, *words, *modules], standalone_mode=False)
    assert made.exception is None, made.exception
    entry = folder / "partners" / f"{NAME}.yaml"
    entry.write_text(entry.read_text(encoding="utf-8") + "require_onboarding: true\n", encoding="utf-8")
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(pem)
    (folder / "partners" / "onboarding").mkdir(exist_ok=True)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "partners" / "onboarding" / "security.pem").write_bytes(public)


def _token_in_use(folder: Path) -> Path:
    """A partner that was given a token by hand: its rotation in test is one by hand, too."""
    store = folder / "tokens.sqlite"
    SqliteTokenStore(store)
    words = ["--kind", "C", "--to-file", str(folder / "given"), "--store", str(store)]
    where = ["--partners", str(folder / "partners")]
    made = CliRunner().invoke(rampart, ["token", "issue", NAME, *words, *where], standalone_mode=False)
    assert made.exception is None, made.exception
    return store


def test_who_holds_everything_is_attested_and_may_be_deployed(tmp_path: Path) -> None:
    with bed(tmp_path) as up:
        with pytest.raises(ConfigError, match="has no onboarding attestation"):
            require_onboarded(up.registry, NOW)
        done = up.run(*EVERYTHING, "--signed", "rehearsal=Jane Doe")
        assert done.return_value is Exit.HOLDS, done.output
        require_onboarded(up.registry, datetime.now(UTC))
    page = (tmp_path / "checklist" / "checklist.html").read_text(encoding="utf-8")
    text = (tmp_path / "checklist" / "checklist.md").read_text(encoding="utf-8")
    for item in (*SIGNED, "tls", "server", "rehearsal"):
        assert item in page
        assert f"| {item} |" in text
    kept = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "checklist").iterdir())
    token = (tmp_path / "token").read_text(encoding="utf-8")
    assert token not in kept
    assert tokens.encoded(token) not in kept


def test_an_attestation_ends_and_holds_for_its_entry_alone(tmp_path: Path) -> None:
    with bed(tmp_path) as up:
        assert (
            up.run(*EVERYTHING, "--signed", "rehearsal=Jane Doe", "--days", "30").return_value is Exit.HOLDS
        )
    with pytest.raises(ConfigError, match="its onboarding ended"):
        require_onboarded(up.registry, datetime.now(UTC) + timedelta(days=31))
    entry = up.registry / f"{NAME}.yaml"
    before = entry.read_text(encoding="utf-8")
    entry.write_text(before.replace("198.51.100.0/28", "198.51.100.0/27"), encoding="utf-8")
    with pytest.raises(ConfigError, match="was changed after it was onboarded"):
        require_onboarded(up.registry, datetime.now(UTC))
    entry.write_text(f"# a comment\n{before}", encoding="utf-8")
    require_onboarded(up.registry, datetime.now(UTC))


def test_an_entry_that_changes_while_it_is_onboarded_is_not_attested(tmp_path: Path) -> None:
    """What was looked at is what is attested: the run takes minutes, and others work on the registry."""
    os.mkfifo(tmp_path / "asked", 0o600)

    def widen() -> None:
        # Opens once the command asks for the token, which is after it has read the entry.
        with (tmp_path / "asked").open("w", encoding="utf-8") as token:
            entry = up.registry / f"{NAME}.yaml"
            entry.write_text(entry.read_text(encoding="utf-8").replace("/28", "/27"), encoding="utf-8")
            token.write((tmp_path / "token").read_text(encoding="utf-8"))

    with bed(tmp_path) as up, ThreadPoolExecutor(1) as colleague:
        edited = colleague.submit(widen)
        words = ("--signed", "rehearsal=Jane Doe", "--token-file", str(tmp_path / "asked"))
        done = up.run(*EVERYTHING, *words)
        edited.result()
    assert isinstance(done.exception, ConfigError)
    assert "changed meanwhile" in done.exception.message
    assert not attestation_file(up.registry, NAME).exists()


def test_an_attestation_by_a_stranger_or_touched_is_none(tmp_path: Path) -> None:
    with bed(tmp_path) as up:
        assert up.run(*EVERYTHING, "--signed", "rehearsal=Jane Doe").return_value is Exit.HOLDS
    file = attestation_file(up.registry, NAME)
    sealed = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**sealed, "payload": sealed["payload"][:-8] + "AAAAAAA="}), encoding="utf-8")
    with pytest.raises(ConfigError, match="onboarding attestation is"):
        require_onboarded(up.registry, datetime.now(UTC))
    file.write_text(json.dumps(sealed), encoding="utf-8")
    other = Ed25519PrivateKey.generate().public_key()
    public = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (up.registry / "onboarding" / "security.pem").write_bytes(public)
    with pytest.raises(ConfigError, match="signed by no known key"):
        require_onboarded(up.registry, datetime.now(UTC))


_QUICK = ("any-token", "no-count", "foreign-objects")
_SEEDED = [
    pytest.param(fault, marks=[] if fault in _QUICK else pytest.mark.slow)
    for fault in (
        *_QUICK, "no-authentication-on-lists", "token-prefix", "raw-too", "lenient-base64", "bearer",
        "last-header-counts", "limit-ignored", "offset-ignored", "dates-ignored", "no-link", "no-cap",
        "plaintext-endpoint", "link-to-a-stranger", "forwarded-host", "token-echoed", "ids-lost", "no-hsts",
        "unknown-paths-served", "trace-served",
    )
]  # fmt: skip


@pytest.mark.parametrize("fault", _SEEDED)
def test_a_partner_whose_server_has_a_fault_is_not_attested(tmp_path: Path, fault: str) -> None:
    with bed(tmp_path, fault) as up:
        done = up.run(*EVERYTHING, "--signed", "rehearsal=Jane Doe")
    assert done.return_value is Exit.FAILS
    assert "server\tfail" in done.output
    assert f"`{FAULTS[fault]}` fail" in (tmp_path / "checklist" / "checklist.md").read_text(encoding="utf-8")
    assert not attestation_file(up.registry, NAME).exists()


_CASES = """
- name: three locations
  module: locations
  query: limit=3
  http_status: 200
  ocpi_status: 1000
  least_objects: 3
- {name: "no number", module: locations, query: "limit=abc", http_status: 400, ocpi_status: 2001}
"""


@pytest.mark.parametrize(
    ("cases", "status", "told"),
    [
        (_CASES, "pass", "2 cases"),
        (_CASES.replace("least_objects: 3", "least_objects: 4"), "fail", "three locations: 3 objects"),
        (_CASES.replace("2001", "2002"), "fail", "no number: HTTP 400, OCPI 2001"),
        (_CASES.replace("locations, query", "cdrs, query"), "fail", "no number: no endpoint cdrs"),
    ],
)
def test_the_agreed_test_cases_are_run_and_a_signature_does_not_stand_in_for_them(
    tmp_path: Path, cases: str, status: str, told: str
) -> None:
    (tmp_path / "cases.yaml").write_text(cases, encoding="utf-8")
    with bed(tmp_path) as up:
        words = ["--signed", "rehearsal=Jane Doe", "--cases", str(tmp_path / "cases.yaml")]
        done = up.run(*EVERYTHING, *words)
    assert done.return_value is (Exit.HOLDS if status == "pass" else Exit.FAILS), done.output
    assert f"test-cases\t{status}\trampart\t{told}" in done.output
    assert (tmp_path / "checklist" / "test-cases.json").is_file()


def test_a_wrong_file_of_test_cases_is_one_line(tmp_path: Path) -> None:
    for text in ("a: b", "- {name: x}", _CASES.replace("1000", '"1000"')):
        (tmp_path / "cases.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match=r"cases.yaml: "):
            read_cases(tmp_path / "cases.yaml")


def test_what_nobody_signed_or_rehearsed_is_not_verified(tmp_path: Path) -> None:
    with bed(tmp_path) as up:
        unsigned = up.run(*EVERYTHING[2:], "--signed", "rehearsal=Jane Doe")
        unrehearsed = up.run(*EVERYTHING)
    assert unsigned.return_value is Exit.UNVERIFIED
    assert "not signed yet" in unsigned.output
    assert unrehearsed.return_value is Exit.UNVERIFIED
    assert not attestation_file(up.registry, NAME).exists()


def test_what_cannot_be_seen_for_want_of_objects_may_be_signed_with_a_reason(tmp_path: Path) -> None:
    signed = (*EVERYTHING, "--signed", "rehearsal=Jane Doe")
    with bed(tmp_path, EMPTY) as up:
        unsigned = up.run(*signed)
        unreasoned = up.run(*signed, "--signed", "server=Jane Doe")
        done = up.run(*signed, "--signed", "server=Jane Doe: no location before the first station")
    assert unsigned.return_value is Exit.UNVERIFIED
    assert "server\terror" in unsigned.output
    assert isinstance(unreasoned.exception, ConfigError)
    assert "PERSON:REASON" in unreasoned.exception.message
    assert done.return_value is Exit.HOLDS, done.output
    public = private_key((tmp_path / "key.pem").read_bytes()).public_key()
    kept = read_attestation(attestation_file(up.registry, NAME).read_text(encoding="utf-8"), [public])
    assert kept.items["server"] == "Jane Doe: no location before the first station"


def test_a_server_that_cannot_be_entered_or_has_a_fault_may_not_be_signed(tmp_path: Path) -> None:
    words = (*EVERYTHING, "--signed", "rehearsal=Jane Doe", "--signed", "server=Jane Doe: mended soon")
    faulty, closed = tmp_path / "faulty", tmp_path / "closed"
    faulty.mkdir()
    closed.mkdir()
    with bed(faulty, "any-token") as up:
        assert up.run(*words).return_value is Exit.FAILS
    with bed(closed) as up:
        (closed / "token").write_text(tokens.issue(), encoding="utf-8")
        done = up.run(*words)
    assert done.return_value is Exit.UNVERIFIED
    assert "server\terror\trampart" in done.output
    assert not attestation_file(up.registry, NAME).exists()


def test_the_rehearsal_is_the_other_sides_command_and_says_how_it_ended(tmp_path: Path) -> None:
    """Without a terminal nobody may see a token that is brought by hand: the rehearsal cannot be run."""
    with bed(tmp_path) as up:
        done = up.run(*EVERYTHING, "--store", str(_token_in_use(tmp_path)))
    assert done.return_value is Exit.UNVERIFIED
    assert "rehearsal\terror" in done.output
    assert "--to-file" in done.output


def _guard(up: Bed) -> Path:
    """The guard.toml of a guard whose only partner this is."""
    table = {
        "origin": '"https://us.example"',
        "our_roles": "[" + _ROLE + "]",
        "vault": '"vault.sqlite"',
        "partner_addresses": f'{{ "{HOST}:{up.port}" = "127.0.0.1:{up.port}" }}',
    }
    inline = ", ".join(f"{name} = {value}" for name, value in table.items())
    changes = {"credentials": f"{{ {inline} }}", "partners": json.dumps(str(up.registry))}
    folder = up.folder / "guard"
    folder.mkdir()
    return write_configuration(folder, "http://127.0.0.1:1", changes)


def test_onboarding_registers_probes_with_the_new_token_and_rotates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with bed(tmp_path) as up:
        guard = _guard(up)
        done = up.run(*EVERYTHING, "--guard", str(guard))
        assert done.return_value is Exit.HOLDS, done.output
        assert "registration\tpass" in done.output
        assert "rehearsal\tpass" in done.output
        require_onboarded(up.registry, datetime.now(UTC))
        vault = SqliteVault(guard.parent / "vault.sqlite", NAME)
        outbound = vault.read("outbound", Stage.CURRENT)
        assert outbound is not None
        kept = "".join(one.read_text(encoding="utf-8") for one in (tmp_path / "checklist").iterdir())
        assert outbound.token not in kept + done.output
        records = SqliteTokenStore(guard.parent / "tokens.sqlite").of_partner(NAME)
        assert {one.kind for one in records} == {"C"}


def test_a_registration_that_is_refused_is_no_onboarding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with bed(tmp_path, "other-roles") as up:
        done = up.run(*EVERYTHING, "--guard", str(_guard(up)), "--signed", "rehearsal=Jane Doe")
    assert done.return_value is Exit.FAILS
    assert "registration\tfail" in done.output
    assert "NL*OTH" in done.output
    assert not attestation_file(up.registry, NAME).exists()


def test_a_wrong_key_or_signature_is_one_line(tmp_path: Path) -> None:
    with bed(tmp_path) as up:
        assert isinstance(up.run("--signed", "contract").exception, ConfigError)
        assert isinstance(up.run("--signed", "weather=Jane").exception, ConfigError)
        (tmp_path / "key.pem").write_text("no key", encoding="utf-8")
        assert isinstance(up.run(*EVERYTHING).exception, ConfigError)
