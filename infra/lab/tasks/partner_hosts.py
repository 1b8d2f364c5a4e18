"""The partners' hosts on this machine; those that want to see our certificate have a port of their own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from hardening.registry.partners import Partner
from hardening.requests.tokens import issue
from infra.lab.certificates import Certificates, write_private
from infra.lab.ports import free_port
from infra.lab.processes import Children
from infra.network.ports import HTTPS


def host_names(partners: Iterable[Partner]) -> list[str]:
    """Every callback host, as `host:port`."""
    return [f"{host.host}:{host.port}" for one in partners for host in one.callback_hosts]


def partner_ports(partners: Iterable[Partner]) -> dict[str, int]:
    """Each callback host, as `host:port`, and its port of 127.0.0.1."""
    anyone, known = free_port(), free_port()
    return {
        name: known if one.client_certificate_out else anyone
        for one in partners
        for name in host_names([one])
    }


def start_partners(
    children: Children,
    folder: Path,
    certificates: Certificates,
    partners: Iterable[Partner],
    ports: Mapping[str, int],
) -> dict[str, str]:
    """Start what answers on these ports; returns the token that each host (without :443) wants from us."""
    hosts = {host for one in partners for host in one.callback_hosts}
    wanted = {host.host if host.port == HTTPS else f"{host.host}:{host.port}": issue() for host in hosts}
    file = folder / "partner-tokens.json"
    write_private(file, json.dumps(wanted).encode())
    of = certificates.of["partner"]
    mutual = host_names(one for one in partners if one.client_certificate_out)
    with_certificate = {ports[name] for name in mutual}
    for port in sorted(set(ports.values())):
        arguments = [str(port), str(of.chain_file), str(of.key_file), str(file)]
        authority = [str(certificates.ca_file)] if port in with_certificate else []
        name = "partner-mtls" if authority else "partner"
        children.start(name, (sys.executable, "-m", "infra.lab.partner", *arguments, *authority))
    return wanted
