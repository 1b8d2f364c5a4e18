"""Amazon EC2: security groups and their rules."""

from __future__ import annotations

from typing import Any

from infra.lab.adapters.wanted import Adapter, Wanted, pairs
from infra.lab.monitor import Created


def security_group(wanted: Wanted) -> Created:
    rules = wanted.pick("ingress", "egress")
    wanted.take("revokeRulesOnDelete")
    name = wanted.physical_name()
    made = wanted.create("ec2", "CreateSecurityGroup", GroupName=name)
    identifier = made["GroupId"]
    # As the provider does: AWS's own "allow everything out" goes, and only what is declared stands.
    _revoke_all(wanted, identifier)
    _authorize(wanted, identifier, rules)
    return Created(identifier, _outputs(wanted, identifier, name))


def default_security_group(wanted: Wanted) -> Created:
    vpc_id = wanted.take("vpcId")
    client = wanted.clients.get("ec2", wanted.region)
    (found,) = client.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"]
    identifier = found["GroupId"]
    wanted.take("revokeRulesOnDelete")
    _revoke_all(wanted, identifier)
    _authorize(wanted, identifier, wanted.pick("ingress", "egress"))
    tags = wanted.take("tags")
    if tags:
        client.create_tags(Resources=[identifier], Tags=pairs(tags))
    return Created(
        identifier, {**_outputs(wanted, identifier, "default"), "description": found["Description"]}
    )


def _outputs(wanted: Wanted, identifier: str, name: str) -> dict[str, Any]:
    arn = wanted.arn("ec2", f"security-group/{identifier}")
    return {"arn": arn, "name": name, "ownerId": arn.split(":")[4]}


def _revoke_all(wanted: Wanted, identifier: str) -> None:
    client = wanted.clients.get("ec2", wanted.region)
    (group,) = client.describe_security_groups(GroupIds=[identifier])["SecurityGroups"]
    if group["IpPermissions"]:
        client.revoke_security_group_ingress(GroupId=identifier, IpPermissions=group["IpPermissions"])
    if group["IpPermissionsEgress"]:
        client.revoke_security_group_egress(GroupId=identifier, IpPermissions=group["IpPermissionsEgress"])


def _authorize(wanted: Wanted, identifier: str, rules: dict[str, list[dict[str, Any]]]) -> None:
    for direction, entries in rules.items():
        operation = f"AuthorizeSecurityGroup{direction.capitalize()}"
        for entry in entries:
            wanted.call(
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


def _rule(wanted: Wanted, operation: str) -> Created:
    group = wanted.take("securityGroupId")
    protocol = str(wanted.take("ipProtocol"))
    permission = _protocol_and_ports(protocol, wanted.pick("fromPort", "toPort"))
    description = wanted.take("description")
    ((source, value),) = wanted.pick(*_SOURCES).items()
    field, name = _SOURCES[source]
    entry = {name: value} | ({"Description": description} if description else {})
    made = wanted.create("ec2", operation, GroupId=group, IpPermissions=[permission | {field: [entry]}])
    identifier = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    arn = wanted.arn("ec2", f"security-group-rule/{identifier}")
    return Created(identifier, {"arn": arn, "securityGroupRuleId": identifier})


def ingress_rule(wanted: Wanted) -> Created:
    return _rule(wanted, "AuthorizeSecurityGroupIngress")


def egress_rule(wanted: Wanted) -> Created:
    return _rule(wanted, "AuthorizeSecurityGroupEgress")


ADAPTERS: dict[str, Adapter] = {
    "aws:ec2/securityGroup:SecurityGroup": security_group,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": default_security_group,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ingress_rule,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": egress_rule,
}
