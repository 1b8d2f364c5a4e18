"""Amazon EC2: the network."""

from __future__ import annotations

from typing import Any

from infra.lab.adapters.desired import Adapter, DesiredResource, Row, at, pairs, table
from infra.lab.monitor import Created


def vpc(desired: DesiredResource) -> Created:
    switches = desired.pick("enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics")
    made = desired.create(
        "ec2", "CreateVpc", {"assignGeneratedIpv6CidrBlock": "AmazonProvidedIpv6CidrBlock"}
    )["Vpc"]
    identifier = made["VpcId"]
    for name, value in switches.items():
        desired.call("ec2", "ModifyVpcAttribute", {name: {"value": value}}, VpcId=identifier)
    client = desired.clients.get("ec2", desired.region)
    own = [{"Name": "vpc-id", "Values": [identifier]}]
    tables = client.describe_route_tables(Filters=[*own, {"Name": "association.main", "Values": ["true"]}])[
        "RouteTables"
    ]
    groups = client.describe_security_groups(Filters=[*own, {"Name": "group-name", "Values": ["default"]}])[
        "SecurityGroups"
    ]
    acls = client.describe_network_acls(Filters=[*own, {"Name": "default", "Values": ["true"]}])[
        "NetworkAcls"
    ]
    return Created(
        identifier,
        {
            "arn": desired.arn("ec2", f"vpc/{identifier}"),
            "ownerId": made["OwnerId"],
            "mainRouteTableId": at(tables, "0.RouteTableId"),
            "defaultRouteTableId": at(tables, "0.RouteTableId"),
            "defaultSecurityGroupId": at(groups, "0.GroupId"),
            "defaultNetworkAclId": at(acls, "0.NetworkAclId"),
            "dhcpOptionsId": made["DhcpOptionsId"],
        },
    )


def subnet(desired: DesiredResource) -> Created:
    switches = desired.pick(
        "mapPublicIpOnLaunch", "assignIpv6AddressOnCreation", "enableDns64", "privateDnsHostnameTypeOnLaunch"
    )
    made = desired.create("ec2", "CreateSubnet")["Subnet"]
    identifier = made["SubnetId"]
    for name, value in switches.items():
        setting = value if isinstance(value, str) else {"value": value}
        desired.call("ec2", "ModifySubnetAttribute", {name: setting}, SubnetId=identifier)
    return Created(
        identifier,
        {"arn": desired.arn("ec2", f"subnet/{identifier}"), "availabilityZoneId": made["AvailabilityZoneId"]},
    )


def internet_gateway(desired: DesiredResource) -> Created:
    vpc_id = desired.take("vpcId")
    identifier = desired.create("ec2", "CreateInternetGateway")["InternetGateway"]["InternetGatewayId"]
    if vpc_id:
        desired.call("ec2", "AttachInternetGateway", InternetGatewayId=identifier, VpcId=vpc_id)
    return Created(identifier, {"arn": desired.arn("ec2", f"internet-gateway/{identifier}")})


def route_table(desired: DesiredResource) -> Created:
    routes = desired.take("routes", [])
    identifier = desired.create("ec2", "CreateRouteTable")["RouteTable"]["RouteTableId"]
    for route in routes:
        _route(desired, identifier, route)
    return Created(identifier, {"arn": desired.arn("ec2", f"route-table/{identifier}")})


def default_route_table(desired: DesiredResource) -> Created:
    identifier = desired.take("defaultRouteTableId")
    client = desired.clients.get("ec2", desired.region)
    found = client.describe_route_tables(RouteTableIds=[identifier])["RouteTables"][0]
    for route in found["Routes"]:
        if route.get("GatewayId") != "local":
            client.delete_route(RouteTableId=identifier, DestinationCidrBlock=route["DestinationCidrBlock"])
    for route in desired.take("routes", []):
        _route(desired, identifier, route)
    _tag(desired, identifier)
    return Created(
        identifier, {"arn": desired.arn("ec2", f"route-table/{identifier}"), "vpcId": found["VpcId"]}
    )


def _route(desired: DesiredResource, route_table_id: str, route: dict[str, Any]) -> None:
    desired.call(
        "ec2",
        "CreateRoute",
        {key: value for key, value in route.items() if value},
        {"cidrBlock": "DestinationCidrBlock", "ipv6CidrBlock": "DestinationIpv6CidrBlock"},
        RouteTableId=route_table_id,
    )


def route(desired: DesiredResource) -> Created:
    table_id = desired.take("routeTableId")
    target = desired.left.get("destinationCidrBlock") or desired.left.get("destinationPrefixListId", "")
    desired.create("ec2", "CreateRoute", RouteTableId=table_id)
    return Created(f"r-{table_id}{target}", {"state": "active", "origin": "CreateRoute"})


def network_acl(desired: DesiredResource) -> Created:
    rules = desired.pick("ingress", "egress")
    subnets = desired.take("subnetIds", [])
    made = desired.create("ec2", "CreateNetworkAcl")["NetworkAcl"]
    identifier = made["NetworkAclId"]
    _acl_entries(desired, identifier, rules)
    _associate_acl(desired, identifier, subnets)
    return Created(
        identifier,
        {"arn": desired.arn("ec2", f"network-acl/{identifier}"), "ownerId": made.get("OwnerId", "")},
    )


def default_network_acl(desired: DesiredResource) -> Created:
    identifier = desired.take("defaultNetworkAclId")
    client = desired.clients.get("ec2", desired.region)
    found = client.describe_network_acls(NetworkAclIds=[identifier])["NetworkAcls"][0]
    last_rule = 32767
    for entry in found["Entries"]:
        if entry["RuleNumber"] < last_rule:
            client.delete_network_acl_entry(
                NetworkAclId=identifier, RuleNumber=entry["RuleNumber"], Egress=entry["Egress"]
            )
    _acl_entries(desired, identifier, desired.pick("ingress", "egress"))
    _associate_acl(desired, identifier, desired.take("subnetIds", []))
    _tag(desired, identifier)
    return Created(
        identifier, {"arn": desired.arn("ec2", f"network-acl/{identifier}"), "vpcId": found["VpcId"]}
    )


_PROTOCOLS = {"tcp": "6", "udp": "17", "icmp": "1", "all": "-1"}


def _acl_entries(desired: DesiredResource, identifier: str, rules: dict[str, list[dict[str, Any]]]) -> None:
    for direction, entries in rules.items():
        for entry in entries:
            entry = dict(entry)
            ports = {"from": entry.pop("fromPort", 0), "to": entry.pop("toPort", 0)}
            icmp = {"type": entry.pop("icmpType", None), "code": entry.pop("icmpCode", None)}
            protocol = str(entry.pop("protocol"))
            protocol = _PROTOCOLS.get(protocol, protocol)
            if protocol in ("6", "17"):
                entry["portRange"] = ports
            elif protocol == "1":
                entry["icmpTypeCode"] = icmp
            desired.call(
                "ec2",
                "CreateNetworkAclEntry",
                {**entry, "protocol": protocol},
                {"ruleNo": "RuleNumber", "action": "RuleAction"},
                NetworkAclId=identifier,
                Egress=direction == "egress",
            )


def _associate_acl(desired: DesiredResource, identifier: str, subnets: list[str]) -> None:
    client = desired.clients.get("ec2", desired.region)
    for subnet_id in subnets:
        held = client.describe_network_acls(
            Filters=[{"Name": "association.subnet-id", "Values": [subnet_id]}]
        )["NetworkAcls"]
        association = next(
            association["NetworkAclAssociationId"]
            for acl in held
            for association in acl["Associations"]
            if association["SubnetId"] == subnet_id
        )
        client.replace_network_acl_association(AssociationId=association, NetworkAclId=identifier)


def _tag(desired: DesiredResource, identifier: str) -> None:
    tags = desired.take("tags")
    if tags:
        desired.call("ec2", "CreateTags", Resources=[identifier], Tags=pairs(tags))


def elastic_ip(desired: DesiredResource) -> Created:
    made = desired.create("ec2", "AllocateAddress")
    identifier = made["AllocationId"]
    return Created(
        identifier,
        {
            "allocationId": identifier,
            "publicIp": made["PublicIp"],
            "arn": desired.arn("ec2", f"elastic-ip/{identifier}"),
        },
    )


def vpc_endpoint(desired: DesiredResource) -> Created:
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


def flow_log(desired: DesiredResource) -> Created:
    targets = desired.pick("vpcId", "subnetId", "eniId", "transitGatewayId")
    kinds = {"vpcId": "VPC", "subnetId": "Subnet", "eniId": "NetworkInterface"}
    ((kind, target),) = targets.items()
    made = desired.create(
        "ec2",
        "CreateFlowLogs",
        {"iamRoleArn": "DeliverLogsPermissionArn", "deliverCrossAccountRole": "DeliverCrossAccountRole"},
        ResourceIds=[target],
        ResourceType=kinds[kind],
    )
    if made.get("Unsuccessful"):
        raise ValueError(made["Unsuccessful"][0]["Error"]["Message"])
    identifier = made["FlowLogIds"][0]
    return Created(identifier, {"arn": desired.arn("ec2", f"vpc-flow-log/{identifier}")})


ADAPTERS: dict[str, Adapter] = {
    "aws:ec2/vpc:Vpc": vpc,
    "aws:ec2/subnet:Subnet": subnet,
    "aws:ec2/internetGateway:InternetGateway": internet_gateway,
    "aws:ec2/routeTable:RouteTable": route_table,
    "aws:ec2/defaultRouteTable:DefaultRouteTable": default_route_table,
    "aws:ec2/route:Route": route,
    "aws:ec2/networkAcl:NetworkAcl": network_acl,
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": default_network_acl,
    "aws:ec2/eip:Eip": elastic_ip,
    "aws:ec2/vpcEndpoint:VpcEndpoint": vpc_endpoint,
    "aws:ec2/flowLog:FlowLog": flow_log,
} | table(
    [
        Row(
            type="aws:ec2/routeTableAssociation:RouteTableAssociation",
            service="ec2",
            operation="AssociateRouteTable",
            id="AssociationId",
        ),
        Row(
            type="aws:ec2/natGateway:NatGateway",
            service="ec2",
            operation="CreateNatGateway",
            id="NatGateway.NatGatewayId",
        ),
    ]
)
