"""What a TLS audit saw of one address of one endpoint. Facts only: `scanners/tls/checks/` judges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scanners.tls.deep_facts import Deep, SecondScan
from scanners.tls.profiles import Profile
from scanners.tls.revocation_facts import Revocation


class State(StrEnum):
    """How far the audit came. Only `ANSWERED` can lead to a pass."""

    ANSWERED = "answered"
    UNRESOLVED = "unresolved"
    UNREACHABLE = "unreachable"
    NOT_TLS = "not TLS"
    HANDSHAKE_FAILED = "handshake failed"
    TIMED_OUT = "timed out"
    UNFINISHED = "unfinished"
    INCONSISTENT = "inconsistent"


class Answer(StrEnum):
    """What an endpoint did with an offer. `UNKNOWN`: a timeout, a reset, garbage; never a refusal."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"  # the probe has no meaning here; `detail` says why


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """What a ServerHello (and the ServerKeyExchange after it) showed, by name.

    `dh_bits` is the size of the finite-field prime, 0 when none was used, and `dh_problem` why it is not to
    be used, whatever its size. `signature` and `group` are empty when they did not show.
    """

    version: str
    suite: str
    group: str = ""
    signature: str = ""
    dh_bits: int = 0
    dh_problem: str = ""
    extended_master_secret: bool = False
    secure_renegotiation: bool = False
    compression: bool = False
    heartbeat: bool = False
    sentinel: bool = False
    leaf_sha256: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One offer and its answer. `accepted` names what was taken, all of it after an enumeration."""

    answer: Answer
    detail: str = ""
    hello: Hello | None = None
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One certificate of the chain as sent. Names are as written; days are whole days.

    `self_signed` is what its own key signed; `rsa_exponent` is 0 for another kind of key.
    """

    subject: str
    issuer: str
    serial: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    key: str
    key_bits: int
    signature: str
    is_ca: bool
    self_signed: bool
    server_auth: bool
    key_usage_ok: bool
    must_staple: bool
    transparency_stamps: int
    spki_sha256: str
    sha256: str
    rsa_exponent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Staple:
    """An OCSP response. `status` is good, revoked, unknown or invalid; `problem` says what is invalid."""

    status: str
    this_update: datetime | None = None
    next_update: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A server's certificates, and what a verifier says of them with the one list of CAs that counts.

    `trust` is empty when a path leads to one of them, else the reason; dates and names are judged apart
    from it, by `dates` and `name_problem`. `doubt` says what this audit cannot verify of it. `form` holds
    what RFC 5280 forbids, though clients accept it. `private` says that the list is the operator's own,
    `root_sent` that the chain ends in a root; `size` is in bytes. `offer` is the first of
    `scanners.tls.probes` that it was sent for.
    """

    certificates: tuple[Certificate, ...]
    trust: str
    name_problem: str
    doubt: str = ""
    form: tuple[str, ...] = ()
    order: str = ""
    unused: int = 0
    root_sent: bool = False
    size: int = 0
    private: bool = True
    staple: Staple | None = None
    offer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """What a plaintext HTTP request met. `outcome`: closed, silent, refused, redirected, served, unknown."""

    outcome: str
    status: int = 0
    location: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """The HTTPS answer to one GET. `ended` is whether the body did, within the cap and in time."""

    status: int = 0
    hsts: str = ""
    location: str = ""
    ended: bool = True
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What a client got from a server that asks for a certificate.

    `outcome` is answered (with the HTTP `status`), refused (by an alert), closed or unknown.
    """

    outcome: str
    status: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the stack declares of this endpoint: an AWS policy's name, and what it allows.

    `post_quantum` is offered, absent or unknown. `problem` is set, and the rest empty, when the name is
    not known, or not written.
    """

    policy: str
    where: str
    versions: tuple[str, ...] = ()
    suites: tuple[str, ...] = ()
    post_quantum: str = "unknown"
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsScan:
    """The subject of the transport checks: one address, with what was expected of it.

    `probes` maps a probe's name (`scanners.tls.probes`) to its outcome, and `repeats` to those of the same
    offer made again. `client_certificate` is none, requested, required or unknown; `clients` maps anonymous,
    foreign and ours to what a client with no certificate, with nobody's and with ours got; `client_missing`
    names one of ours that is not at hand. `resumed` says what a client without a certificate got in a resumed
    session, by how the session was made. `early_data` is the most bytes that a ticket allows, and
    `ticket_seconds` the longest life of one, None if no ticket was seen; `http_refused` says that no
    handshake that names http/1.1 (ALPN) is completed. `revocation` is None if nobody was to be asked.
    `differences` says how this address differs from the endpoint's others, and its own connections from each
    other.
    """

    endpoint: str
    address: str
    server_name: str
    taken: datetime
    profile: Profile
    state: State
    reason: str = ""
    pins: tuple[str, ...] = ()
    client_certificate_wanted: bool = False
    partner: str = ""
    probes: Mapping[str, Probe] = field(default_factory=dict)
    repeats: Mapping[str, tuple[Probe, ...]] = field(default_factory=dict)
    chains: tuple[Chain, ...] = ()
    revocation: tuple[Revocation, ...] | None = None
    client_certificate: str = "unknown"
    client_missing: str = ""
    clients: Mapping[str, Client] = field(default_factory=dict)
    resumed: Mapping[str, Client] = field(default_factory=dict)
    early_data: int | None = None
    ticket_seconds: int | None = None
    http_refused: bool = False
    web: Web | None = None
    plain_on_tls: Plain | None = None
    plain_port: Plain | None = None
    plain_token: Plain | None = None
    declared: Declared | None = None
    enumerated: bool = False
    deep_wanted: bool = False
    deep: tuple[Deep, ...] = ()
    second: SecondScan | None = None
    differences: tuple[str, ...] = ()
    connections: int = 0
    bytes_read: int = 0
    seconds: float = 0.0

    @property
    def where(self) -> str:
        """The place in findings: the endpoint, which stays the same while a name's addresses change."""
        return self.endpoint

    @property
    def place(self) -> str:
        """The endpoint, with the address where it is not the endpoint itself."""
        own = self.endpoint.removeprefix("[").startswith(self.address)
        return self.endpoint if own else f"{self.endpoint} ({self.address})"
