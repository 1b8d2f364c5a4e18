"""Amazon VPC: endpoints."""

from __future__ import annotations

from typing import Any

from infra.lab.adapters.desired_resource import Adapter, DesiredResource
from infra.program_run.monitor import Created


def vpc_endpoint(desired: DesiredResource) -> Created:
    """CreateVpcEndpoint; a gateway endpoint also has a prefix list."""
    service = desired.left["serviceName"]
    if desired.left.get("vpcEndpointType", "Gateway") == "Gateway":
        # A gateway endpoint has no private names; the emulator would say that it has.
        desired.left.setdefault("privateDnsEnabled", False)
    made = desired.create("ec2", "CreateVpcEndpoint", {"policy": "PolicyDocument"})["VpcEndpoint"]
    identifier = made["VpcEndpointId"]
    outputs: dict[str, Any] = {
        "arn": desired.arn("ec2", f"vpc-endpoint/{identifier}"),
        "state": made.get("State", "available"),
        "dnsEntries": [
            {"dnsName": entry.get("DnsName", ""), "hostedZoneId": entry.get("HostedZoneId", "")}
            for entry in made.get("DnsEntries", [])
        ],
        "networkInterfaceIds": made.get("NetworkInterfaceIds", []),
    }
    lists = desired.clients.get("ec2", desired.region).describe_managed_prefix_lists()["PrefixLists"]
    for entry in lists:
        if entry["PrefixListName"] == service:
            outputs["prefixListId"] = entry["PrefixListId"]
    return Created(identifier, outputs)


ADAPTERS: dict[str, Adapter] = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": vpc_endpoint,
}
