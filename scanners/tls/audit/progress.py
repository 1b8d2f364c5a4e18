"""What is known so far of one address, and how a probe adds to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from scanners.tls.audit.answers import ask
from scanners.tls.certificates.chain import read_chain
from scanners.tls.certificates.roots import Roots
from scanners.tls.endpoint import Endpoint
from scanners.tls.observations import Answer, Chain, Plain, Probe, Web
from scanners.tls.protocol.conversation import Destination, Flight
from scanners.tls.protocol.hello import Offer
from scanners.tls.protocol.tls13 import ServerFlight
from scanners.tls.protocol.wire import Budget


@dataclass(slots=True)
class Progress:
    """One address while it is audited.

    `probes` maps a probe's name (`scanners.tls.probes`) to its outcome, `chains` holds each chain
    that it sent for its own name, once. `last` is the first good offer, asked again at the end. The
    rest is as in `TlsScan`.
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
    _sent: set[tuple[tuple[bytes, ...], bytes]] = field(default_factory=set)

    def accepted(self, name: str) -> bool:
        """Whether the offer called `name` was asked and accepted."""
        probe = self.probes.get(name)
        return probe is not None and probe.answer is Answer.ACCEPTED

    def leaves(self, *names: str) -> set[str]:
        """The digests of the certificates that the offers called `names` were answered with."""
        hellos = [self.probes[name].hello for name in names if name in self.probes]
        return {hello.leaf_sha256 for hello in hellos if hello and hello.leaf_sha256}

    def saw_chain(self, offer: str, flight: Flight | ServerFlight) -> None:
        """Keep the chain of a flight that answers `offer`, unless it was seen before, staple and all.

        The same leaf may come with another issuer or staple, or without: for each that is another chain.
        """
        sent = (flight.chain, flight.staple)
        if flight.chain and sent not in self._sent:
            self._sent.add(sent)
            chain = read_chain(*sent, self.endpoint.name, self.roots, self.now)
            self.chains.append(replace(chain, offer=offer))

    async def ask(self, name: str, offer: Offer | None, *, whole: bool = False) -> Flight | None:
        """Make the offer called `name`, and keep its outcome and the endpoint's chain; the flight, if any."""
        self.probes[name], flight = await ask(self.destination, offer, self.budget, whole=whole)
        if flight and not flight.unproven and offer and offer.server_name == self.destination.name:
            self.saw_chain(name, flight)
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
