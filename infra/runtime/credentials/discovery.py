"""Versions, version details and modules, as one partner sees them: what it was contracted for."""

from __future__ import annotations

from typing import Any

from hardening.registry.partners import Partner
from hardening.requests.modules import MODULES, ROLES
from hardening.requests.routes import PREFIX, ROUTES, Match


def discovery(origin: str, found: Match, partner: Partner) -> Any:
    """The `data` of the answer to a call of the configuration routes.

    `origin` is `https://host[:port]` of the guard. `versions` lists every version that the partner may use
    (OCPI 2.2.1, 6.1); details list its endpoints of one (6.2), `modules` its contract, all of it or that with
    us in one role. None for a role that there is not.
    """
    version = found.route.version
    if not version:
        return [{"version": one, "url": f"{origin}{PREFIX}/{one}"} for one in partner.versions]
    if found.route.module == "modules":
        return _modules(version, partner, found.parameters.get("role"))
    return {"version": version, "endpoints": endpoints(origin, version, partner)}


def _modules(version: str, partner: Partner, role: str | None) -> Any:
    """The contracted modules; of those, the ones in which we are `role`, in either letter case."""
    wanted = None if role is None else role.upper()
    if wanted not in (None, "SENDER", "RECEIVER", *ROLES):
        return None
    named = [
        {"identifier": name, "access": list(access)}
        for name, access in partner.modules.items()
        if version in MODULES[name].versions and (wanted is None or wanted in _our_roles(name, partner))
    ]
    return {"version": version, **({"role": wanted} if wanted else {}), "modules": named}


def _our_roles(module: str, partner: Partner) -> set[str]:
    """What we may be in a module, opposite to this partner: Sender, Receiver, and the roles of those."""
    theirs, table = {party.role for party in partner.parties}, MODULES[module]
    ours: set[str] = set()
    if theirs & set(table.receivers):
        ours |= {"SENDER", *table.senders}
    if theirs & set(table.senders):
        ours |= {"RECEIVER", *table.receivers}
    return ours


def endpoints(origin: str, version: str, partner: Partner) -> list[dict[str, str]]:
    """The contracted endpoints; from 2.2 on with the role of the interface (OCPI 2.2.1, 6.2)."""
    root = f"{origin}{PREFIX}/{version}"
    found = [{"identifier": "credentials", "role": "SENDER", "url": f"{root}/credentials"}]
    roles = {party.role for party in partner.parties}
    served = dict.fromkeys((r.module, r.interface) for r in ROUTES if r.version == version and r.interface)
    for module, interface in served:
        if module in partner.modules and roles & set(MODULES[module].callers(interface)):
            url = f"{root}/{interface}/{module}"
            found.append({"identifier": module, "role": interface.upper(), "url": url})
    if version == "2.1.1":
        return [{"identifier": one["identifier"], "url": one["url"]} for one in found]
    return found
