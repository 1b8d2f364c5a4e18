"""What is known so far of one address, and how a probe adds to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from scanners.tls import probes as p
from scanners.tls.audit.answers import ask, hello_seen, of_version, unproven, without_allowed
from scanners.tls.certificates.chain import read_chain
from scanners.tls.certificates.roots import Roots
from scanners.tls.endpoint import Endpoint
from scanners.tls.observations import Answer, Chain, Client, Plain, Probe, Web
from scanners.tls.protocol.conversation import Destination
from scanners.tls.protocol.hello import Offer
from scanners.tls.protocol.resumption import OldSession, Ticket
from scanners.tls.protocol.server_hello import Flight, KeyExchange
from scanners.tls.protocol.tls13 import ServerFlight
from scanners.tls.protocol.wire import Budget


@dataclass(slots=True)
class Progress:
    """One address while it is audited.

    `probes` maps a probe's name (`scanners.tls.probes`) to its outcome, `chains` holds each chain
    that it sent for its own name, once, and `sent` these as sent, with the staple. `offers` are those made,
    and whether the whole flight is read. `last` is the first good offer, asked again at the end, and `cut`
    says why the audit ended before it had asked what every audit asks (empty: it had asked all). `ticket` and
    `old_session` resume a session of TLS 1.3 and 1.2, made for the endpoint's own name and without a client
    certificate; `foreign_ticket` was given to a client with nobody's. The rest is as in `TlsScan`.
    """

    endpoint: Endpoint
    destination: Destination
    budget: Budget
    roots: Roots
    now: datetime
    offers: dict[str, tuple[Offer, bool]] = field(default_factory=dict)
    probes: dict[str, Probe] = field(default_factory=dict)
    repeats: dict[str, list[Probe]] = field(default_factory=dict)
    chains: list[Chain] = field(default_factory=list)
    web: Web | None = None
    client_certificate: str = "unknown"
    clients: dict[str, Client] = field(default_factory=dict)
    resumed: dict[str, Client] = field(default_factory=dict)
    ticket: Ticket | None = None
    foreign_ticket: Ticket | None = None
    old_session: OldSession | None = None
    early_data: int | None = None
    ticket_seconds: int | None = None
    plain_on_tls: Plain | None = None
    plain_port: Plain | None = None
    plain_token: Plain | None = None
    last: Probe | None = None
    cut: str = ""
    sent: dict[tuple[tuple[bytes, ...], bytes], Chain] = field(default_factory=dict)

    def accepted(self, name: str) -> bool:
        """Whether the offer called `name` was asked and accepted."""
        probe = self.probes.get(name)
        return probe is not None and probe.answer is Answer.ACCEPTED

    def answers(self, name: str) -> list[Probe]:
        """All outcomes of the offer called `name`; none if it was not made."""
        return [*([self.probes[name]] if name in self.probes else []), *self.repeats.get(name, ())]

    def leaves(self, *names: str) -> set[str]:
        """The digests of the certificates that the offers called `names` were answered with."""
        hellos = [probe.hello for name in names for probe in self.answers(name)]
        return {hello.leaf_sha256 for hello in hellos if hello and hello.leaf_sha256}

    def saw_chain(self, offer: str, flight: Flight | ServerFlight) -> None:
        """Keep the chain of a flight that answers `offer`, unless it was seen before, staple and all.

        The same leaf may come with another issuer or staple, or without: for each that is another chain.
        """
        sent = (flight.chain, flight.staple)
        if flight.chain and sent not in self.sent:
            chain = read_chain(*sent, self.endpoint.name, self.roots, self.now)
            self.sent[sent] = replace(chain, offer=offer)
            self.chains.append(self.sent[sent])

    def shaken(self, flight: ServerFlight, name: str = p.TLS_1_3) -> Probe:
        """The outcome of a TLS 1.3 handshake that was completed; its chain is kept."""
        self.saw_chain(name, flight)
        exchange = KeyExchange(signature=flight.signature)
        hello = hello_seen(Flight(flight.hello, flight.chain, exchange))
        return Probe(answer=Answer.ACCEPTED, hello=hello, accepted=(hello.suite,))

    async def ask(self, name: str, offer: Offer | None, *, whole: bool = False) -> Flight | None:
        """Make the offer called `name`, and keep its outcome and the endpoint's chain; the flight, if any."""
        if offer is None:
            self.probes[name] = skipped("the profile forbids nothing here")
            return None
        self.offers[name] = offer, whole
        self.probes[name], flight = await self._answer(name)
        return flight

    async def again(self, name: str) -> Probe:
        """Make the offer called `name` once more, and keep this outcome beside the first."""
        probe, _ = await self._answer(name)
        self.repeats.setdefault(name, []).append(probe)
        return probe

    async def _answer(self, name: str) -> tuple[Probe, Flight | None]:
        offer, whole = self.offers[name]
        probe, flight = await ask(self.destination, offer, self.budget, whole=whole)
        return self.kept(name, offer, probe, flight)

    def kept(
        self, name: str, offer: Offer, probe: Probe, flight: Flight | None
    ) -> tuple[Probe, Flight | None]:
        """An answer to the offer called `name`, as it counts; a chain is kept if the server has proven it."""
        if flight and flight.unproven:
            return (unproven(probe, flight) if name == p.TLS_1_2 else probe), None
        if flight and offer.server_name == self.destination.name:
            self.saw_chain(name, flight)
        if name == p.GROUPS_1_2:
            probe = without_allowed(probe, offer, self.endpoint.profile)
        return (of_version(probe, "TLSv1.2") if name == p.TLS_1_2 else probe), flight

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
