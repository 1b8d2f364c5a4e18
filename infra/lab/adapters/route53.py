"""Amazon Route 53: hosted zones."""

from __future__ import annotations

from typing import Any

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, pairs
from infra.program_run.monitor import Created


def zone(desired: DesiredResource) -> Created:
    """CreateHostedZone; with a VPC it is a private one."""
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
    """ChangeResourceRecordSets, with one record set."""
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
    operation = "ChangeResourceRecordSets"
    action = "UPSERT" if overwrite or desired.stands else "CREATE"
    desired.create("route53", operation, HostedZoneId=zone_id, ChangeBatch=_change(action, change))
    desired.undone_by(operation, HostedZoneId=zone_id, ChangeBatch=_change("DELETE", change))
    return Created(f"{zone_id}_{name.rstrip('.')}_{kind}", {"fqdn": name.rstrip("."), "name": name})


def _change(action: str, record_set: dict[str, Any]) -> dict[str, Any]:
    return {"Changes": [{"Action": action, "ResourceRecordSet": record_set}]}


def _quoted(kind: str, value: str) -> str:
    return f'"{value}"' if kind in ("TXT", "SPF") and not value.startswith('"') else value


def query_log(desired: DesiredResource) -> Created:
    """CreateQueryLoggingConfig."""
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


ADAPTERS: dict[str, Adapter] = {
    "aws:route53/zone:Zone": zone,
    "aws:route53/record:Record": record,
    "aws:route53/queryLog:QueryLog": query_log,
}
