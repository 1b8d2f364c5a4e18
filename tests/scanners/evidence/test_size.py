"""A big estate: 12,000 judgements are sealed and verified in seconds, and the report stays one that opens."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import pytest

from hardening.checks import Finding, Status
from hardening.controls import CONTROLS
from scanners.evidence.bundle import write
from scanners.evidence.seal import faults
from scanners.outcome import decide
from scanners.waivers import Waivers
from tests.scanners.evidence.test_history import a_run

_WHERE = "urn:pulumi:production::ocpi-rampart::rampart:data:PartnerSecrets$aws:secretsmanager/secret:Secret"
_SEEN = {Status.PASS: "", Status.FAIL: "expected true, found false", Status.ERROR: "cannot be read"}
_SECONDS = 5.0  # of processor
_BYTES = 3_000_000


@pytest.mark.slow
@pytest.mark.alone
def test_12_000_judgements_are_sealed_and_verified_in_five_seconds(tmp_path: Path) -> None:
    statuses = cycle((*[Status.PASS] * 20, Status.FAIL, Status.ERROR))
    controls = islice(cycle(CONTROLS), 12_000)
    findings = [
        Finding(control, control, status, f"{_WHERE}::partner-{number}-inbound", _SEEN[status])
        for number, (control, status) in enumerate(zip(controls, statuses, strict=False))
    ]
    run = replace(
        a_run(0),
        outcome=decide(findings, Waivers(), frozenset()),
        origin={"account": "123456789012", "region": "eu-central-1"},
        partners={f"partner-{number}": () for number in range(0, 12_000, 60)},
    )
    began = time.process_time()
    folder, _ = write(run, tmp_path)
    assert list(faults(folder)) == []
    assert time.process_time() - began < _SECONDS
    assert (folder / "report.html").stat().st_size < _BYTES
