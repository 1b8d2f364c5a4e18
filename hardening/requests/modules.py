"""OCPI's modules: in which versions each exists, and which roles are its Sender and its Receiver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

VERSIONS = ("2.1.1", "2.2.1", "2.3.0")
ROLES = ("CPO", "EMSP", "HUB", "NAP", "NSP", "OTHER", "SCSP")
SINCE_2_2 = ("2.2.1", "2.3.0")

# Configuration modules are for every partner; the others are functional and need a contract.
CONFIGURATION = ("versions", "modules", "credentials")


@dataclass(frozen=True, slots=True)
class ModuleRoles:
    """Which roles are the Sender and the Receiver of a module, and in which versions it exists.

    OCPI 2.2.1, 2.1.1 "Typical OCPI implementations per Role".
    """

    senders: tuple[str, ...]
    receivers: tuple[str, ...]
    versions: tuple[str, ...] = VERSIONS

    def callers(self, interface: str) -> tuple[str, ...]:
        """The roles of a partner that calls our `interface`."""
        return self.receivers if interface == "sender" else self.senders


MODULES: Mapping[str, ModuleRoles] = MappingProxyType(
    {
        "cdrs": ModuleRoles(("CPO", "HUB"), ("EMSP", "HUB")),
        "chargingprofiles": ModuleRoles(("SCSP", "HUB"), ("CPO", "HUB"), SINCE_2_2),
        "commands": ModuleRoles(("EMSP", "HUB"), ("CPO", "HUB")),
        "hubclientinfo": ModuleRoles(("HUB",), ("CPO", "EMSP", "NSP", "NAP", "SCSP"), SINCE_2_2),
        "locations": ModuleRoles(("CPO", "HUB", "NAP"), ("EMSP", "HUB", "NSP", "NAP")),
        "sessions": ModuleRoles(("CPO", "HUB"), ("EMSP", "HUB", "SCSP")),
        "tariffs": ModuleRoles(("CPO", "HUB", "NAP"), ("EMSP", "HUB", "NSP", "NAP")),
        "tokens": ModuleRoles(("EMSP", "HUB"), ("CPO", "HUB")),
    }
)
