"""Three runs over the whole bed give the same verdicts: an audit that wavers proves nothing."""

from __future__ import annotations

import pytest

from scanners.tls.audit.fleet import Limits, audit_endpoints
from scanners.tls.judge import judge
from tests.beds.tls.bed import Bed
from tests.beds.tls.cases import all_cases, started
from tests.beds.tls.ports import free_ports

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
LIMITS = Limits(deadline=60, probe_seconds=5, rate=0)
RUNS = 3


def verdicts_of_a_run() -> dict[str, set[str]]:
    """Each case's verdicts, on servers of this run alone: some count their connections."""
    with Bed() as bed:
        cases = all_cases(bed)
        ports, left_out = started(bed, cases)
        cases = [case for case in cases if case.name not in left_out]
        closed = free_ports(1)[0]
        endpoints = [c.audited(ports[c.name], ports.get(f"{c.name}/plain", closed), bed.pki) for c in cases]
        scans = audit_endpoints(endpoints, LIMITS)
    return {
        case.name: {f"{f.control} {f.status.value}" for f in judge([scan])}
        for case, scan in zip(cases, scans, strict=True)
    }


def test_three_runs_give_the_same_verdicts_on_every_case_of_the_bed() -> None:
    first, *others = [verdicts_of_a_run() for _ in range(RUNS)]
    assert len(first) >= 150
    assert [run.keys() for run in others] == [first.keys()] * (RUNS - 1)
    wavering = {name: [first[name] ^ run[name] for run in others] for name in first}
    assert {name: apart for name, apart in wavering.items() if any(apart)} == {}
