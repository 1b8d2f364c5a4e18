"""The probe of a foreign server finds each seeded fault by its control, and nothing in a right server."""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner

from hardening.checks import Status
from hardening.cli import Exit, rampart
from hardening.errors import ConfigError
from hardening.registry.callback_host import CallbackHost
from hardening.requests import tokens
from hardening.requests.token_file import read_token
from scanners.probe.server.calls import Server
from scanners.probe.server.scan import scan
from scanners.target import Scan
from tests.beds.probed_server import FAULTS, FULL_FAULTS, HOSTILE

# Beyond what a person may ask of a stranger's server.
QUICK = 100_000.0
# What a fault leaves nobody able to say.
UNVERIFIED = {
    "list-fails": {"answers-paginated-and-capped"},
    "no-credentials-endpoint": {"credentials-roles-as-onboarded"},
}


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("probed")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    ca.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    (folder / "token").write_text(tokens.issue(), encoding="utf-8")
    (folder / "token").chmod(0o600)
    return folder


@contextmanager
def serving(bed: Path, fault: str = "", version: str = "2.2.1") -> Iterator[str]:
    command = [sys.executable, "-m", "tests.beds.probed_server"]
    arguments = [str(bed / "server.pem"), str(bed / "token"), version, fault, "localhost"]
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"https://localhost:{int(process.stdout.readline())}/ocpi/versions"
        finally:
            process.kill()


def probed(bed: Path, url: str, **settings: object) -> Scan:
    host = CallbackHost.of_url(url)
    assert host is not None
    given = {"parties": ("NL*LAB",), "rate": QUICK, **settings}
    trust = ssl.create_default_context(cafile=str(bed / "ca.pem"))
    token = read_token(bed / "token")
    return scan(Server(url=url, hosts=(host,), token=token, trust=trust, **given))  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("version", ["2.1.1", "2.2.1", "2.3.0"])
def test_a_right_server_has_no_finding(bed: Path, version: str) -> None:
    with serving(bed, version=version) as url:
        found = probed(bed, url, full=True)
    assert [f for f in found.findings if f.status is not Status.PASS] == []
    assert len({f.control for f in found.findings}) > 15


@pytest.mark.parametrize("fault", [*FAULTS, *FULL_FAULTS])
def test_each_fault_is_found_by_its_control_and_nothing_else(bed: Path, fault: str) -> None:
    with serving(bed, fault) as url:
        found = probed(bed, url, full=fault in FULL_FAULTS)
    wrong = [f for f in found.findings if f.status is not Status.PASS]
    assert {f.control for f in wrong if f.status is Status.FAIL} == {{**FAULTS, **FULL_FAULTS}[fault]}, wrong
    unverified = {f.control for f in wrong if f.status is Status.ERROR}
    assert unverified == UNVERIFIED.get(fault, set()), wrong


@pytest.mark.parametrize("fault", HOSTILE)
def test_a_hostile_server_breaks_nothing_and_passes_nothing(bed: Path, fault: str) -> None:
    with serving(bed, fault) as url:
        found = probed(bed, url, patience=2.0)
    assert {f.status for f in found.findings} & {Status.FAIL, Status.ERROR}
    assert all(f.detail.isprintable() and f.where.isprintable() for f in found.findings)
    assert all(len(f.detail) < 400 for f in found.findings)
    assert not any("at answers.py" in f.detail or "at discovery.py" in f.detail for f in found.findings)


def test_a_probe_ends_at_its_deadline(bed: Path) -> None:
    with serving(bed) as url:
        found = probed(bed, url, deadline=0.05)
    assert {f.status for f in found.findings} == {Status.ERROR}
    assert "not done within" in found.findings[0].detail


def test_the_evidence_holds_no_token(bed: Path) -> None:
    with serving(bed, "token-echoed") as url:
        evidence = probed(bed, url).subjects["server.json"]
    token = read_token(bed / "token")
    assert token not in evidence
    assert tokens.encoded(token) not in evidence


def test_a_safe_probe_sends_nothing_but_reads(bed: Path) -> None:
    with serving(bed) as url:
        evidence = probed(bed, url).subjects["server.json"]
    assert not any(f'"method": "{method}"' in evidence for method in ("PUT", "POST", "PATCH", "DELETE"))


def test_a_server_that_cannot_be_entered_is_not_verified(bed: Path) -> None:
    with serving(bed) as url:
        wrong = probed(bed, url.replace("versions", "nothing"))
        few = probed(bed, url, most=5)
    gone = probed(bed, url)
    for found in (wrong, few, gone):
        assert {f.status for f in found.findings} == {Status.ERROR}
    assert "--most" in few.findings[0].detail


def test_the_command_reports_as_every_audit_does(bed: Path, tmp_path: Path) -> None:
    options = ["--token-file", str(bed / "token"), "--ca", str(bed / "ca.pem"), "--rate", "100"]
    with serving(bed, "no-hsts") as url:
        ran = CliRunner().invoke(
            rampart,
            ["probe", url, *options, "--evidence", str(tmp_path / "calls.json")],
            standalone_mode=False,
        )
    assert ran.return_value is Exit.FAILS
    assert "answers-require-https" in ran.stdout
    assert (tmp_path / "calls.json").stat().st_size > 1000


def test_a_token_goes_to_https_only_and_comes_from_a_closed_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("a-token\n", encoding="utf-8")
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="others may read it"):
        read_token(file)
    file.chmod(0o600)
    ran = CliRunner().invoke(
        rampart, ["probe", "http://ocpi.example/versions", "--token-file", str(file)], standalone_mode=False
    )
    assert isinstance(ran.exception, ConfigError)
    assert "https" in ran.exception.message
