"""AWS Cloud Map: private DNS namespaces and their services (Cloud Map API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, blocks
from scanners.drift.fields import TAGS, setting
from scanners.drift.normalize import caseless, tags
from scanners.drift.records import Live, ResourceReader
from scanners.policy.stack import Resource


def namespaces(view: View) -> Iterator[Live]:
    """Private DNS namespaces (ListNamespaces)."""
    for found in view.pages("servicediscovery", "list_namespaces", "Namespaces"):
        if found.get("Type") == "DNS_PRIVATE":
            yield Live(
                "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
                found["Id"],
                {
                    "name": found.get("Name"),
                    "description": found.get("Description"),
                    "tags": _tags(view, found["Arn"]),
                },
                view.region,
            )


def services(view: View) -> Iterator[Live]:
    """Services of all namespaces (ListServices, GetService). TTLs are in seconds."""
    for entry in view.pages("servicediscovery", "list_services", "Services"):
        found = view.ask("servicediscovery", "get_service", Id=entry["Id"])["Service"]
        dns = found.get("DnsConfig") or {}
        yield Live(
            "aws:servicediscovery/service:Service",
            entry["Id"],
            {
                "name": found.get("Name"),
                "description": found.get("Description"),
                "dnsConfig": _dns(
                    found.get("NamespaceId") or dns.get("NamespaceId"),
                    [(each.get("Type"), each.get("TTL")) for each in dns.get("DnsRecords") or ()],
                ),
                "tags": _tags(view, found["Arn"]),
            },
            view.region,
        )


def _tags(view: View, arn: str) -> partial[Any]:
    return view.tags(arn, "servicediscovery", "list_tags_for_resource", "Tags", ResourceARN=arn)


def _dns(namespace: Any, entries: list[tuple[Any, Any]]) -> str:
    return f"{namespace}: " + ", ".join(sorted(f"{type_} for {int(ttl or 0)} s" for type_, ttl in entries))


def _declared_service(_: Declared, service: Resource) -> Mapping[str, Any]:
    dns = block(service.inputs.get("dnsConfig"))
    entries = [(each.get("type"), each.get("ttl")) for each in blocks(dns.get("dnsRecords"))]
    namespace = dns.get("namespaceId") or service.inputs.get("namespaceId")
    return {**service.inputs, "dnsConfig": _dns(namespace, entries)}


READERS: Final = (
    ResourceReader(
        type="aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
        service="servicediscovery",
        read=namespaces,
        fields=(setting("name", caseless), setting("description"), TAGS),
    ),
    ResourceReader(
        type="aws:servicediscovery/service:Service",
        service="servicediscovery",
        read=services,
        declare=_declared_service,
        fields=(setting("dnsConfig"), setting("name"), setting("description"), setting("tags", tags)),
    ),
)
