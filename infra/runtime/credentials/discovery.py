"""Versions, version details and modules, as one partner sees them: what it was contracted for."""

from __future__ import annotations

from typing import Any

from hardening.registry.partners import Partner
from hardening.requests.modules import MODULES
from hardening.requests.routes import PREFIX, ROUTES, Match


def discovery(origin: str, found: Match, partner: Partner) -> Any:
    """The `data` of the answer to a call of the configuration routes.

    `origin` is `https://host[:port]` of the guard. `versions` lists every version that the partner may use
    (OCPI 2.2.1, 6.1); details list its endpoints of one (6.2), `modules` its contract.
    """
    version = found.route.version
    if not version:
        return [{"version": one, "url": f"{origin}{PREFIX}/{one}"} for one in partner.versions]
    if found.route.module == "modules":
        contracted = [
            {"identifier": name, "access": list(access)} for name, access in partner.modules.items()
        ]
        return {"version": version, "modules": contracted}
    return {"version": version, "endpoints": endpoints(origin, version, partner)}


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
