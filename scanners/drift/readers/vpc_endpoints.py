"""VPC endpoints (EC2 API reference, DescribeVpcEndpoints)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanners.drift.account import View
from scanners.drift.fields import TAGS, exposure, setting
from scanners.drift.normalize import policy, unordered
from scanners.drift.records import Live, ResourceReader


def vpc_endpoints(view: View) -> Iterator[Live]:
    """VPC endpoints that are not deleted (DescribeVpcEndpoints)."""
    for endpoint in view.pages("ec2", "describe_vpc_endpoints", "VpcEndpoints"):
        if str(endpoint.get("State", "")).lower() in ("deleted", "deleting"):
            continue
        yield Live(
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            endpoint["VpcEndpointId"],
            {
                "vpcId": endpoint.get("VpcId"),
                "serviceName": endpoint.get("ServiceName"),
                "vpcEndpointType": endpoint.get("VpcEndpointType"),
                "policy": endpoint.get("PolicyDocument"),
                "subnetIds": endpoint.get("SubnetIds"),
                "routeTableIds": endpoint.get("RouteTableIds"),
                "securityGroupIds": [each["GroupId"] for each in endpoint.get("Groups") or ()],
                "privateDnsEnabled": endpoint.get("PrivateDnsEnabled"),
                "tags": endpoint.get("Tags"),
            },
            view.region,
        )


READERS: Final = (
    ResourceReader(
        type="aws:ec2/vpcEndpoint:VpcEndpoint",
        service="ec2",
        read=vpc_endpoints,
        fields=(
            exposure("policy", policy),
            exposure("subnetIds", unordered, default=()),
            exposure("routeTableIds", unordered, default=()),
            exposure("securityGroupIds", unordered),
            exposure("privateDnsEnabled", default=False),
            exposure("vpcId"),
            setting("serviceName"),
            setting("vpcEndpointType", default="Gateway"),
            TAGS,
        ),
    ),
)
