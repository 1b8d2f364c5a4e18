"""What is known so far of one address, and how a probe adds to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from scanners.tls.audit.answers import ask
from scanners.tls.certificates.chain import read_chain
from scanners.tls.certificates.roots import Roots
from scanners.tls.endpoint import Endpoint
from scanners.tls.observations import Answer, Chain, Plain, Probe, Web
from scanners.tls.protocol.conversation import Destination, Flight
from scanners.tls.protocol.hello import Offer
from scanners.tls.protocol.wire import Budget


@dataclass(slots=True)
class Progress:
    """One address while it is audited.

    `probes` maps a probe's name (`scanners.tls.probes`) to its outcome, `chains` holds one chain for each
    leaf seen. `last` is the first good offer, asked again at the end. The rest is as in `TlsScan`.
    """

    endpoint: Endpoint
    destination: Destination
    budget: Budget
    roots: Roots
    now: datetime
    probes: dict[str, Probe] = field(default_factory=dict)
    chains: list[Chain] = field(default_factory=list)
    web: Web | None = None
    client_certificate: str = "unknown"
    early_data: int | None = None
    plain_on_tls: Plain | None = None
    plain_port: Plain | None = None
    plain_token: Plain | None = None
    last: Probe | None = None

    def accepted(self, name: str) -> bool:
        """Whether the offer called `name` was asked and accepted."""
        probe = self.probes.get(name)
        return probe is not None and probe.answer is Answer.ACCEPTED

    def add_chain(self, ders: tuple[bytes, ...], staple: bytes) -> None:
        """Keep a chain (DER certificates and OCSP response as sent) unless its leaf is known already."""
        chain = read_chain(ders, staple, self.endpoint.name, self.roots, self.now)
        known = {c.certificates[0].sha256 for c in self.chains if c.certificates}
        if not chain.certificates or chain.certificates[0].sha256 not in known:
            self.chains.append(chain)

    async def ask(self, name: str, offer: Offer | None, *, whole: bool = False) -> Flight | None:
        """Make the offer called `name` and keep its outcome; the flight if it was accepted."""
        self.probes[name], flight = await ask(self.destination, offer, self.budget, whole=whole)
        return flight

    async def ask_if(self, needed: str, name: str, offer: Offer | None, *, whole: bool = False) -> None:
        """The same, only where the offer called `needed` was accepted; else say why it was not asked."""
        if self.accepted(needed):
            await self.ask(name, offer, whole=whole)
        elif self.probes[needed].answer is Answer.REFUSED:
            self.probes.setdefault(name, skipped("the endpoint does not offer this version"))
        else:
            self.probes.setdefault(name, Probe(answer=Answer.UNKNOWN, detail=self.probes[needed].detail))


def skipped(why: str) -> Probe:
    """The outcome of an offer that has no meaning here."""
    return Probe(answer=Answer.SKIPPED, detail=why)
