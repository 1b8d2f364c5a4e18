"""How long an audit of many endpoints takes, against sslyze and testssl.sh on the same ones.

    flock /tmp/bench.lock python -m pytest tests/benchmarks/test_tls.py -s

Figures go to stdout. The targets: 500 good endpoints under 8 s, at most 20 connections each, under 100 MB, on
a machine that does nothing else; through a 50 ms delay under 60 s.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.beds.tls.pki import NAME

ROOT = Path(__file__).resolve().parents[2]
ENDPOINTS = 500
COMPARED = 20

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx to serve 500 good endpoints"),
]


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds, MB (the program's own peak), and its exit code."""

    wall: float
    cpu: float
    rss: float
    code: int

    def __str__(self) -> str:
        return f"{self.wall:.2f} s wall, {self.cpu:.2f} s CPU, {self.rss:.0f} MB"


def measured(command: list[str], folder: Path) -> Measured:
    """Run `command` to its end."""
    began = time.monotonic()
    with (folder / "out.txt").open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)


@contextmanager
def fleet(folder: Path, delay: float = 0.0) -> Iterator[list[dict[str, str]]]:
    """The good endpoints, up for the time of the block."""
    command = [sys.executable, "-m", "tests.beds.tls.good_fleet", str(folder)]
    command += ["--endpoints", str(ENDPOINTS), "--delay", str(delay)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)
    file = folder / "endpoints.yaml"
    try:
        while not file.exists():
            assert process.poll() is None, "the endpoints did not come up"
            time.sleep(0.1)
        time.sleep(1)
        yield yaml.safe_load(file.read_text())
    finally:
        process.terminate()
        process.wait(20)


def audit(folder: Path) -> tuple[Measured, list[int]]:
    """Audit the fleet with the command; the connections of each endpoint."""
    results = folder / "results.json"
    command = [sys.executable, "-m", "hardening.cli", "audit", "tls", "--no-deep"]
    command += ["--endpoints", str(folder / "endpoints.yaml"), "--save", str(results)]
    figures = measured([*command, "--waivers", str(_no_waivers(folder))], folder)
    scans = json.loads(results.read_text())["scans"]
    assert {scan["state"] for scan in scans} == {"answered"}
    return figures, [scan["connections"] for scan in scans]


def _no_waivers(folder: Path) -> Path:
    file = folder / "waivers.yaml"
    file.write_text("[]\n")
    return file


def test_500_good_endpoints(tmp_path: Path) -> None:
    with fleet(tmp_path) as endpoints:
        figures, connections = audit(tmp_path)
        print(
            f"\n{ENDPOINTS} endpoints: {figures}, {sum(connections)} connections, {max(connections)} at most"
        )
        sslyze = _sslyze([entry["endpoint"] for entry in endpoints[:COMPARED]], tmp_path)
        scaled = sslyze.wall * ENDPOINTS / COMPARED
        print(f"sslyze, {COMPARED} endpoints: {sslyze}; scaled to {ENDPOINTS}: {scaled:.0f} s")
        if shutil.which("testssl"):
            one = measured(["testssl", "--warnings", "off", "--openssl-timeout", "5", "--color", "0",
                            "--add-ca", endpoints[0]["ca"], "--ip", endpoints[0]["endpoint"].split(":")[0],
                            f"{NAME}:{endpoints[0]['endpoint'].split(':')[1]}"], tmp_path)  # fmt: skip
            print(f"testssl.sh, 1 endpoint: {one}; scaled to {ENDPOINTS}: {one.wall * ENDPOINTS:.0f} s")
    assert figures.code == 0
    assert figures.wall < 8
    assert figures.rss < 100
    assert max(connections) <= 20


def _sslyze(places: list[str], folder: Path) -> Measured:
    """sslyze's own defaults: everything that it can ask."""
    command = [sys.executable, "-m", "sslyze", "--quiet", "--mozilla_config=disable", "--sni", NAME]
    asked = (
        *("sslv2", "sslv3", "tlsv1", "tlsv1_1", "tlsv1_2", "tlsv1_3", "elliptic_curves", "certinfo"),
        *("resum", "reneg", "robot", "heartbleed", "openssl_ccs", "fallback", "compression", "ems"),
        *("early_data", "http_headers"),
    )
    return measured([*command, *(f"--{name}" for name in asked), *places], folder)


def test_500_good_endpoints_50_ms_away(tmp_path: Path) -> None:
    with fleet(tmp_path, delay=0.05):
        figures, connections = audit(tmp_path)
    print(f"\n{ENDPOINTS} endpoints, 50 ms away: {figures}, at most {max(connections)} connections")
    assert figures.code == 0
    assert figures.wall < 60
    assert max(connections) <= 20
