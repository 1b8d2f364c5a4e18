"""Names and certificates: Route 53 zones and records, ACM, service discovery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import caseless, log_group, number, tags, unordered
from scanners.drift.records import Kind, Live, Part
from scanners.policy.stack import Resource


def zones(view: View) -> Iterator[Live]:
    """Hosted zones, with DNSSEC and query logs."""
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
    """Records of all zones but those that make up a zone (SOA and NS at its top)."""
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


def certificates(view: View) -> Iterator[Live]:
    """Certificates of ACM, whatever their key (a list leaves out all but RSA 1024 and 2048 unless asked)."""
    kinds = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096"]
    curves = ["EC_prime256v1", "EC_secp384r1", "EC_secp521r1"]
    listed = view.pages(
        "acm", "list_certificates", "CertificateSummaryList", Includes={"keyTypes": kinds + curves}
    )
    for entry in listed:
        arn = entry["CertificateArn"]
        found = view.ask("acm", "describe_certificate", CertificateArn=arn)["Certificate"]
        yield Live(
            "aws:acm/certificate:Certificate",
            arn,
            {
                "domainName": found.get("DomainName"),
                "subjectAlternativeNames": [
                    name
                    for name in found.get("SubjectAlternativeNames") or ()
                    if name != found.get("DomainName")
                ],
                "validationMethod": next(
                    (each.get("ValidationMethod") for each in found.get("DomainValidationOptions") or ()),
                    None,
                ),
                "keyAlgorithm": str(found.get("KeyAlgorithm") or "").replace("-", "_"),
                "options": (found.get("Options") or {}).get("CertificateTransparencyLoggingPreference"),
                "tags": view.ask("acm", "list_tags_for_certificate", CertificateArn=arn).get("Tags"),
            },
            view.region,
        )


def _declared_certificate(_: Declared, certificate: Resource) -> Mapping[str, Any]:
    inputs = certificate.inputs
    names = inputs.get("subjectAlternativeNames") or ()
    options = next(iter(blocks(inputs.get("options"))), {})
    return {
        **inputs,
        "subjectAlternativeNames": [name for name in names if name != inputs.get("domainName")],
        "options": options.get("certificateTransparencyLoggingPreference"),
    }


def namespaces(view: View) -> Iterator[Live]:
    """Private names by which the services find each other."""
    for found in view.pages("servicediscovery", "list_namespaces", "Namespaces"):
        if found.get("Type") == "DNS_PRIVATE":
            yield Live(
                "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
                found["Id"],
                {
                    "name": found.get("Name"),
                    "description": found.get("Description"),
                    "tags": view.ask(
                        "servicediscovery", "list_tags_for_resource", ResourceARN=found["Arn"]
                    ).get("Tags"),
                },
                view.region,
            )


def discovered(view: View) -> Iterator[Live]:
    """Services that register under such a name."""
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
                "tags": view.ask("servicediscovery", "list_tags_for_resource", ResourceARN=found["Arn"]).get(
                    "Tags"
                ),
            },
            view.region,
        )


def _dns(namespace: Any, entries: list[tuple[Any, Any]]) -> str:
    return f"{namespace}: " + ", ".join(sorted(f"{type_} for {int(ttl or 0)} s" for type_, ttl in entries))


def _declared_service(_: Declared, service: Resource) -> Mapping[str, Any]:
    dns = next(iter(blocks(service.inputs.get("dnsConfig"))), {})
    entries = [(each.get("type"), each.get("ttl")) for each in blocks(dns.get("dnsRecords"))]
    namespace = dns.get("namespaceId") or service.inputs.get("namespaceId")
    return {**service.inputs, "dnsConfig": _dns(namespace, entries)}


KINDS: Final = (
    Kind(
        type="aws:route53/zone:Zone",
        service="route53",
        read=zones,
        key=by("zoneId"),
        declare=_declared_zone,
        everywhere=True,
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
    Kind(
        type="aws:route53/record:Record",
        service="route53",
        read=records,
        key=_record_key,
        declare=_declared_record,
        everywhere=True,
        identity=("zoneId", "name", "type", "setIdentifier"),
        fields=(
            exposure("records", unordered, default=()),
            exposure("aliases", unordered, default=()),
            setting("ttl", number),
        ),
    ),
    Kind(
        type="aws:acm/certificate:Certificate",
        service="acm",
        read=certificates,
        key=by("arn"),
        declare=_declared_certificate,
        fields=(
            protection("subjectAlternativeNames", caseless, default=()),
            protection("validationMethod"),
            protection("keyAlgorithm", default="RSA_2048"),
            protection("options", default="ENABLED"),
            setting("domainName", caseless),
            TAGS,
        ),
    ),
    Kind(
        type="aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
        service="servicediscovery",
        read=namespaces,
        fields=(setting("name", caseless), setting("description"), TAGS),
    ),
    Kind(
        type="aws:servicediscovery/service:Service",
        service="servicediscovery",
        read=discovered,
        declare=_declared_service,
        fields=(setting("dnsConfig"), setting("name"), setting("description"), setting("tags", tags)),
    ),
)
