"""Many endpoints at once: none at the cost of another, every address of a name, and politely."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from hardening.checks import Status
from hardening.errors import ConfigError
from scanners.tls.audit.fleet import Gate, Limits, audit_endpoints
from scanners.tls.endpoint import Endpoint
from scanners.tls.judge import judge
from scanners.tls.observations import State, TlsScan
from scanners.tls.protocol.wire import Pace
from tests.beds.tls import behaviours
from tests.beds.tls.bed import Bed
from tests.beds.tls.pki import NAME
from tests.beds.tls.ports import free_ports
from tests.beds.tls.servers import Python, Raw


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with Bed() as running:
        yield running


def endpoint(bed: Bed, port: int, **changes: object) -> Endpoint:
    settings = {"host": "127.0.0.1", "server_name": NAME, "ca_file": bed.pki.ca_file, "plain_port": 0}
    return Endpoint(port=port, **(settings | changes))  # type: ignore[arg-type]  # test values by name


def test_tarpits_do_not_hold_up_the_others(bed: Bed) -> None:
    """Two tarpits stand before ten good endpoints; the good ones are done before a tarpit gives up."""
    ports = [bed.start(Raw(behaviours.silent)) for _ in range(2)]
    ports += [bed.start(Python(served=bed.pki.good)) for _ in range(10)]
    done: list[tuple[float, TlsScan]] = []
    began = time.monotonic()
    endpoints = [endpoint(bed, port) for port in ports]
    limits = Limits(deadline=15, probe_seconds=3, rate=0)
    audit_endpoints(endpoints, limits, lambda scan: done.append((time.monotonic() - began, scan)))
    answered = [when for when, scan in done if scan.state is State.ANSWERED]
    stuck = [when for when, scan in done if scan.state is State.TIMED_OUT]
    assert (len(answered), len(stuck)) == (10, 2)
    assert max(answered) < min(stuck)


def test_a_tarpit_costs_two_connections(bed: Bed) -> None:
    (scan,) = audit_endpoints([endpoint(bed, bed.start(Raw(behaviours.silent)))], Limits(probe_seconds=1))
    assert scan.connections == 2


def test_the_deadline_holds_for_the_whole_audit(bed: Bed) -> None:
    port = bed.start(Raw(behaviours.dripping))
    began = time.monotonic()
    (scan,) = audit_endpoints([endpoint(bed, port)], Limits(deadline=1.5, probe_seconds=30))
    assert time.monotonic() - began < 15
    assert scan.state is State.TIMED_OUT


def test_an_endpoint_that_outlasts_its_deadline_is_unfinished_and_passes_nothing(bed: Bed) -> None:
    """It answers each offer, only too slowly for all of them: it is neither a tarpit nor a good endpoint."""
    port = bed.start(Raw(behaviours.slow(bed.start(Python(served=bed.pki.good)), 0.3)))
    (scan,) = audit_endpoints([endpoint(bed, port)], Limits(deadline=2, rate=0))
    assert scan.state is State.UNFINISHED
    assert scan.reason == "the time for this endpoint was used up (--deadline)"
    assert scan.connections > 3  # more than a tarpit is asked
    assert {finding.status for finding in judge([scan])} == {Status.ERROR, Status.NOT_APPLICABLE}


def test_what_was_not_asked_in_time_is_an_error_and_not_without_meaning(bed: Bed) -> None:
    """Whatever a whole audit gives a verdict on, one that was cut short says that it could not verify."""
    good, closed = bed.start(Python(served=bed.pki.good)), free_ports(1)[0]
    slow = bed.start(Raw(behaviours.slow(good, 0.3)))
    (whole,) = audit_endpoints([endpoint(bed, good, plain_port=closed)], Limits(rate=0))
    (cut,) = audit_endpoints([endpoint(bed, slow, plain_port=closed)], Limits(deadline=1.2, rate=0))
    assert (whole.state, cut.state) == (State.ANSWERED, State.UNFINISHED)
    assert _without_meaning(cut) <= _without_meaning(whole)


def _without_meaning(scan: TlsScan) -> set[str]:
    return {finding.control for finding in judge([scan]) if finding.status is Status.NOT_APPLICABLE}


def test_what_an_unfinished_audit_saw_fails_all_the_same(bed: Bed) -> None:
    """The certificate comes first, so an expired one is known when the time is up."""
    expired = bed.pki.served("expired-and-slow", bed.pki.leaf(begins=-90, ends=-1))
    port = bed.start(Raw(behaviours.slow(bed.start(Python(served=expired)), 0.3)))
    (scan,) = audit_endpoints([endpoint(bed, port)], Limits(deadline=2, rate=0))
    assert scan.state is State.UNFINISHED
    findings = judge([scan])
    assert "certificate-in-date" in {f.control for f in findings if f.status is Status.FAIL}
    assert Status.PASS not in {f.status for f in findings}


@pytest.mark.slow
def test_an_endpoint_that_takes_seconds_for_each_connection_is_audited_whole(bed: Bed) -> None:
    """With the limits that the command has unasked: 2.2 seconds a connection leave no control unverified."""
    port = bed.start(Raw(behaviours.slow(bed.start(Python(served=bed.pki.good)), 2.2)))
    (scan,) = audit_endpoints([endpoint(bed, port)], Limits())
    assert (scan.state, scan.reason) == (State.ANSWERED, "")
    assert {finding.status for finding in judge([scan])} == {Status.PASS, Status.NOT_APPLICABLE}
    assert scan.seconds > 2.2 * 10


def test_a_flood_stops_at_the_byte_cap(bed: Bed) -> None:
    port = bed.start(Raw(behaviours.endless_message))
    (scan,) = audit_endpoints([endpoint(bed, port)], Limits(rate=0, most_bytes=500_000))
    assert scan.state is State.HANDSHAKE_FAILED
    assert scan.bytes_read < 600_000


def test_a_name_that_does_not_resolve_is_an_error_and_no_pass(bed: Bed) -> None:
    (scan,) = audit_endpoints([Endpoint(host="no-such-host.invalid", ca_file=bed.pki.ca_file)], Limits())
    assert scan.state is State.UNRESOLVED
    statuses = {finding.status for finding in judge([scan])}
    assert Status.ERROR in statuses
    assert not statuses & {Status.PASS, Status.FAIL}


def test_a_closed_port_is_unreachable_and_no_pass(bed: Bed) -> None:
    (scan,) = audit_endpoints([endpoint(bed, 1)], Limits())
    assert (scan.state, scan.reason) == (State.UNREACHABLE, "connection refused")
    assert Status.PASS not in {finding.status for finding in judge([scan])}


def test_every_address_of_a_name_is_audited_and_compared(bed: Bed) -> None:
    """Two back ends of one name; the second has no TLS 1.3 and another certificate."""
    port = bed.start(Python(served=bed.pki.good))
    other = bed.pki.served("second", bed.pki.leaf())
    second = bed.start_at("127.0.0.2", port, Python(served=other, newest="TLSv1_2"))
    assert second == port
    scans = audit_endpoints([endpoint(bed, port, addresses=("127.0.0.1", "127.0.0.2"))], Limits(rate=0))
    assert [scan.address for scan in scans] == ["127.0.0.1", "127.0.0.2"]
    assert any("certificate" in difference for difference in scans[1].differences)
    failed = [f for f in judge(scans) if f.status is Status.FAIL]
    assert {(f.control, f.where) for f in failed} == {("tls-addresses-agree", f"127.0.0.1:{port}")}
    assert all(f.detail.endswith("(at 127.0.0.2)") for f in failed)


def test_both_address_families_are_audited(bed: Bed) -> None:
    port = bed.start_at("::1", 0, Python(served=bed.pki.good))
    (scan,) = audit_endpoints([endpoint(bed, port, host="::1")], Limits(rate=0))
    assert (scan.state, scan.endpoint) == (State.ANSWERED, f"[::1]:{port}")


def test_a_ca_file_that_cannot_be_read_is_told_before_anything_is_asked() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.pem"):
        audit_endpoints([Endpoint(host="127.0.0.1", ca_file="nowhere.pem")], Limits())


def test_connections_to_one_address_keep_their_pace() -> None:
    async def turns() -> list[float]:
        pace = Pace(0.05)
        began = time.monotonic()

        async def one() -> float:
            await pace.turn()
            return time.monotonic() - began

        return sorted(await asyncio.gather(*(one() for _ in range(5))))

    when = asyncio.run(turns())
    assert when[-1] >= 0.19


def test_fewer_audits_run_while_this_machine_lags() -> None:
    """A loop that lags makes our own timeouts fire: the gate narrows."""

    async def lagging() -> tuple[int, int]:
        gate = Gate(200)
        before = gate.allowed
        pacing = asyncio.create_task(gate.keep_pace())
        for _ in range(3):
            await asyncio.sleep(0.02)
            time.sleep(0.6)  # what a machine that cannot keep up looks like
        await asyncio.sleep(0.02)
        pacing.cancel()
        return before, gate.allowed

    before, after = asyncio.run(lagging())
    assert after < before
