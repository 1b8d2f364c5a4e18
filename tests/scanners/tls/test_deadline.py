"""An audit that is cut short by its deadline passes nothing, wherever it is cut, and says that it was cut."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator

import pytest

from hardening.checks import Finding, Status
from scanners.tls.audit.address import audit_address
from scanners.tls.certificates.roots import roots_of
from scanners.tls.endpoint import Endpoint
from scanners.tls.judge import judge
from scanners.tls.observations import State, TlsScan
from scanners.tls.protocol.wire import Budget, Pace
from tests.beds.tls.bed import Bed
from tests.beds.tls.pki import NAME, rsa_key
from tests.beds.tls.servers import Nginx

pytestmark = pytest.mark.skipif(not shutil.which("nginx"), reason="no nginx to be weak")
GAP = 0.15
# More than the audit of this server takes: the last ones are whole.
CUTS = (*range(1, 30, 2), 200)
# Weak in many ways, by the client's order: what is only asked after a failure is asked.
WEAK = "ssl_protocols TLSv1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:@SECLEVEL=0; ssl_prefer_server_ciphers off;"


@pytest.fixture(scope="module")
def scans() -> Iterator[list[TlsScan]]:
    """One weak server, at so many connections a second, each time with a longer deadline."""
    with Bed() as bed:
        served = bed.pki.served("weak", bed.pki.leaf(key=rsa_key()))
        port = bed.start_all({"weak": Nginx(served=served, directives=f"{WEAK} return 401;")})["weak"]
        at = Endpoint(host="127.0.0.1", port=port, server_name=NAME, ca_file=bed.pki.ca_file, plain_port=9)
        roots = roots_of(bed.pki.ca_file)

        async def cut(after: int) -> TlsScan:
            now = asyncio.get_running_loop().time()
            return await audit_address(at, "127.0.0.1", roots, Budget(now + after * GAP, Pace(GAP)))

        async def all_cuts() -> list[TlsScan]:
            return await asyncio.gather(*map(cut, CUTS))

        yield asyncio.run(all_cuts())


def of(scan: TlsScan, *statuses: Status) -> dict[str, Finding]:
    return {finding.control: finding for finding in judge([scan]) if finding.status in statuses}


def test_an_audit_that_was_cut_passes_nothing(scans: list[TlsScan]) -> None:
    cut = [scan for scan in scans if scan.state is not State.ANSWERED]
    assert len(cut) > 10
    assert {control for scan in cut for control in of(scan, Status.PASS)} == set()


def test_what_a_whole_audit_judges_is_an_error_where_it_was_not_reached(scans: list[TlsScan]) -> None:
    """Not applicable would say that there is nothing to judge."""
    whole = scans[-1]
    assert whole.state is State.ANSWERED
    assert {"tls-server-order-strong", "tls-old-versions-refused"} <= of(whole, Status.FAIL).keys()
    lost = [
        (scan.connections, control)
        for scan in scans[:-1]
        for control in of(whole, Status.FAIL, Status.PASS).keys() - of(scan, Status.FAIL, Status.ERROR).keys()
        if scan.state is not State.ANSWERED
    ]
    assert lost == []


def test_the_findings_of_a_cut_audit_name_the_deadline(scans: list[TlsScan]) -> None:
    for scan in scans:
        if scan.state is State.UNFINISHED:
            assert "--deadline" in of(scan, Status.ERROR)["tls-endpoint-answers"].detail
