"""Amazon VPC: network ACLs."""

from __future__ import annotations

from typing import Any

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, tag_ec2
from infra.program_run.monitor import Created


def network_acl(desired: DesiredResource) -> Created:
    """CreateNetworkAcl, its entries, and its subnets."""
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
    """Takes over the default ACL that AWS made: only the declared entries remain."""
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
    tag_ec2(desired, identifier)
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
    for subnet_id in subnets:
        (held,) = _acls(desired, {"association.subnet-id": subnet_id})
        (default,) = _acls(desired, {"vpc-id": held["VpcId"], "default": "true"})
        association = next(
            association["NetworkAclAssociationId"]
            for association in held["Associations"]
            if association["SubnetId"] == subnet_id
        )
        moved = desired.call(
            "ec2", "ReplaceNetworkAclAssociation", AssociationId=association, NetworkAclId=identifier
        )
        # A subnet always has an ACL, and an ACL with a subnet cannot be deleted.
        desired.undone_by(
            "ReplaceNetworkAclAssociation",
            AssociationId=moved["NewAssociationId"],
            NetworkAclId=default["NetworkAclId"],
        )


def _acls(desired: DesiredResource, filters: dict[str, str]) -> list[dict[str, Any]]:
    client = desired.clients.get("ec2", desired.region)
    wanted = [{"Name": name, "Values": [value]} for name, value in filters.items()]
    found: list[dict[str, Any]] = client.describe_network_acls(Filters=wanted)["NetworkAcls"]
    return found


ADAPTERS: dict[str, Adapter] = {
    "aws:ec2/networkAcl:NetworkAcl": network_acl,
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl": default_network_acl,
}
