"""The partner registry: who may call us, as whom, for what, and where we may call them.

One YAML file a partner in `partners/`. Tokens never stand here: they live in the secrets store, and
this registry only names who has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from hardening.objectives import Terms
from hardening.registry.callback_host import CallbackHost

HUB = "HUB"


class Access(StrEnum):
    """What a partner may do with a module."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True, order=True)
class Party:
    """Whose objects: OCPI 2.2.1, 6.2 (party_id is only unique within its country)."""

    country_code: str
    party_id: str
    role: str

    def __str__(self) -> str:
        return f"{self.country_code}*{self.party_id}"


@dataclass(frozen=True, slots=True)
class TlsException:
    """A control of the transport layer that this partner is let off, for a while."""

    control: str
    reason: str
    expires: date


@dataclass(frozen=True, slots=True)
class ModuleRate:
    """How many calls of one module: `burst` at once, and so many in each minute and each day."""

    module: str
    burst: int
    per_minute: int
    per_day: int


@dataclass(frozen=True, slots=True)
class Share:
    """Fields of a module that tell of our drivers and that the partner gets: what for, and by what right.

    `legal_basis` is one of GDPR Art. 6(1).
    """

    module: str
    fields: tuple[str, ...]
    purpose: str
    legal_basis: str


# Without slots: what is derived is kept beside the fields.
@dataclass(frozen=True, kw_only=True)
class Partner:
    """What was contracted with one partner in one environment.

    `modules` maps an OCPI module identifier to the access it was given; a module that is not named is
    refused. `networks` are the CIDRs that it calls from; `callback_hosts` are the only hosts that we call
    for it, `callback_networks` the addresses that their names may lead to (empty: any public one).
    `our_parties` are those of ours that it may address, as `NL*ABC`; empty: any but its own, as they are not
    known here. `auth_encoding` is `base64` (2.2 and later) or `raw` (2.1.1, and peers that never encoded).
    Rates count requests; `module_rates` hold beside the partner's own. `requests_burst` may come at once; 0:
    as many as each gate lets.
    `client_certificate_out` names the certificate that we show it ("": none), `client_certificate_in` the
    keys of those that it shows us, as base64 of their SHA-256 (empty: it need not show one).
    `accept` maps a leniency (`hardening.ocpi.leniencies`) to the reason for which its messages may have it.
    `modules_route` is the form of its own modules route, which we ask at each exchange ("": it has none).
    `shares` open fields that are closed for everybody else (`hardening.registry.personal_fields`).
    `objectives` are the terms of its contract that differ from ours (`hardening.objectives`).
    `tls_authority` is the text (PEM) of `tls_ca_file`, where somebody has read it: no key of a partner file.
    """

    name: str
    environment: str
    parties: tuple[Party, ...]
    versions: tuple[str, ...]
    modules: Mapping[str, tuple[Access, ...]]
    networks: tuple[str, ...]
    callback_hosts: tuple[CallbackHost, ...]
    our_parties: tuple[str, ...] = ()
    auth_encoding: str = "base64"
    requests_per_minute: int = 600
    requests_per_day: int = 100_000
    requests_burst: int = 0
    module_rates: tuple[ModuleRate, ...] = ()
    tls_profile: str = "callback"
    tls_pins: tuple[str, ...] = ()
    tls_ca_file: str = ""
    tls_min_version: str = "1.2"
    client_certificate_out: str = ""
    client_certificate_in: tuple[str, ...] = ()
    callback_networks: tuple[str, ...] = ()
    tls_exceptions: tuple[TlsException, ...] = ()
    warn_only_rules: tuple[str, ...] = ()
    accept: Mapping[str, str] = field(default_factory=dict)
    contacts: tuple[str, ...] = field(default=())
    objectives: Terms = field(default_factory=dict)
    require_onboarding: bool = False
    modules_route: str = ""
    shares: tuple[Share, ...] = ()
    tls_authority: str = ""

    @property
    def is_hub(self) -> bool:
        """Whether it speaks for others beside itself (OCPI 2.2.1, 2.3)."""
        return any(party.role == HUB for party in self.parties)

    def named(self, country_code: object, party_id: object) -> tuple[Party, ...]:
        """Its parties with this name, one for each role. CiStrings: letter case does not count."""
        return self._parties_by_name.get(f"{country_code}*{party_id}".upper(), ())

    def has_hub(self, country_code: object, party_id: object) -> bool:
        """Whether one of its hubs has this name."""
        return any(party.role == HUB for party in self.named(country_code, party_id))

    def opens(self, module: str, field: str) -> bool:
        """Whether the partner gets this field of drivers that are not its own."""
        return (module, field) in self._opened

    @cached_property
    def _opened(self) -> frozenset[tuple[str, str]]:
        return frozenset((share.module, field) for share in self.shares for field in share.fields)

    @cached_property
    def _parties_by_name(self) -> Mapping[str, tuple[Party, ...]]:
        """A hub speaks for thousands, and each call asks several times."""
        found: dict[str, tuple[Party, ...]] = {}
        for party in self.parties:
            name = str(party).upper()
            found[name] = (*found.get(name, ()), party)
        return found

    def may_call(self, url: object) -> bool:
        """Whether we may call `url` for this partner: https, to one of its callback hosts."""
        return CallbackHost.of_url(url) in self.callback_hosts
