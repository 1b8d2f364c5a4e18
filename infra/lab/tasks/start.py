"""Start the declared containers as processes, and wait until their health commands say that they are well."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardening.errors import CollectError
from hardening.registry.deployed import deployed_registry
from hardening.registry.partners import Partner
from infra.lab.certificates import Certificates
from infra.lab.clients import DUMMY_KEY, Clients
from infra.lab.ports import free_port
from infra.lab.processes import Children
from infra.lab.readiness import wait_until
from infra.lab.tasks.definition import Container, declared_containers
from infra.lab.tasks.deliveries import make_keys, put_registry
from infra.lab.tasks.partner_hosts import host_names, partner_ports, start_partners
from infra.lab.tasks.substitutions import (
    SANDBOX,
    Here,
    command_here,
    environment_here,
    health_here,
    port_here,
    python,
)
from infra.network.ports import (
    BOUNDARY_PORT,
    EGRESS_PORT,
    GUARD_PORT,
    HTTPS,
    POLICY_PORT,
    SERVICE_PORT,
    STATISTICS_PORT,
)
from infra.runtime.guard.envoy import envoy_binary

_PATIENCE = 30.0
_HEALTH_SECONDS = 10
# The process that each container is here; all of them are needed.
PROCESSES: Mapping[str, str] = {
    "guard/policy": "policy",
    "guard/boundary": "boundary",
    "guard/envoy": "envoy",
    "egress/egress": "egress",
    "service/service": "ocpi",
}
_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_BUCKET = "aws:s3/bucket:Bucket"
_NAMESPACE = "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the containers find here: the deployment's `resources`, the emulator, and the lab's files."""

    folder: Path
    resources: tuple[Mapping[str, Any], ...]
    environment: str
    region: str
    domain: str
    emulator_port: int
    certificates: Certificates
    partners: tuple[Partner, ...]
    partners_folder: Path


@dataclass(frozen=True, slots=True)
class Tasks:
    """What runs: the guard's port, and `network`, the file of names that a function reaches.

    `partner_tokens` maps each host of the partners to the token that it wants from us.
    """

    guard_port: int
    network: Path
    partner_tokens: Mapping[str, str]


def start_tasks(children: Children, site: Site) -> Tasks:
    """Start every declared container, and the partners that the egress guard calls. Raises CollectError."""
    containers = declared_containers(site.resources)
    missing = sorted(set(PROCESSES) ^ set(containers))
    if missing:
        raise CollectError(f"containers that are declared or expected, not both: {', '.join(missing)}")
    hosts = partner_ports(site.partners)
    addresses = {**_addresses(site), **hosts}
    network = _network_file(site, "network.json", addresses, "egress.")
    here = _here(site, addresses, network, containers)
    make_keys(_clients(site), site.environment)
    partner_tokens = start_partners(children, site.folder, site.certificates, site.partners, hosts)
    for title, name in PROCESSES.items():
        _start(children, name, containers[title], here)
    for title, name in PROCESSES.items():
        _wait(children, name, containers[title], here)
    return Tasks(port_here(containers["guard/envoy"], here), network, partner_tokens)


def _addresses(site: Site) -> dict[str, int]:
    """Every address of ours that the declared containers may name, and where it is here."""
    guard, policy, egress, service = free_port(), free_port(), free_port(), free_port()
    boundary, statistics = free_port(), free_port()
    internal = _internal_domain(site.resources)
    return {
        f"0.0.0.0:{GUARD_PORT}": guard,
        f"guard:{GUARD_PORT}": guard,
        f"127.0.0.1:{POLICY_PORT}": policy,
        f"127.0.0.1:{BOUNDARY_PORT}": boundary,
        f"127.0.0.1:{STATISTICS_PORT}": statistics,
        f"egress:{EGRESS_PORT}": egress,
        f"egress.{internal}:{EGRESS_PORT}": egress,
        f"service:{SERVICE_PORT}": service,
        f"service.{internal}:{SERVICE_PORT}": service,
    }


def _internal_domain(resources: Iterable[Mapping[str, Any]]) -> str:
    found = [resource["inputs"]["name"] for resource in resources if resource["type"] == _NAMESPACE]
    if len(found) != 1:
        raise CollectError(f"the stack has {len(found)} private namespaces; the lab needs one")
    return str(found[0])


def _network_file(site: Site, name: str, addresses: Mapping[str, int], *ours: str) -> Path:
    """The names that a process in the VPC reaches: of AWS with an endpoint, and of ours that begin so."""
    served = {
        f"{resource['inputs']['serviceName'].rpartition('.')[2]}.{site.region}.amazonaws.com:{HTTPS}"
        for resource in site.resources
        if resource["type"] == _ENDPOINT
    }
    if f"s3.{site.region}.amazonaws.com:{HTTPS}" in served:
        served |= {f"{name}.s3.{site.region}.amazonaws.com:{HTTPS}" for name in _buckets(site)}
    others = {name: port for name, port in addresses.items() if name.startswith(ours)}
    file = site.folder / name
    file.write_text(json.dumps({**dict.fromkeys(sorted(served), site.emulator_port), **others}, indent=1))
    return file


def _buckets(site: Site) -> set[str]:
    return {resource["inputs"]["bucket"] for resource in site.resources if resource["type"] == _BUCKET}


def _here(
    site: Site, addresses: Mapping[str, int], network: Path, containers: Mapping[str, Container]
) -> Here:
    of = site.certificates.of
    origin = f"https://{site.domain}:{addresses[f'guard:{GUARD_PORT}']}"
    hosts = host_names(site.partners)
    way_out = _network_file(site, "network-of-egress.json", addresses, *hosts)
    to_service = _network_file(site, "network-of-boundary.json", addresses, "service.")
    elsewhere = json.dumps({host: f"127.0.0.1:{addresses[host]}" for host in hosts})
    served = [one for one in deployed_registry(site.partners_folder) if one.environment == site.environment]
    # Two workers suffice for two cores. What is declared runs without hot restart, so several labs can run.
    envoy = ("--concurrency", "2", "--log-level", "warning")
    return Here(
        addresses,
        {
            "/etc/rampart/tls/guard.pem": str(of["guard"].chain_file),
            "/etc/rampart/tls/guard.key": str(of["guard"].key_file),
            "/etc/rampart/service-ca.pem": str(site.certificates.ca_file),
        },
        {
            "envoy": (str(envoy_binary()), *envoy),
            "python3 -m infra.runtime.egress": python("infra.runtime.egress", way_out),
            "python3 -m infra.runtime.boundary": python("infra.runtime.boundary", to_service),
            "image guard/policy": python("infra.runtime.policy_service.worker", network),
            "image service/service": python("infra.lab.ocpi_service", network),
            "/usr/local/bin/health": (sys.executable, "-I", "-S", str(SANDBOX / "health.py")),
        },
        given_by_aws(site.certificates.ca_file),
        {"egress/egress": {"RAMPART_EGRESS_ELSEWHERE": elsewhere}},
        {
            **put_registry(_clients(site), served, containers["guard/policy"].environment),
            "RAMPART_EGRESS_HOST": "127.0.0.1",
            "RAMPART_LISTEN_HOST": "127.0.0.1",
            "RAMPART_ORIGIN": origin,
            **own_authority(site.certificates.ca_file),
        },
    )


def _clients(site: Site) -> Clients:
    return Clients(f"https://127.0.0.1:{site.emulator_port}", site.region, str(site.certificates.ca_file))


def own_authority(ca_file: Path) -> dict[str, str]:
    """The lab's CA where a stack names its internal authority: it issued the egress guard's certificate."""
    return {"RAMPART_EGRESS_CA": ca_file.read_text(encoding="ascii")}


def given_by_aws(ca_file: Path) -> dict[str, str]:
    """What a role gives a process in AWS, and the lab's CA in the place of the system's."""
    return {
        "AWS_ACCESS_KEY_ID": DUMMY_KEY,
        "AWS_SECRET_ACCESS_KEY": DUMMY_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Never the files of who runs the lab.
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_CA_BUNDLE": str(ca_file),
        "SSL_CERT_FILE": str(ca_file),
        "PYTHONUNBUFFERED": "1",
    }


def _start(children: Children, name: str, container: Container, here: Here) -> None:
    children.start(name, command_here(container, here), environment_here(container, here), alone=True)


def _wait(children: Children, name: str, container: Container, here: Here) -> None:
    process = next(process for process in children.listed() if process.name == name)
    command, environment = health_here(container, here), environment_here(container, here)

    def is_well() -> bool:
        try:
            done = subprocess.run(  # noqa: S603  (the declared command, no shell)
                command, env=environment, capture_output=True, timeout=_HEALTH_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0

    wait_until(process, is_well, _PATIENCE)
