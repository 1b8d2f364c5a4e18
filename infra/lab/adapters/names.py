"""Amazon Route 53 and AWS Certificate Manager."""

from __future__ import annotations

import time
from typing import Any

from infra.lab.adapters.desired import Adapter, DesiredResource, Row, pairs, table
from infra.lab.monitor import Created

_ISSUED_WITHIN = 20.0


def zone(desired: DesiredResource) -> Created:
    name = desired.left["name"]
    tags = desired.take("tags")
    comment = desired.take("comment", "Managed by Pulumi")
    desired.take("forceDestroy")
    vpcs = desired.take("vpcs", [])
    config = {"Comment": comment, "PrivateZone": bool(vpcs)}
    first = {"VPC": {"VPCId": vpcs[0]["vpcId"], "VPCRegion": desired.region}} if vpcs else {}
    made = desired.create(
        "route53", "CreateHostedZone", CallerReference=desired.urn[-128:], HostedZoneConfig=config, **first
    )
    identifier = made["HostedZone"]["Id"].split("/")[-1]
    if tags:
        desired.call(
            "route53",
            "ChangeTagsForResource",
            ResourceType="hostedzone",
            ResourceId=identifier,
            AddTags=pairs(tags),
        )
    servers = made.get("DelegationSet", {}).get("NameServers", [])
    return Created(
        identifier,
        {
            "zoneId": identifier,
            "arn": f"arn:aws:route53:::hostedzone/{identifier}",
            "name": name,
            "nameServers": servers,
            "primaryNameServer": servers[0] if servers else "",
        },
    )


def record(desired: DesiredResource) -> Created:
    zone_id = desired.take("zoneId")
    name = desired.take("name")
    kind = desired.take("type")
    overwrite = desired.take("allowOverwrite", False)
    change: dict[str, Any] = {"Name": name, "Type": kind}
    values = desired.take("records", [])
    if values:
        change |= {"ResourceRecords": [{"Value": _quoted(kind, value)} for value in values]}
        change |= {"TTL": desired.take("ttl")}
    for alias in desired.take("aliases", []):
        change["AliasTarget"] = {
            "HostedZoneId": alias["zoneId"],
            "DNSName": alias["name"],
            "EvaluateTargetHealth": alias["evaluateTargetHealth"],
        }
    action = "UPSERT" if overwrite else "CREATE"
    desired.create(
        "route53",
        "ChangeResourceRecordSets",
        HostedZoneId=zone_id,
        ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": change}]},
    )
    return Created(f"{zone_id}_{name.rstrip('.')}_{kind}", {"fqdn": name.rstrip("."), "name": name})


def _quoted(kind: str, value: str) -> str:
    return f'"{value}"' if kind in ("TXT", "SPF") and not value.startswith('"') else value


def query_log(desired: DesiredResource) -> Created:
    # AWS takes a log group's ARN with and without `:*`; the emulator only takes it with.
    group = desired.take("cloudwatchLogGroupArn").removesuffix(":*")
    made = desired.create(
        "route53",
        "CreateQueryLoggingConfig",
        {"zoneId": "HostedZoneId"},
        CloudWatchLogsLogGroupArn=f"{group}:*",
    )
    identifier = made["QueryLoggingConfig"]["Id"]
    return Created(identifier, {"arn": f"arn:aws:route53:::queryloggingconfig/{identifier}"})


def certificate(desired: DesiredResource) -> Created:
    arn = desired.create("acm", "RequestCertificate")["CertificateArn"]
    found = desired.clients.get("acm", desired.region).describe_certificate(CertificateArn=arn)["Certificate"]
    options = [
        {
            "domainName": option["DomainName"],
            "resourceRecordName": option["ResourceRecord"]["Name"],
            "resourceRecordType": option["ResourceRecord"]["Type"],
            "resourceRecordValue": option["ResourceRecord"]["Value"],
        }
        for option in found.get("DomainValidationOptions", [])
        if "ResourceRecord" in option
    ]
    return Created(
        arn,
        {
            "arn": arn,
            "status": found["Status"],
            "type": found.get("Type", "AMAZON_ISSUED"),
            "domainValidationOptions": options,
        },
    )


def certificate_validation(desired: DesiredResource) -> Created:
    """Waits until the certificate is issued: the waiter has no object of its own in AWS."""
    arn = desired.take("certificateArn")
    desired.take("validationRecordFqdns")
    client = desired.clients.get("acm", desired.region)
    deadline = time.monotonic() + _ISSUED_WITHIN
    while (status := client.describe_certificate(CertificateArn=arn)["Certificate"]["Status"]) != "ISSUED":
        if time.monotonic() > deadline:
            raise ValueError(f"the certificate is still {status}")
        time.sleep(0.1)
    return Created(arn, {"certificateArn": arn})


ADAPTERS: dict[str, Adapter] = {
    "aws:route53/zone:Zone": zone,
    "aws:route53/record:Record": record,
    "aws:route53/queryLog:QueryLog": query_log,
    "aws:acm/certificate:Certificate": certificate,
    "aws:acm/certificateValidation:CertificateValidation": certificate_validation,
} | table(
    [
        Row(
            type="aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig",
            service="route53resolver",
            operation="CreateResolverQueryLogConfig",
            named="name",
            id="ResolverQueryLogConfig.Id",
            outputs={"arn": "ResolverQueryLogConfig.Arn"},
        ),
        Row(
            type="aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation",
            service="route53resolver",
            operation="AssociateResolverQueryLogConfig",
            id="ResolverQueryLogConfigAssociation.Id",
        ),
    ]
)
