"""Route 53: hosted zones with DNSSEC and query logs, and their records (Route 53 API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import caseless, log_group, number, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def zones(view: View) -> Iterator[Live]:
    """Hosted zones with DNSSEC and query logging (ListHostedZones, GetDNSSEC)."""
    for zone in view.pages("route53", "list_hosted_zones", "HostedZones"):
        key = zone["Id"].rsplit("/", 1)[-1]
        private = bool((zone.get("Config") or {}).get("PrivateZone"))
        yield Live(
            "aws:route53/zone:Zone",
            key,
            {
                "name": zone["Name"],
                "comment": (zone.get("Config") or {}).get("Comment"),
                "private": private,
                # A private zone cannot be signed (Route 53 API, GetDNSSEC).
                "signing": None if private else partial(_signing, view, key),
                "signingKeys": [] if private else partial(_signing_keys, view, key),
                "queryLog": partial(_query_log, view, key),
                "ofNamespace": partial(_is_of_namespace, view, key),
                "ownedBy": (zone.get("LinkedService") or {}).get("ServicePrincipal"),
                "tags": partial(_tags, view, key),
            },
        )


def _signing(view: View, zone: str) -> Any:
    return (view.ask("route53", "get_dnssec", HostedZoneId=zone).get("Status") or {}).get("ServeSignature")


def _signing_keys(view: View, zone: str) -> list[str]:
    keys = view.ask("route53", "get_dnssec", HostedZoneId=zone).get("KeySigningKeys", ())
    return [f"{key['Name']} {key['Status']} {key['KmsArn']}" for key in keys]


def _query_log(view: View, zone: str) -> str | None:
    logs = view.pages("route53", "list_query_logging_configs", "QueryLoggingConfigs")
    groups = (x["CloudWatchLogsLogGroupArn"] for x in logs if x["HostedZoneId"].endswith(zone))
    return next(groups, None)


def _tags(view: View, zone: str) -> Any:
    found = view.ask("route53", "list_tags_for_resource", ResourceType="hostedzone", ResourceId=zone)
    return found["ResourceTagSet"].get("Tags")


def _is_of_namespace(view: View, zone: str) -> bool:
    return zone in _of_namespaces(view)


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
    for zone in view.pages("route53", "list_hosted_zones", "HostedZones"):
        key = zone["Id"].rsplit("/", 1)[-1]
        owner = (zone.get("LinkedService") or {}).get("ServicePrincipal")
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
                    "aliases": [_alias(*(alias.get(name) for name in _ALIAS))] if alias else [],
                    "healthCheckId": record.get("HealthCheckId"),
                    "multivalueAnswerRoutingPolicy": record.get("MultiValueAnswer"),
                    **_routing(record),
                    "ownedBy": owner or partial(_is_of_namespace, view, key),
                },
            )


def _alias(zone: Any, name: Any, healthy: Any) -> str:
    return f"{zone} {caseless(name)}{' if it is healthy' if healthy else ''}"


_ALIAS: Final = ("HostedZoneId", "DNSName", "EvaluateTargetHealth")
# Which of several answers is given: Pulumi's property, its member, and AWS's.
_POLICIES: Final = (
    ("weightedRoutingPolicies", "weight", "Weight"),
    ("latencyRoutingPolicies", "region", "Region"),
    ("failoverRoutingPolicies", "type", "Failover"),
)
_PLACES: Final = {"continent": "ContinentCode", "country": "CountryCode", "subdivision": "SubdivisionCode"}


def _routing(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Which of several answers is given; each as Pulumi has it, a list of one."""
    place = record.get("GeoLocation") or {}
    return {
        **{name: [{member: record[key]}] for name, member, key in _POLICIES if record.get(key) is not None},
        "geolocationRoutingPolicies": [{name: place.get(key) for name, key in _PLACES.items()}],
    }


def _record(zone: Any, name: Any, type_: Any, identifier: Any) -> str:
    return " ".join(str(part) for part in (zone, name, type_, identifier) if part)


def policies_of_routing(value: Any) -> Any:
    """How answers are chosen; a weight of nothing is one, too."""
    return [
        {name: str(item) for name, item in each.items() if item not in (None, "")}
        for each in blocks(value)
        if any(item not in (None, "") for item in each.values())
    ] or None


def _record_key(resource: Resource) -> str:
    name = resource.outputs.get("fqdn") or resource.inputs.get("name")
    inputs = resource.inputs
    return _record(inputs.get("zoneId"), caseless(name), inputs.get("type"), inputs.get("setIdentifier"))


def _declared_record(_: Declared, record: Resource) -> Mapping[str, Any]:
    aliases = blocks(record.inputs.get("aliases"))
    return {
        **record.inputs,
        "records": [str(each).strip('"') for each in record.inputs.get("records") or ()],
        "aliases": [
            _alias(*(each.get(name) for name in ("zoneId", "name", "evaluateTargetHealth")))
            for each in aliases
        ],
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
            exposure("multivalueAnswerRoutingPolicy", default=False),
            exposure("geolocationRoutingPolicies", policies_of_routing, default=()),
            *(exposure(name, policies_of_routing, default=()) for name, _, _ in _POLICIES),
            protection("healthCheckId", default=None),
        ),
    ),
)
