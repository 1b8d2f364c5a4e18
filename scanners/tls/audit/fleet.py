"""Audits many endpoints at once: every address of each, politely, and none at the cost of another."""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from hardening.errors import CollectError
from scanners.tls.audit.address import audit_address
from scanners.tls.audit.revocation import Responders
from scanners.tls.certificates.roots import Roots, roots_of
from scanners.tls.certificates.shown import client_certificate
from scanners.tls.endpoint import Endpoint
from scanners.tls.observations import State, TlsScan
from scanners.tls.protocol.wire import Budget, LocalFault, Pace, is_address

_MOST_ADDRESSES: Final = 16
# Endpoints that share an address are audited a few at a time: one tarpit must not hold up the rest.
_PER_ADDRESS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an audit may cost. Seconds, bytes, and connections a second to one address.

    The deadline is for a slow endpoint that answers: twenty connections of `probe_seconds`. A silent one
    costs two of them.
    """

    deadline: float = 120.0
    probe_seconds: float = 5.0
    rate: float = 20.0
    most_bytes: int = 1024 * 1024
    concurrency: int = 200


def audit_endpoints(
    endpoints: Sequence[Endpoint], limits: Limits, done: Callable[[TlsScan], None] | None = None
) -> list[TlsScan]:
    """One scan for each address of each endpoint, in the order given. `done` is called with each as it ends.

    Raises ConfigError for a CA file or a client certificate that cannot be read, before anything is asked,
    and CollectError when this machine cannot open more connections.
    """
    for file in {endpoint.client_file for endpoint in endpoints} - {""}:
        client_certificate(file)
    roots = {endpoint.ca_file: roots_of(endpoint.ca_file) for endpoint in endpoints}
    try:
        return asyncio.run(_audit_all(endpoints, roots, limits, done or (lambda _: None)))
    except LocalFault as fault:
        raise CollectError(
            f"this machine cannot open more connections: {fault}",
            "raise the limit of open files, or lower --concurrency",
        ) from None


async def _audit_all(
    endpoints: Sequence[Endpoint],
    roots: dict[str, Roots],
    limits: Limits,
    done: Callable[[TlsScan], None],
) -> list[TlsScan]:
    gate = Gate(limits.concurrency)
    pacing = asyncio.create_task(gate.keep_pace())
    gap = 1 / limits.rate if limits.rate else 0.0
    paces: dict[str, Pace] = defaultdict(lambda: Pace(gap))
    slots: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_PER_ADDRESS))

    responders = Responders()

    async def one(endpoint: Endpoint) -> list[TlsScan]:
        addresses = await _addresses(endpoint)
        if isinstance(addresses, str):
            scans = [_unresolved(endpoint, addresses)]
        else:
            scans = []
            for address in addresses:  # one address of a host at a time
                async with slots[address], gate:
                    budget = _budget(limits, paces[address])
                    known = roots[endpoint.ca_file]
                    scans.append(await audit_address(endpoint, address, known, budget, responders))
        for scan in compared(scans):
            done(scan)
        return compared(scans)

    try:
        found = await asyncio.gather(*(one(endpoint) for endpoint in endpoints))
    finally:
        pacing.cancel()
    return [scan for scans in found for scan in scans]


def _budget(limits: Limits, pace: Pace) -> Budget:
    return Budget(
        deadline=asyncio.get_running_loop().time() + limits.deadline,
        pace=pace,
        probe_seconds=limits.probe_seconds,
        bytes_left=limits.most_bytes,
    )


class Gate:
    """Lets a number of audits through at once, fewer while this machine cannot keep up.

    A slow event loop makes our own timeouts fire, which would be blamed on the endpoints: the number is
    halved when the loop lags by a tenth of what a conversation may take, and grows by a quarter otherwise.
    """

    _LAG: Final = 0.5
    _LEAST: Final = 16

    def __init__(self, most: int) -> None:
        self._most = max(1, most)
        self.allowed = min(self._most, 50)
        self._inside = 0
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._inside < self.allowed)
            self._inside += 1

    async def __aexit__(self, *_: object) -> None:
        async with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    async def keep_pace(self) -> None:
        """Adapt `allowed` while the audits run; ends when cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(0.1)
            late = loop.time() - before - 0.1
            async with self._changed:
                if late > self._LAG:
                    self.allowed = min(self._most, max(self._LEAST, self.allowed // 2))
                else:
                    self.allowed = min(self._most, self.allowed + max(1, self.allowed // 4))
                    self._changed.notify_all()


async def _addresses(endpoint: Endpoint) -> list[str] | str:
    """All addresses of the endpoint, both families; or why there are none."""
    if endpoint.addresses:
        return list(endpoint.addresses)
    if is_address(endpoint.host):
        return [endpoint.host]
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(10):
            found = await loop.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except TimeoutError:
        return "the name was not resolved in time"
    except (OSError, UnicodeError):
        return "the name does not resolve"
    return list(dict.fromkeys(str(place[4][0]) for place in found))[:_MOST_ADDRESSES]


def _unresolved(endpoint: Endpoint, reason: str) -> TlsScan:
    return TlsScan(
        endpoint=str(endpoint),
        address=str(endpoint),
        server_name=endpoint.name,
        taken=datetime.now(UTC),
        profile=endpoint.profile,
        state=State.UNRESOLVED,
        reason=reason,
        partner=endpoint.partner,
        declared=endpoint.declared,
    )


def compared(scans: list[TlsScan]) -> list[TlsScan]:
    """The scans of one endpoint, each with what sets it apart from the first address that answered."""
    first = next((scan for scan in scans if scan.state is State.ANSWERED), None)
    if first is None or len(scans) < 2:
        return scans
    return [replace(s, differences=(*s.differences, *_differences(first, s))) for s in scans]


def _differences(first: TlsScan, other: TlsScan) -> Iterable[str]:
    if other.state is not State.ANSWERED:
        yield f"{first.address} answers, {other.address} does not ({other.state.value})"
        return
    for name in sorted(set(first.probes) | set(other.probes)):
        one, two = first.probes.get(name), other.probes.get(name)
        if one and two and one.answer is not two.answer:
            yield f"{name}: {one.answer.value} by {first.address}, {two.answer.value} by {other.address}"
    if _keys(first) != _keys(other):
        yield f"{other.address} has another certificate than {first.address}"


def _keys(scan: TlsScan) -> set[str]:
    return {chain.certificates[0].sha256 for chain in scan.chains if chain.certificates}
