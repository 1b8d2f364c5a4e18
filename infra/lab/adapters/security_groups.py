"""Amazon EC2: security groups and their rules."""

from __future__ import annotations

from typing import Any

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, tag_ec2
from infra.program_run.monitor import Created


def security_group(desired: DesiredResource) -> Created:
    """CreateSecurityGroup; only the declared rules remain."""
    rules = desired.pick("ingress", "egress")
    desired.take("revokeRulesOnDelete")
    name = desired.physical_name()
    made = desired.create("ec2", "CreateSecurityGroup", GroupName=name)
    identifier = made["GroupId"]
    # As the provider does: AWS's own "allow everything out" is removed; only declared rules remain.
    _revoke_all(desired, identifier)
    _authorize(desired, identifier, rules)
    return Created(identifier, _outputs(desired, identifier, name))


def default_security_group(desired: DesiredResource) -> Created:
    """Takes over the default group that AWS made: only the declared rules remain."""
    vpc_id = desired.take("vpcId")
    client = desired.clients.get("ec2", desired.region)
    (found,) = client.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"]
    identifier = found["GroupId"]
    desired.take("revokeRulesOnDelete")
    _revoke_all(desired, identifier)
    _authorize(desired, identifier, desired.pick("ingress", "egress"))
    tag_ec2(desired, identifier)
    return Created(
        identifier, {**_outputs(desired, identifier, "default"), "description": found["Description"]}
    )


def _outputs(desired: DesiredResource, identifier: str, name: str) -> dict[str, Any]:
    arn = desired.arn("ec2", f"security-group/{identifier}")
    return {"arn": arn, "name": name, "ownerId": arn.split(":")[4]}


def _revoke_all(desired: DesiredResource, identifier: str) -> None:
    client = desired.clients.get("ec2", desired.region)
    (group,) = client.describe_security_groups(GroupIds=[identifier])["SecurityGroups"]
    if group["IpPermissions"]:
        client.revoke_security_group_ingress(GroupId=identifier, IpPermissions=group["IpPermissions"])
    if group["IpPermissionsEgress"]:
        client.revoke_security_group_egress(GroupId=identifier, IpPermissions=group["IpPermissionsEgress"])


def _authorize(desired: DesiredResource, identifier: str, rules: dict[str, list[dict[str, Any]]]) -> None:
    for direction, entries in rules.items():
        operation = f"AuthorizeSecurityGroup{direction.capitalize()}"
        for entry in entries:
            desired.call(
                "ec2", operation, GroupId=identifier, IpPermissions=[_inline_permission(entry, identifier)]
            )


def _inline_permission(rule: dict[str, Any], own: str) -> dict[str, Any]:
    note = {"Description": rule["description"]} if rule.get("description") else {}
    groups = [*(rule.get("securityGroups") or []), *([own] if rule.get("self") else [])]
    permission: dict[str, Any] = _protocol_and_ports(str(rule["protocol"]), rule)
    sources = {
        "IpRanges": [{"CidrIp": cidr, **note} for cidr in rule.get("cidrBlocks") or []],
        "Ipv6Ranges": [{"CidrIpv6": cidr, **note} for cidr in rule.get("ipv6CidrBlocks") or []],
        "PrefixListIds": [{"PrefixListId": name, **note} for name in rule.get("prefixListIds") or []],
        "UserIdGroupPairs": [{"GroupId": group, **note} for group in groups],
    }
    return permission | {key: value for key, value in sources.items() if value}


def _protocol_and_ports(protocol: str, rule: dict[str, Any]) -> dict[str, Any]:
    if protocol in ("-1", "all"):
        return {"IpProtocol": "-1"}
    return {"IpProtocol": protocol, "FromPort": rule["fromPort"], "ToPort": rule["toPort"]}


_SOURCES = {
    "cidrIpv4": ("IpRanges", "CidrIp"),
    "cidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "prefixListId": ("PrefixListIds", "PrefixListId"),
    "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
}


def _rule(desired: DesiredResource, operation: str) -> Created:
    group = desired.take("securityGroupId")
    protocol = str(desired.take("ipProtocol"))
    permission = _protocol_and_ports(protocol, desired.pick("fromPort", "toPort"))
    description = desired.take("description")
    ((source, value),) = desired.pick(*_SOURCES).items()
    field, name = _SOURCES[source]
    entry = {name: value} | ({"Description": description} if description else {})
    made = desired.create("ec2", operation, GroupId=group, IpPermissions=[permission | {field: [entry]}])
    identifier = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    arn = desired.arn("ec2", f"security-group-rule/{identifier}")
    return Created(identifier, {"arn": arn, "securityGroupRuleId": identifier})


def ingress_rule(desired: DesiredResource) -> Created:
    """AuthorizeSecurityGroupIngress, with one rule."""
    return _rule(desired, "AuthorizeSecurityGroupIngress")


def egress_rule(desired: DesiredResource) -> Created:
    """AuthorizeSecurityGroupEgress, with one rule."""
    return _rule(desired, "AuthorizeSecurityGroupEgress")


ADAPTERS: dict[str, Adapter] = {
    "aws:ec2/securityGroup:SecurityGroup": security_group,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": default_security_group,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ingress_rule,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": egress_rule,
}
