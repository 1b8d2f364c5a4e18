"""sslyze runs as a program: what it does not answer stays open, and it never outlives its deadline."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hardening.checks import Status
from scanners.target import Target
from scanners.tls.audit.deep import QUESTIONS, read_result, scan_deep
from scanners.tls.audit.fleet import Limits, audit_endpoints
from scanners.tls.audit.second_scan import read_second_scan
from scanners.tls.checks.samples import GOOD
from scanners.tls.deep_facts import Deep
from scanners.tls.judge import judge
from scanners.tls.observations import State, TlsScan
from scanners.tls.scan import scan
from tests.beds.tls.bed import Bed
from tests.beds.tls.case import Case
from tests.beds.tls.good_cases import GATEWAY, HSTS
from tests.beds.tls.pki import NAME
from tests.beds.tls.servers import Envoy, Python

ATTACKS = "tls-known-attacks-fail"
SECOND = "tls-second-scan-agrees"


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with Bed() as running:
        yield running


def scan_of(bed: Bed, ciphers: str) -> TlsScan:
    server = Python(served=bed.pki.good, ciphers=ciphers)
    endpoint = Case(name="deep", server=server).audited(bed.start(server), 0, bed.pki)
    return audit_endpoints([endpoint], Limits(rate=0))[0]


def verdict(scan: TlsScan, control: str = ATTACKS) -> tuple[Status, str]:
    finding = next(f for f in judge([scan]) if f.control == control)
    return finding.status, finding.detail


def program(text: str, folder: Path) -> tuple[str, ...]:
    """A program in place of sslyze."""
    file = folder / "program.py"
    file.write_text(text)
    return (sys.executable, str(file))


def test_sslyze_finds_nothing_on_a_good_endpoint(bed: Bed) -> None:
    (scan,), raw = scan_deep([scan_of(bed, "ECDHE+AESGCM")], 60)
    assert verdict(scan) == (Status.PASS, "")
    assert verdict(scan, SECOND) == (Status.PASS, "")
    assert json.loads(raw[scan.place])["server_scan_results"]


def test_sslyze_names_the_forbidden_suites(bed: Bed) -> None:
    (scan,), _ = scan_deep([scan_of(bed, "ECDHE+AESGCM:ECDHE-ECDSA-AES128-SHA")], 60)
    status, detail = verdict(scan, SECOND)
    assert status is Status.FAIL
    assert "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA" in detail


def test_a_missing_program_is_an_error() -> None:
    (scan,), raw = scan_deep([GOOD], 5, ("/nowhere/sslyze",))
    assert verdict(scan)[0] is Status.ERROR
    assert verdict(scan, SECOND)[1].startswith("sslyze cannot be started: No such file or directory")
    assert raw == {}


def test_a_crashing_program_is_an_error(tmp_path: Path) -> None:
    (scan,), _ = scan_deep([GOOD], 5, program("raise SystemExit(7)", tmp_path))
    status, detail = verdict(scan)
    assert status is Status.ERROR
    assert "exit code 7" in detail


def test_a_program_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    (scan,), _ = scan_deep([GOOD], 5, program("", tmp_path))
    assert verdict(scan)[0] is Status.ERROR


def test_a_program_that_writes_garbage_is_an_error(tmp_path: Path) -> None:
    text = "import sys\nopen([a for a in sys.argv if 'json_out' in a][0].split('=')[1], 'w').write('{')"
    (scan,), _ = scan_deep([GOOD], 5, program(text, tmp_path))
    assert verdict(scan)[0] is Status.ERROR


def test_a_program_that_hangs_ends_with_its_deadline_and_its_children(tmp_path: Path) -> None:
    text = (
        "import os, subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(tmp_path / 'child')!r}, 'w').write(str(child.pid))\n"
        "time.sleep(60)\n"
    )
    began = time.monotonic()
    (scan,), _ = scan_deep([GOOD], 5, program(text, tmp_path))
    assert time.monotonic() - began < 30
    assert verdict(scan)[0] is Status.ERROR
    assert not _alive(int((tmp_path / "child").read_text()))


def _alive(pid: int) -> bool:
    for _ in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return False
        time.sleep(0.1)
    return True


def test_what_sslyze_did_not_complete_stays_open() -> None:
    """A timeout is not "not vulnerable", and a rejected suite counts for nothing."""
    commands = {
        "heartbleed": {"status": "ERROR", "error_reason": "CONNECTIVITY_ISSUE", "result": None},
        "openssl_ccs_injection": {"status": "COMPLETED", "result": {"is_vulnerable_to_ccs_injection": True}},
        "robot": {"status": "COMPLETED", "result": {"robot_result": "UNKNOWN_INCONSISTENT_RESULTS"}},
    }
    text = json.dumps({"server_scan_results": [{"scan_result": commands}]})
    answers = {deep.question: deep.vulnerable for deep in read_result(text)}
    assert answers == {
        "heartbleed": None,
        "openssl-ccs-injection": True,
        "robot": None,
        "client-renegotiation": None,
    }
    second = read_second_scan(text)
    assert (second.suites, second.marks, second.groups, second.leaves) == ({}, {}, None, ())
    assert len(second.unanswered) == 12
    assert verdict(replace(GOOD, second=second), SECOND)[0] is Status.ERROR


def test_an_endpoint_that_sslyze_could_not_reach_answers_no_question() -> None:
    text = json.dumps({"server_scan_results": [{"scan_result": None}]})
    assert {deep.vulnerable for deep in read_result(text)} == {None}
    assert [deep.question for deep in read_result(text)] == list(QUESTIONS)


def test_a_deep_scan_that_was_wanted_and_is_missing_is_an_error() -> None:
    assert verdict(replace(GOOD, deep=()))[0] is Status.ERROR
    assert verdict(replace(GOOD, deep=(Deep(question="robot", vulnerable=None),)))[0] is Status.ERROR


def test_no_deep_scan_of_what_did_not_answer(bed: Bed) -> None:
    dead = replace(GOOD, state=State.UNREACHABLE, reason="connection refused")
    (scan,), raw = scan_deep([dead], 5, ("/nowhere/sslyze",))
    assert verdict(scan)[0] is Status.ERROR
    assert raw == {}


def test_where_the_two_scanners_disagree_nobody_is_believed_and_both_are_named(bed: Bed) -> None:
    """sslyze really scans one server, and our audit another: of what differs, nothing passes."""
    ours = scan_of(bed, "ECDHE+AESGCM")
    served = bed.pki.served("second-scan", bed.pki.leaf())
    other = bed.start(Python(served=served, ciphers="ECDHE+AESGCM", newest="TLSv1_2"))
    there = replace(ours, endpoint=f"127.0.0.1:{other}")
    (scan,), _ = scan_deep([there], 60)
    status, detail = verdict(scan, SECOND)
    assert status is Status.ERROR
    assert "TLSv1.3 is offered: yes for our audit, no for sslyze" in detail
    assert "sslyze was sent the certificate" in detail


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"server_scan_results": [{"scan_result": []}]}', "\x00"])
def test_what_is_no_result_of_sslyze_is_no_second_opinion(text: str) -> None:
    second = read_second_scan(text)
    assert second.unanswered
    assert verdict(replace(GOOD, second=second), SECOND)[0] is Status.ERROR


def test_our_own_gateway_is_scanned_by_both_in_every_evidence_run(bed: Bed) -> None:
    """As `scan_all` does it: a gateway like ours, on Envoy; both agree, and both results are kept."""
    server = Envoy(served=bed.pki.good, parameters=GATEWAY, headers={"strict-transport-security": HSTS})
    port = bed.start_all({"gateway": server})["gateway"]
    target = Target(
        name="bed", stack_file="", region="eu-central-1", gateway=f"127.0.0.1:{port}", server_name=NAME,
        ca_file=bed.pki.ca_file, aws_endpoint="http://127.0.0.1:1",
    )  # fmt: skip
    found = scan(target, deep=True)
    assert [f for f in found.findings if f.status in (Status.FAIL, Status.ERROR)] == []
    assert [f.status for f in found.findings if f.control == SECOND] == [Status.PASS]
    assert sorted(found.subjects) == [f"sslyze-127.0.0.1-{port}.json", "tls.json"]
