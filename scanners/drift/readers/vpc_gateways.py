"""Amazon VPC: NAT gateways, Elastic IP addresses and flow logs (EC2 API reference)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanners.drift.account import View
from scanners.drift.declared import by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import log_group
from scanners.drift.records import Live, ResourceReader


def elastic_ips(view: View) -> Iterator[Live]:
    """Elastic IP addresses (DescribeAddresses)."""
    for address in view.pages("ec2", "describe_addresses", "Addresses"):
        yield Live(
            "aws:ec2/eip:Eip",
            address["AllocationId"],
            {"domain": address.get("Domain"), "tags": address.get("Tags")},
            view.region,
        )


def nat_gateways(view: View) -> Iterator[Live]:
    """NAT gateways (DescribeNatGateways). AWS lists deleted ones for an hour; they are left out."""
    for gateway in view.pages("ec2", "describe_nat_gateways", "NatGateways"):
        if gateway.get("State") in ("deleted", "deleting"):
            continue
        addresses = gateway.get("NatGatewayAddresses") or [{}]
        yield Live(
            "aws:ec2/natGateway:NatGateway",
            gateway["NatGatewayId"],
            {
                "subnetId": gateway.get("SubnetId"),
                "allocationId": addresses[0].get("AllocationId"),
                "connectivityType": gateway.get("ConnectivityType"),
                "tags": gateway.get("Tags"),
            },
            view.region,
        )


def flow_logs(view: View) -> Iterator[Live]:
    """Flow logs (DescribeFlowLogs). The aggregation interval is in seconds."""
    for log in view.pages("ec2", "describe_flow_logs", "FlowLogs"):
        destination = log.get("LogDestination")
        if not destination and log.get("LogGroupName"):
            destination = log["LogGroupName"]
        yield Live(
            "aws:ec2/flowLog:FlowLog",
            log["FlowLogId"],
            {
                **{name: log.get("ResourceId") for name in _WATCHED},
                "trafficType": log.get("TrafficType"),
                "logDestinationType": log.get("LogDestinationType"),
                "logDestination": destination,
                "iamRoleArn": log.get("DeliverLogsPermissionArn"),
                "maxAggregationInterval": log.get("MaxAggregationInterval"),
                "logFormat": log.get("LogFormat"),
                "tags": log.get("Tags"),
            },
            view.region,
        )


# What a flow log may watch; a declaration names one of them.
_WATCHED: Final = ("vpcId", "subnetId", "eniId", "transitGatewayId")


READERS: Final = (
    ResourceReader(
        type="aws:ec2/eip:Eip",
        service="ec2",
        read=elastic_ips,
        key=by("allocationId"),
        fields=(setting("domain"), TAGS),
    ),
    ResourceReader(
        type="aws:ec2/natGateway:NatGateway",
        service="ec2",
        read=nat_gateways,
        fields=(
            exposure("subnetId"),
            exposure("connectivityType", default="public"),
            setting("allocationId"),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:ec2/flowLog:FlowLog",
        service="ec2",
        read=flow_logs,
        fields=(
            *(protection(name) for name in _WATCHED),
            protection("trafficType"),
            protection("logDestination", log_group),
            protection("logDestinationType", default="cloud-watch-logs"),
            protection("iamRoleArn"),
            setting("maxAggregationInterval", default=600),
            setting("logFormat"),
            TAGS,
        ),
    ),
)
