"""`rampart audit tls`: what it takes, what it says, and with which code it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from hardening.cli import Exit
from tests.beds.tls.bed import Bed
from tests.beds.tls.pki import NAME
from tests.beds.tls.servers import Python

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def findings(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.out)["findings"]
        return found


@dataclass(frozen=True, slots=True)
class Audited:
    """Two running servers, and a folder in which the command is run on them."""

    bed: Bed
    good: int
    weak: int
    folder: Path

    def tls(self, *options: str) -> Ran:
        """Run the command in an empty folder, with the bed's CA."""
        command = [sys.executable, "-m", "hardening.cli", "audit", "tls", *options]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        ran = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    def named(self, port: int, *options: str) -> Ran:
        asked = ("--endpoint", f"127.0.0.1:{port}", "--sni", NAME, "--ca", self.bed.pki.ca_file)
        return self.tls(*asked, "--plain-port", "0", "--rate", "0", "--no-deep", *options)


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Audited]:
    with Bed() as bed:
        good = bed.start(Python(served=bed.pki.good))
        weak = bed.start(Python(served=bed.pki.good, ciphers="ECDHE+AESGCM:ECDHE-ECDSA-AES128-SHA256"))
        yield Audited(bed, good, weak, tmp_path_factory.mktemp("work"))


def test_a_good_endpoint_ends_with_0(audited: Audited) -> None:
    ran = audited.named(audited.good, "--format", "json")
    assert ran.code == Exit.HOLDS, ran.err
    assert {finding["status"] for finding in ran.findings} == {"pass", "not-applicable"}


def test_a_weak_endpoint_ends_with_1_and_names_the_suite(audited: Audited) -> None:
    ran = audited.named(audited.weak)
    assert ran.code == Exit.FAILS
    assert "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256" in ran.out


def test_a_weak_endpoint_gets_a_deep_scan_unasked(audited: Audited) -> None:
    asked = ("--endpoint", f"127.0.0.1:{audited.weak}", "--sni", NAME, "--ca", audited.bed.pki.ca_file)
    ran = audited.tls(*asked, "--plain-port", "0", "--rate", "0", "--format", "json")
    assert any(f["control"] == "tls-second-scan-agrees" and f["status"] == "fail" for f in ran.findings)


def test_revocation_is_asked_on_demand_and_is_an_error_where_nobody_can_be_asked(audited: Audited) -> None:
    ran = audited.named(audited.good, "--revocation", "--format", "json")
    assert ran.code == Exit.UNVERIFIED
    assert [f["control"] for f in ran.findings if f["status"] == "error"] == ["certificate-not-revoked"]


def test_a_name_that_does_not_resolve_ends_with_3_and_the_rest_is_reported(audited: Audited) -> None:
    ran = audited.named(audited.good, "--endpoint", "no-such-host.invalid", "--format", "json")
    assert ran.code == Exit.UNVERIFIED
    lost = [f for f in ran.findings if f["where"] == "no-such-host.invalid:443"]
    assert {f["status"] for f in lost} <= {"error", "not-applicable"}
    assert any("does not resolve" in f["detail"] for f in lost)
    assert any(f["where"] == f"127.0.0.1:{audited.good}" and f["status"] == "pass" for f in ran.findings)


def test_an_unknown_profile_ends_with_2(audited: Audited) -> None:
    ran = audited.named(audited.good, "--profile", "strictest")
    assert (ran.code, ran.out) == (Exit.USAGE, "")
    assert "unknown TLS profile 'strictest'" in ran.err
    assert "ocpi-callback" in ran.err


def test_a_ca_file_that_cannot_be_read_ends_with_2(audited: Audited) -> None:
    ran = audited.tls("--endpoint", "a.example", "--ca", "nowhere.pem")
    assert ran.code == Exit.USAGE
    assert "nowhere.pem: CA file: No such file" in ran.err
    assert "Traceback" not in ran.err


def test_a_broken_line_ends_with_2_and_the_good_ones_are_reported(audited: Audited) -> None:
    file = audited.folder / "list.csv"
    file.write_text(
        f"endpoint,sni,ca,plain_port\n127.0.0.1:{audited.good},{NAME},{audited.bed.pki.ca_file},0\n:::,,,\n"
    )
    ran = audited.tls("--endpoints", "list.csv", "--rate", "0", "--format", "json")
    assert ran.code == Exit.USAGE
    assert "list.csv:3: endpoint: expected host:port" in ran.err
    assert {f["status"] for f in ran.findings} == {"pass", "not-applicable"}


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--endpoint", "a b"), "host:port"),
        (("--endpoint", "a.example", "--address", "here"), "IP address"),
        (("--endpoint", "a.example", "--sni", "a..b"), "--sni"),
        # A joiner that joins nothing, a label too long once it is written in ASCII, bytes that are no UTF-8.
        (("--endpoint", "a\u200d.example"), "endpoint: expected a host name"),
        (("--endpoint", "ß" * 63), "endpoint: expected a host name"),
        (("--endpoint", "a\udcff.example"), "endpoint: expected a host name"),
        (("--endpoint", "a.example", "--sni", "a\u200d.example"), "--sni: expected a host name"),
        (("--endpoints", "nowhere.yaml"), "nowhere.yaml"),
        (("--partners", "--registry", "nowhere"), "nowhere"),
        (("--since", "nowhere.json"), "nowhere.json"),
        ((), "no such file"),
    ],
)
def test_bad_usage_ends_with_2_and_says_what(audited: Audited, options: tuple[str, ...], word: str) -> None:
    ran = audited.tls(*options)
    assert (ran.code, ran.out) == (Exit.USAGE, "")
    assert word in ran.err
    assert "Traceback" not in ran.err


def test_what_changed_since_an_earlier_run_is_said(audited: Audited) -> None:
    assert audited.named(audited.weak, "--save", "before.json").code == Exit.FAILS
    same = audited.named(audited.weak, "--since", "before.json")
    assert "changed:" not in same.err
    before = json.loads((audited.folder / "before.json").read_text())
    probe = before["scans"][0]["probes"]["forbidden-suites-1.2"]
    probe.update(answer="refused", accepted=[])
    (audited.folder / "better.json").write_text(json.dumps(before))
    ran = audited.named(audited.weak, "--since", "better.json")
    assert f"changed: 127.0.0.1:{audited.weak}: tls-suites-forward-secret-aead: pass -> fail" in ran.err


def test_the_page_shows_endpoints_by_control_and_needs_nothing_else(audited: Audited) -> None:
    audited.named(audited.weak, "--endpoint", f"127.0.0.1:{audited.good}", "--html", "page.html")
    page = (audited.folder / "page.html").read_text()
    assert f"127.0.0.1:{audited.good}" in page
    assert 'class="c fail"' in page
    assert "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256" in page
    ends = audited.bed.pki.good.certificates[0].not_valid_after_utc
    assert f"{ends:%Y-%m}" in page
    assert not re.search(r"https?://|src=|href=|@import|url\(", page)


def test_partners_are_audited_and_their_exceptions_end(audited: Audited) -> None:
    """Two partners with the same flaw: one exception lasts until next century, one ended last year."""
    registry = audited.folder / "partners"
    registry.mkdir()
    (registry / "cas.pem").write_bytes(Path(audited.bed.pki.ca_file).read_bytes())
    for name, expires in (("excepted", "2099-12-31"), ("no-longer-excepted", "2025-01-01")):
        weak = audited.bed.start(
            Python(served=audited.bed.pki.good, ciphers="ECDHE+AESGCM:ECDHE-ECDSA-AES128-SHA256")
        )
        (registry / f"{name}.yaml").write_text(yaml.safe_dump(_partner(audited, name, weak, expires)))
    asked = ("--partners", "--registry", "partners", "--address", "127.0.0.1", "--plain-port", "0")
    ran = audited.tls(*asked, "--rate", "0", "--no-deep", "--format", "json")
    assert ran.code == Exit.FAILS, ran.err
    states = {
        f["state"]: f["waiver"]["owner"] if "waiver" in f else ""
        for f in ran.findings
        if f["status"] == "fail"
    }
    assert states == {"waived": "partner excepted", "open": ""}
    assert "exception for tls-suites-forward-secret-aead ended on 2025-01-01" in ran.err


def _partner(audited: Audited, name: str, port: int, expires: str) -> dict[str, object]:
    party = "AAA" if name == "excepted" else "BBB"
    return {
        "name": name,
        "environment": "test",
        "parties": [{"country_code": "DE", "party_id": party, "role": "CPO"}],
        "versions": ["2.2.1"],
        "modules": {"locations": ["read"]},
        "networks": ["198.51.100.16/32" if party == "AAA" else "198.51.100.17/32"],
        "callback_hosts": [f"{NAME}:{port}"],
        "tls_ca_file": "cas.pem",
        "tls_exceptions": [
            {
                "control": "tls-suites-forward-secret-aead",
                "reason": "their load balancer is replaced this winter",
                "expires": date.fromisoformat(expires),
            }
        ],
    }
