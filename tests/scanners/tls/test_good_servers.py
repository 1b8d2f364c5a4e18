"""No false alarm: good servers of every stack at hand, three times over, each time with the same verdicts."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest

from hardening.checks import Status
from scanners.tls.audit.fleet import Limits, audit_endpoints
from scanners.tls.judge import judge
from scanners.tls.observations import TlsScan
from tests.beds.tls.stacks import GoodServers, good_servers

pytestmark = pytest.mark.slow
# gnutls-serv renegotiates with any client, and has no option to refuse.
TRUE = {("gnutls", "tls-client-renegotiation-off")}
LIMITS = Limits(deadline=60, probe_seconds=10, rate=0, concurrency=16)


@pytest.fixture(scope="module")
def servers() -> Iterator[GoodServers]:
    with good_servers() as running:
        for program in running.left_out:
            warnings.warn(f"left out of the good servers: no {program} here", stacklevel=1)
        yield running


@pytest.fixture(scope="module")
def runs(servers: GoodServers) -> list[list[TlsScan]]:
    return [audit_endpoints(list(servers.endpoints.values()), LIMITS) for _ in range(3)]


def verdicts(scan: TlsScan) -> dict[str, str]:
    return {f.control: f.status.value for f in judge([scan])}


def test_there_are_thirty_good_servers_of_five_stacks(servers: GoodServers) -> None:
    missing = len(servers.left_out)
    assert len(servers.stacks) + missing >= 6
    assert len(servers.endpoints) >= 30 or missing


def test_no_good_server_raises_an_alarm(servers: GoodServers, runs: list[list[TlsScan]]) -> None:
    alarms = {
        (name, f.control): f"{f.status.value}: {f.detail}"
        for scans in runs
        for name, scan in zip(servers.endpoints, scans, strict=True)
        for f in judge([scan])
        if f.status in (Status.FAIL, Status.ERROR) and (name.partition("-")[0], f.control) not in TRUE
    }
    assert alarms == {}


def test_three_runs_give_the_same_verdicts(servers: GoodServers, runs: list[list[TlsScan]]) -> None:
    for name, *scans in zip(servers.endpoints, *runs, strict=True):
        first, *others = map(verdicts, scans)
        assert [other for other in others if other != first] == [], name


def test_a_good_server_costs_at_most_twenty_connections(
    servers: GoodServers, runs: list[list[TlsScan]]
) -> None:
    """Those that refuse with an alert. Python's and Java's close: they are asked twice."""
    costs = {name: scan.connections for name, scan in zip(servers.endpoints, runs[0], strict=True)}
    most = {name: 35 if name.startswith(("python", "java")) else 20 for name in costs}
    assert {name: cost for name, cost in costs.items() if cost > most[name]} == {}
