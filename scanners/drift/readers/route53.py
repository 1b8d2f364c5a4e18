"""Route 53: hosted zones with DNSSEC and query logs, and their records (Route 53 API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import caseless, log_group, number, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def zones(view: View) -> Iterator[Live]:
    """Hosted zones with DNSSEC and query logging (ListHostedZones, GetDNSSEC)."""
    logs = view.pages("route53", "list_query_logging_configs", "QueryLoggingConfigs")
    of_namespaces = _of_namespaces(view)
    for zone in view.pages("route53", "list_hosted_zones", "HostedZones"):
        key = zone["Id"].rsplit("/", 1)[-1]
        private = bool((zone.get("Config") or {}).get("PrivateZone"))
        # A private zone cannot be signed (Route 53 API, GetDNSSEC).
        signed = {} if private else view.ask("route53", "get_dnssec", HostedZoneId=key)
        found = view.ask("route53", "list_tags_for_resource", ResourceType="hostedzone", ResourceId=key)
        yield Live(
            "aws:route53/zone:Zone",
            key,
            {
                "name": zone["Name"],
                "comment": (zone.get("Config") or {}).get("Comment"),
                "private": private,
                "signing": (signed.get("Status") or {}).get("ServeSignature"),
                "signingKeys": [
                    f"{k['Name']} {k['Status']} {k['KmsArn']}" for k in signed.get("KeySigningKeys", ())
                ],
                "queryLog": next(
                    (str(x["CloudWatchLogsLogGroupArn"]) for x in logs if x["HostedZoneId"].endswith(key)),
                    None,
                ),
                "ofNamespace": key in of_namespaces,
                "ownedBy": (zone.get("LinkedService") or {}).get("ServicePrincipal"),
                "tags": found["ResourceTagSet"].get("Tags"),
            },
        )


def _of_namespaces(view: View) -> set[str]:
    """The zones that Cloud Map keeps for its namespaces."""
    spaces = view.pages("servicediscovery", "list_namespaces", "Namespaces")
    properties = [(each.get("Properties") or {}).get("DnsProperties") or {} for each in spaces]
    return {str(each["HostedZoneId"]).rsplit("/", 1)[-1] for each in properties if each.get("HostedZoneId")}


def _declared_zone(declared: Declared, zone: Resource) -> Mapping[str, Any]:
    found: dict[str, Any] = {**zone.inputs, "private": bool(zone.inputs.get("vpcs"))}
    for one in declared.parts(zone, "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec", "hostedZoneId"):
        found["signing"] = one.inputs.get("signingStatus") or "SIGNING"
    keys = declared.parts(zone, "aws:route53/keySigningKey:KeySigningKey", "hostedZoneId")
    found["signingKeys"] = [
        f"{by('name')(k)} {k.inputs.get('status') or 'ACTIVE'} {k.inputs.get('keyManagementServiceArn')}"
        for k in keys
    ]
    for one in declared.parts(zone, "aws:route53/queryLog:QueryLog", "zoneId"):
        found["queryLog"] = one.inputs.get("cloudwatchLogGroupArn")
    return found


def records(view: View) -> Iterator[Live]:
    """Records of all zones, without SOA and NS at the top of each (ListResourceRecordSets)."""
    of_namespaces = _of_namespaces(view)
    for zone in view.pages("route53", "list_hosted_zones", "HostedZones"):
        key = zone["Id"].rsplit("/", 1)[-1]
        linked = key in of_namespaces or (zone.get("LinkedService") or {}).get("ServicePrincipal")
        for record in view.pages(
            "route53", "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=key
        ):
            name = str(caseless(record["Name"])).replace("\\052", "*")
            if record["Type"] in ("SOA", "NS") and name == caseless(zone["Name"]):
                continue
            alias = record.get("AliasTarget") or {}
            yield Live(
                "aws:route53/record:Record",
                _record(key, name, record["Type"], record.get("SetIdentifier")),
                {
                    "ttl": record.get("TTL"),
                    "records": [
                        str(each["Value"]).strip('"') for each in record.get("ResourceRecords") or ()
                    ],
                    "aliases": [f"{alias['HostedZoneId']} {caseless(alias['DNSName'])}"] if alias else [],
                    "ownedBy": linked,
                },
            )


def _record(zone: Any, name: Any, type_: Any, identifier: Any) -> str:
    return " ".join(str(part) for part in (zone, name, type_, identifier) if part)


def _record_key(resource: Resource) -> str:
    name = resource.outputs.get("fqdn") or resource.inputs.get("name")
    inputs = resource.inputs
    return _record(inputs.get("zoneId"), caseless(name), inputs.get("type"), inputs.get("setIdentifier"))


def _declared_record(_: Declared, record: Resource) -> Mapping[str, Any]:
    aliases = blocks(record.inputs.get("aliases"))
    return {
        **record.inputs,
        "records": [str(each).strip('"') for each in record.inputs.get("records") or ()],
        "aliases": [f"{each.get('zoneId')} {caseless(each.get('name'))}" for each in aliases],
    }


READERS: Final = (
    ResourceReader(
        type="aws:route53/zone:Zone",
        service="route53",
        read=zones,
        key=by("zoneId"),
        declare=_declared_zone,
        is_global=True,
        fields=(
            exposure("private", default=False),
            protection("signing", default="NOT_SIGNING"),
            protection("signingKeys", unordered, default=()),
            protection("queryLog", log_group, default=None),
            setting("name", caseless),
            setting("comment"),
            TAGS,
        ),
        parts=(
            Part(
                "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec", "hostedZoneId", "signing", ("signingStatus",)
            ),
            Part(
                "aws:route53/keySigningKey:KeySigningKey",
                "hostedZoneId",
                "signingKeys",
                ("name", "keyManagementServiceArn", "status"),
            ),
            Part("aws:route53/queryLog:QueryLog", "zoneId", "queryLog", ("cloudwatchLogGroupArn",)),
        ),
    ),
    ResourceReader(
        type="aws:route53/record:Record",
        service="route53",
        read=records,
        key=_record_key,
        declare=_declared_record,
        is_global=True,
        identity=("zoneId", "name", "type", "setIdentifier"),
        fields=(
            exposure("records", unordered, default=()),
            exposure("aliases", unordered, default=()),
            setting("ttl", number),
        ),
    ),
)
