"""The partner registry as JSON, for gates without a YAML reader: written when the stack is deployed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from hardening.registry.callback_host import CallbackHost
from hardening.registry.partners import Access, ModuleRate, Partner, Party, Share, TlsException

NAME = "partners.json"
_TUPLES = (
    "versions",
    "our_parties",
    "networks",
    "callback_networks",
    "client_certificate_in",
    "tls_pins",
    "warn_only_rules",
    "contacts",
)


def dump(partners: Iterable[Partner]) -> str:
    """The partners as JSON; the same partners always give the same text."""
    plain = [asdict(replace(partner, modules=dict(partner.modules))) for partner in partners]
    return json.dumps(plain, default=str, sort_keys=True, indent=1)


def digest(partners: Iterable[Partner]) -> str:
    """SHA-256 (hexadecimal) of `dump`: the declared stack says which registry a gate must serve."""
    return hashlib.sha256(dump(partners).encode()).hexdigest()


def load(text: str) -> tuple[Partner, ...]:
    """The partners that `dump` wrote. Raises ValueError, with the kind of the fault, for any other text."""
    try:
        return tuple(_partner(values) for values in json.loads(text))
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(type(error).__name__) from None


def _partner(values: dict[str, Any]) -> Partner:
    read: dict[str, Any] = {**values, **{name: tuple(values[name]) for name in _TUPLES}}
    read["parties"] = tuple(Party(**party) for party in values["parties"])
    read["callback_hosts"] = tuple(CallbackHost(**host) for host in values["callback_hosts"])
    read["modules"] = {m: tuple(Access(a) for a in given) for m, given in values["modules"].items()}
    read["module_rates"] = tuple(ModuleRate(**rate) for rate in values["module_rates"])
    read["shares"] = tuple(Share(**{**one, "fields": tuple(one["fields"])}) for one in values["shares"])
    read["tls_exceptions"] = tuple(
        TlsException(**{**one, "expires": date.fromisoformat(one["expires"])})
        for one in values["tls_exceptions"]
    )
    return Partner(**read)
