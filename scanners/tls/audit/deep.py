"""The deep scan: all of sslyze, as a program, one endpoint a process, with a hard deadline.

sslyze is AGPL: it is never imported. It reads a handshake that timed out as "suite rejected" and calls
many failures by one name. So only what it saw accepted is taken from it, and a question that it did not
complete stays open.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from scanners.tls.audit.second_scan import UNREADABLE, commands_in, completed, read_second_scan
from scanners.tls.deep_facts import Deep, SecondScan
from scanners.tls.observations import State, TlsScan

QUESTIONS: Final = ("heartbleed", "openssl-ccs-injection", "robot", "client-renegotiation")
_PROGRAM: Final = (sys.executable, "-m", "sslyze")
_COMMANDS: Final = (
    *("--mozilla_config=disable", "--quiet", "--heartbleed", "--openssl_ccs", "--robot", "--reneg"),
    *("--resum", "--fallback", "--sslv2", "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3"),
    *("--elliptic_curves", "--compression", "--early_data", "--ems", "--certinfo", "--http_headers"),
)
_LARGEST: Final = 8 * 1024 * 1024


def scan_deep(
    scans: list[TlsScan], seconds: float, program: tuple[str, ...] = _PROGRAM
) -> tuple[list[TlsScan], dict[str, str]]:
    """The scans with the deep scan's answers, and sslyze's own results by endpoint (JSON text), as evidence.

    `seconds` is the deadline of each process; two run at a time. Endpoints without a handshake are left out.
    """
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda scan: _one(scan, seconds, program), scans))
    raw = {scan.place: text for scan, (_, text) in zip(scans, results, strict=True) if text}
    return [scan for scan, _ in results], raw


def _one(scan: TlsScan, seconds: float, program: tuple[str, ...]) -> tuple[TlsScan, str]:
    scan = replace(scan, deep_wanted=True)
    if scan.state is not State.ANSWERED:
        return scan, ""
    text, problem = run_sslyze(scan, seconds, program)
    if problem:
        answers = tuple(Deep(question=name, vulnerable=None, detail=problem) for name in QUESTIONS)
        return replace(scan, deep=answers, second=SecondScan(unanswered=(problem,))), ""
    return replace(scan, deep=tuple(read_result(text)), second=read_second_scan(text)), text


def run_sslyze(scan: TlsScan, seconds: float, program: tuple[str, ...]) -> tuple[str, str]:
    """sslyze's JSON, or an empty text and why there is none."""
    host, port = scan.endpoint.rsplit(":", 1)
    address = f"[{scan.address}]" if ":" in scan.address else scan.address
    sni = () if host.strip("[]") == scan.server_name == scan.address else ("--sni", scan.server_name)
    with tempfile.TemporaryDirectory(prefix="rampart-sslyze-") as folder:
        file = Path(folder) / "result.json"
        command = [*program, *_COMMANDS, f"--json_out={file}", *sni, f"{address}:{port}"]
        problem = _run(command, seconds)
        if problem:
            return "", problem
        try:
            if file.stat().st_size > _LARGEST:
                return "", "sslyze wrote more than we read"
            return file.read_text(encoding="utf-8"), ""
        except (OSError, UnicodeDecodeError):
            return "", "sslyze ended without a result"


def _run(command: list[str], seconds: float) -> str:
    """Run it in a process group of its own, which ends with the deadline. Empty, or what went wrong."""
    try:
        process = subprocess.Popen(  # noqa: S603  (our own command line; the endpoint is host:port)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return f"sslyze cannot be started: {error.strerror}"
    try:
        code = process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return f"sslyze did not end within {seconds:g} seconds"
    finally:
        _end(process)
    return "" if code == 0 else f"sslyze failed with exit code {code}"


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def read_result(text: str) -> Iterator[Deep]:
    """sslyze's answers to our questions. What it did not complete, or what does not parse, stays open."""
    commands = commands_in(text)
    if commands is None:
        for name in QUESTIONS:
            yield Deep(question=name, vulnerable=None, detail=UNREADABLE)
        return
    yield _flag("heartbleed", commands.get("heartbleed"), "is_vulnerable_to_heartbleed")
    yield _flag(
        "openssl-ccs-injection", commands.get("openssl_ccs_injection"), "is_vulnerable_to_ccs_injection"
    )
    yield _robot(commands.get("robot"))
    yield _flag(
        "client-renegotiation",
        commands.get("session_renegotiation"),
        "is_vulnerable_to_client_renegotiation_dos",
    )


def _flag(question: str, command: Any, key: str) -> Deep:
    result, problem = completed(command)
    value = result.get(key)
    if problem or not isinstance(value, bool):
        return Deep(question=question, vulnerable=None, detail=problem or f"sslyze does not say {key}")
    return Deep(question=question, vulnerable=value, detail="sslyze found it vulnerable" if value else "")


def _robot(command: Any) -> Deep:
    result, problem = completed(command)
    value = str(result.get("robot_result", ""))
    if problem or not value or value.startswith("UNKNOWN"):
        return Deep(question="robot", vulnerable=None, detail=problem or "sslyze could not tell")
    vulnerable = value.startswith("VULNERABLE")
    return Deep(question="robot", vulnerable=vulnerable, detail=value.lower() if vulnerable else "")
