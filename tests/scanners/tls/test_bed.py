"""Every server of the bed gets the right verdict on the right control, and the good ones no alarm."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from hardening.checks import Finding, Status
from scanners.tls.audit.fleet import Limits, audit_endpoints
from scanners.tls.judge import judge
from scanners.tls.observations import State, TlsScan
from tests.beds.tls.bed import Bed
from tests.beds.tls.case import Case
from tests.beds.tls.cases import all_cases, started
from tests.beds.tls.ports import free_ports
from tests.scanners.tls.statements import said

# Some two hundred and forty servers: a minute on two cores.
pytestmark = pytest.mark.slow

LIMITS = Limits(deadline=40, probe_seconds=3, rate=0)


@dataclass(frozen=True, slots=True)
class Audited:
    case: Case
    scan: TlsScan
    findings: list[Finding]
    later: tuple[set[str], ...] = ()

    def controls(self, status: Status) -> set[str]:
        return {finding.control for finding in self.findings if finding.status is status}


@pytest.fixture(scope="module")
def audited() -> Iterator[list[Audited]]:
    """The whole bed, audited in one go."""
    with Bed() as bed:
        cases = all_cases(bed)
        ports, left_out = started(bed, cases)
        for name, program in left_out.items():
            warnings.warn(f"left out of the bed: {name} (no {program} here)", stacklevel=1)
        cases = [case for case in cases if case.name not in left_out]
        closed = free_ports(1)[0]
        endpoints = [c.audited(ports[c.name], ports.get(f"{c.name}/plain", closed), bed.pki) for c in cases]
        scans = audit_endpoints(endpoints, LIMITS)
        turns = [
            endpoint for c, endpoint in zip(cases, endpoints, strict=True) if c.name.startswith("turns-")
        ]
        later = [iter(audit_endpoints(turns, LIMITS)) for _ in range(2)]
        yield [
            Audited(
                c,
                scan,
                judge([scan]),
                tuple(_failing(next(run)) for run in later) if c.name.startswith("turns-") else (),
            )
            for c, scan in zip(cases, scans, strict=True)
        ]


def _failing(scan: TlsScan) -> set[str]:
    return {finding.control for finding in judge([scan]) if finding.status is Status.FAIL}


def test_the_bed_has_its_cases(audited: list[Audited]) -> None:
    good = [a for a in audited if a.case.name.startswith("good-")]
    assert len(good) >= 20
    assert len(audited) - len(good) >= 200


def test_every_case_fails_exactly_the_controls_that_it_breaks(audited: list[Audited]) -> None:
    wrong = {
        a.case.name: sorted(a.controls(Status.FAIL) ^ a.case.fails)
        for a in audited
        if a.controls(Status.FAIL) != a.case.fails
    }
    assert wrong == {}


def test_what_can_be_verified_is_verified(audited: list[Audited]) -> None:
    wrong = {
        a.case.name: sorted(a.controls(Status.ERROR) - a.case.errors)
        for a in audited
        if "*" not in a.case.errors and not a.controls(Status.ERROR) <= a.case.errors
    }
    assert wrong == {}


def test_each_reason_for_seeing_nothing_has_its_state(audited: list[Audited]) -> None:
    wrong = {a.case.name: a.scan.state for a in audited if a.scan.state is not a.case.state}
    assert wrong == {}


def test_what_could_not_be_audited_passes_nothing(audited: list[Audited]) -> None:
    unseen = [a for a in audited if a.scan.state not in ("answered",)]
    assert unseen
    assert {a.case.name for a in unseen if a.controls(Status.PASS)} == set()


def test_servers_that_take_turns_get_the_same_verdicts_in_three_runs(audited: list[Audited]) -> None:
    turns = [a for a in audited if a.later]
    assert len(turns) >= 12
    assert {a.case.name: a.later for a in turns if any(run != a.case.fails for run in a.later)} == {}


def test_what_is_said_of_a_server_is_what_it_was_set_to(audited: list[Audited]) -> None:
    """Each sentence, by a table that was compared with the configuration of each server.

    Of servers that take turns, the order of connections decides which of them is told of first: their
    controls are held above.
    """
    table = yaml.safe_load(Path(__file__).with_name("statements.yaml").read_text(encoding="utf-8"))
    wrong = {}
    for one in audited:
        name, told = one.case.name, said(one.findings, "*" in one.case.errors)
        if (
            not name.startswith("turns-")
            and one.case.state is not State.INCONSISTENT
            and told != table.get(name, {})
        ):
            wrong[name] = told, table.get(name, {})
    assert wrong == {}


def test_every_audit_ends_within_its_deadline(audited: list[Audited]) -> None:
    assert max(a.scan.seconds for a in audited) < LIMITS.deadline


def test_a_good_endpoint_costs_at_most_twenty_connections(audited: list[Audited]) -> None:
    """Of servers that refuse with an alert; those that close the connection are asked twice."""
    kinds = ("good-nginx", "good-openssl", "good-gateway", "good-tlslite")
    costs = {a.case.name: a.scan.connections for a in audited if a.case.name in kinds}
    assert costs
    assert max(costs.values()) <= 20
