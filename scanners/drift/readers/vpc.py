"""Amazon VPC: VPCs, subnets and internet gateways (EC2 API reference)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared
from scanners.drift.fields import TAGS, exposure, setting
from scanners.drift.normalize import unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def vpcs(view: View) -> Iterator[Live]:
    """VPCs with their DNS attributes (DescribeVpcs, DescribeVpcAttribute, DescribeDhcpOptions)."""
    for vpc in view.pages("ec2", "describe_vpcs", "Vpcs"):
        key = vpc["VpcId"]
        attribute = partial(_attribute, view, key)
        more = [each for each in _associated(vpc, "CidrBlock") if each != vpc["CidrBlock"]]
        yield Live(
            "aws:ec2/vpc:Vpc",
            key,
            {
                "cidrBlock": vpc["CidrBlock"],
                "cidrBlocks": more,
                "assignGeneratedIpv6CidrBlock": bool(_associated(vpc, "Ipv6CidrBlock")),
                "instanceTenancy": vpc.get("InstanceTenancy"),
                "enableDnsSupport": partial(attribute, "enableDnsSupport"),
                "enableDnsHostnames": partial(attribute, "enableDnsHostnames"),
                "dhcpOptions": partial(_dhcp_options, view, vpc.get("DhcpOptionsId")),
                "isDefault": vpc.get("IsDefault"),
                "tags": vpc.get("Tags"),
            },
            view.region,
        )


def _attribute(view: View, vpc: str, name: str) -> Any:
    answer = view.ask("ec2", "describe_vpc_attribute", VpcId=vpc, Attribute=name)
    return answer[name[0].upper() + name[1:]]["Value"]


def _associated(vpc: Mapping[str, Any], kind: str) -> list[str]:
    found = vpc.get(f"{kind}AssociationSet") or ()
    return [str(x.get(kind)) for x in found if (x.get(f"{kind}State") or {}).get("State") not in _NOT_THERE]


_NOT_THERE: Final = ("disassociating", "disassociated", "failing", "failed")


def _dhcp_options(view: View, key: Any) -> list[str]:
    """What instances are told, without what AWS tells them where nobody says anything."""
    found = []
    for options in (
        view.pages("ec2", "describe_dhcp_options", "DhcpOptions") if key not in (None, "default") else ()
    ):
        for each in options.get("DhcpConfigurations") or () if options["DhcpOptionsId"] == key else ():
            found += [f"{each['Key']}={value['Value']}" for value in each.get("Values") or ()]
    return [text for text in found if not _OF_AWS.fullmatch(text)]


# "DHCP option sets in Amazon VPC": the default set.
_OF_AWS: Final = re.compile(
    r"domain-name-servers=AmazonProvidedDNS|domain-name=([\w-]+\.compute|ec2)\.internal"
)
_OPTIONS: Final = {
    "domainName": "domain-name",
    "domainNameServers": "domain-name-servers",
    "ntpServers": "ntp-servers",
    "netbiosNameServers": "netbios-name-servers",
    "netbiosNodeType": "netbios-node-type",
}


def _declared_vpc(declared: Declared, vpc: Resource) -> Mapping[str, Any]:
    told = {one.inputs.get("dhcpOptionsId") for one in declared.parts(vpc, _DHCP, "vpcId")}
    options = [one for one in declared.stack.of_type(_DHCP_OPTIONS) if one.id in told]
    texts = [
        f"{key}={value}" for one in options for name, key in _OPTIONS.items() for value in _values(one, name)
    ]
    return {
        **vpc.inputs,
        "cidrBlocks": [one.inputs.get("cidrBlock") for one in declared.parts(vpc, _CIDR, "vpcId")],
        "dhcpOptions": [text for text in texts if not _OF_AWS.fullmatch(text)],
    }


def _values(options: Resource, name: str) -> list[Any]:
    value = options.inputs.get(name)
    return list(value) if isinstance(value, list | tuple) else [value] if value else []


_DHCP: Final = "aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation"
_DHCP_OPTIONS: Final = "aws:ec2/vpcDhcpOptions:VpcDhcpOptions"
_CIDR: Final = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"


def default_vpcs(view: View) -> set[str]:
    """The ids of the VPCs that AWS makes in every account (DescribeVpcs)."""
    return {vpc["VpcId"] for vpc in view.pages("ec2", "describe_vpcs", "Vpcs") if vpc.get("IsDefault")}


def subnets(view: View) -> Iterator[Live]:
    """Subnets (DescribeSubnets)."""
    default = default_vpcs(view)
    for subnet in view.pages("ec2", "describe_subnets", "Subnets"):
        yield Live(
            "aws:ec2/subnet:Subnet",
            subnet["SubnetId"],
            {
                "vpcId": subnet["VpcId"],
                "cidrBlock": subnet["CidrBlock"],
                "availabilityZone": subnet.get("AvailabilityZone"),
                "mapPublicIpOnLaunch": subnet.get("MapPublicIpOnLaunch"),
                "assignIpv6AddressOnCreation": subnet.get("AssignIpv6AddressOnCreation"),
                "ipv6CidrBlock": next(iter(_associated(subnet, "Ipv6CidrBlock")), None),
                "enableDns64": subnet.get("EnableDns64"),
                **_names_on_launch(subnet.get("PrivateDnsNameOptionsOnLaunch") or {}),
                "inDefaultVpc": subnet["VpcId"] in default,
                "tags": subnet.get("Tags"),
            },
            view.region,
        )


def _names_on_launch(options: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "privateDnsHostnameTypeOnLaunch": options.get("HostnameType") or "ip-name",
        "enableResourceNameDnsARecordOnLaunch": options.get("EnableResourceNameDnsARecord"),
        "enableResourceNameDnsAaaaRecordOnLaunch": options.get("EnableResourceNameDnsAAAARecord"),
    }


def internet_gateways(view: View) -> Iterator[Live]:
    """Internet gateways with their VPC (DescribeInternetGateways)."""
    default = default_vpcs(view)
    for gateway in view.pages("ec2", "describe_internet_gateways", "InternetGateways"):
        attached = [each["VpcId"] for each in gateway.get("Attachments") or ()]
        yield Live(
            "aws:ec2/internetGateway:InternetGateway",
            gateway["InternetGatewayId"],
            {
                "vpcId": attached[0] if attached else None,
                "inDefaultVpc": bool(default & set(attached)),
                "tags": gateway.get("Tags"),
            },
            view.region,
        )


READERS: Final = (
    ResourceReader(
        type="aws:ec2/vpc:Vpc",
        service="ec2",
        read=vpcs,
        declare=_declared_vpc,
        parts=(
            Part(_DHCP, "vpcId", "dhcpOptions", ("dhcpOptionsId",)),
            Part(_CIDR, "vpcId", "cidrBlocks", ("cidrBlock",)),
        ),
        fields=(
            exposure("cidrBlock"),
            exposure("cidrBlocks", unordered, default=()),
            exposure("assignGeneratedIpv6CidrBlock", default=False),
            exposure("dhcpOptions", unordered, default=()),
            setting("instanceTenancy", default="default"),
            setting("enableDnsSupport", default=True),
            setting("enableDnsHostnames", default=False),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:ec2/subnet:Subnet",
        service="ec2",
        read=subnets,
        fields=(
            exposure("mapPublicIpOnLaunch", default=False),
            exposure("assignIpv6AddressOnCreation", default=False),
            exposure("vpcId"),
            exposure("cidrBlock"),
            exposure("ipv6CidrBlock", default=None),
            setting("enableDns64", default=False),
            setting("privateDnsHostnameTypeOnLaunch", default="ip-name"),
            setting("enableResourceNameDnsARecordOnLaunch", default=False),
            setting("enableResourceNameDnsAaaaRecordOnLaunch", default=False),
            setting("availabilityZone"),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:ec2/internetGateway:InternetGateway",
        service="ec2",
        read=internet_gateways,
        fields=(exposure("vpcId"), TAGS),
    ),
)
