"""An egress guard in this process, on loopback, for the partners of a test."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hardening.egress.callers import Caller
from hardening.registry.partners import Partner
from infra.runtime.credentials.sqlite_vault import SqliteVault
from infra.runtime.egress.certificates import in_folder
from infra.runtime.egress.partner_client import PartnerClient
from infra.runtime.egress.service import Egress, always
from infra.runtime.functions.partner_calls import EgressGuard
from infra.runtime.http_service import listening

KEYS = {"service": b"s" * 32, "rotation": b"r" * 32, "credentials": b"c" * 32}


@dataclass(frozen=True, slots=True)
class RunningEgress:
    """Where it is, and the guard itself."""

    url: str
    egress: Egress

    def as_caller(self, name: str) -> EgressGuard:
        """The guard as this caller of ours calls it."""
        return EgressGuard(self.url, name, lambda: KEYS[name])


@contextlib.contextmanager
def running_egress(
    folder: Path, partner: Partner, elsewhere: Mapping[str, str], seconds: float = 20.0
) -> Iterator[RunningEgress]:
    """`folder` has the partner's certificates, and gets the vault; `elsewhere` as in `resolver`."""
    callers = {name: Caller(name, (key,), name != "service") for name, key in KEYS.items()}
    egress = Egress(
        {partner.name: partner},
        always(callers),
        lambda name: SqliteVault(folder / "vault.sqlite", name),
        lambda one, shown: PartnerClient(one, folder, elsewhere, seconds, shown),
        in_folder(folder),
    )
    started: list[int] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with listening(egress.answer, "127.0.0.1", 0) as port:
            started.append(port)
            ready.set()
            await stop.wait()
        await egress.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    ready.wait(20)
    try:
        yield RunningEgress(f"http://127.0.0.1:{started[0]}", egress)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
