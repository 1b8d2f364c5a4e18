"""How fast the guard decides, in calls a second of one core's own time.

    uv run pytest tests/benchmarks/test_guard.py -s

The time of the process is counted, not the wall's, and the best of several runs is taken: other work on
the machine only ever adds to it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from hardening.requests.policy import decide
from hardening.requests.request import Request
from hardening.requests.sample_messages import CDR
from hardening.requests.samples import CPO, call

CALLS = 2000
RUNS = 7
_GET = call("GET", "/ocpi/2.2.1/sender/locations?limit=50")
_CDR = call("POST", "/ocpi/2.2.1/receiver/cdrs", CPO, CDR)
GETS = [_GET] * CALLS
# No two bodies are one: nothing that was read of one serves another.
CDRS = [replace(_CDR, body=_CDR.body.replace(b"CDR-1", b"CDR-%d" % number)) for number in range(CALLS)]


def rate(requests: Sequence[Request]) -> float:
    """Decisions a second."""
    best = float("inf")
    for _ in range(RUNS):
        begin = time.process_time()
        for request in requests:
            decide(request)
        best = min(best, time.process_time() - begin)
    return len(requests) / best


@pytest.mark.parametrize(("name", "requests", "target"), [("GET", GETS, 20_000), ("CDR", CDRS, 10_000)])
def test_decision_alone(name: str, requests: Sequence[Request], target: int) -> None:
    assert all(decide(request).allowed for request in requests)
    found = rate(requests)
    print(f"\n{name}: {found:,.0f} decisions a second a core (target {target:,})")
    assert found >= target
