"""Service quotas, held against what the program declares (Service Quotas User Guide; codes are AWS's)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.aws_calls import Absent, AwsCalls
from infra.preflight.requirement import Results, met, unmet
from infra.program_run.deployment import Record

# What Lambda keeps unreserved in every account (Lambda Developer Guide, "Configuring reserved concurrency").
_UNRESERVED = 100

Records = Sequence[Record]
Others = Callable[[AwsCalls, str], int]


def _nobody(_calls: AwsCalls, _own: str) -> int:
    return 0


@dataclass(frozen=True, slots=True)
class Quota:
    """A quota of a service: `needed` by what is declared, and what `others` in the account use of it."""

    what: str
    service: str
    code: str
    needed: Callable[[Records], int]
    others: Others = _nobody


def of_type(kind: str) -> Callable[[Records], int]:
    """How many resources of a type are declared."""
    return lambda records: sum(record.type == kind for record in records)


def most(kind: str, owner: str) -> Callable[[Records], int]:
    """The most resources of a type that one owner has (`owner`: the input that names it)."""

    def count(records: Records) -> int:
        owners = Counter(
            record.property_dependencies.get(owner, ()) for record in records if record.type == kind
        )
        return max(owners.values(), default=0)

    return count


def _acl_rules(records: Records) -> int:
    """One rule more than declared: AWS ends each list with one of its own, which counts."""
    lists = [
        len(record.inputs.get(way) or ())
        for record in records
        if record.type == "aws:ec2/networkAcl:NetworkAcl"
        for way in ("ingress", "egress")
    ]
    return max(lists, default=0) + 1


def _interface_endpoints(records: Records) -> int:
    return sum(record.inputs.get("vpcEndpointType") == "Interface" for record in records)


def _gateway_endpoints(records: Records) -> int:
    return sum(record.inputs.get("vpcEndpointType") == "Gateway" for record in records)


def _reserved(records: Records) -> int:
    reserved = sum(int(record.inputs.get("reservedConcurrentExecutions") or 0) for record in records)
    return reserved + _UNRESERVED if reserved else 1


def _vcpus(records: Records) -> int:
    """All tasks that services may grow to, times what a release adds: it starts the new ones first.

    Amazon ECS Developer Guide, "Rolling update deployments": `maximumPercent` of the tasks that run then.
    """
    cpu = {one.urn: int(one.inputs["cpu"]) for one in records if one.type.endswith(":TaskDefinition")}
    needed = 0
    for service in (one for one in records if one.type == "aws:ecs/service:Service"):
        (task,) = service.property_dependencies["taskDefinition"]
        percent = int(service.inputs.get("deploymentMaximumPercent") or 200)
        needed += -(-_most_tasks(service, records) * percent // 100) * cpu[task]
    return -(-needed // 1024)


def _most_tasks(service: Record, records: Records) -> int:
    """How many tasks Application Auto Scaling may give `service`; or those that are declared."""
    bounds = [
        int(one.inputs["maxCapacity"])
        for one in records
        if one.type == "aws:appautoscaling/target:Target"
        and service.urn in one.property_dependencies.get("resourceId", ())
    ]
    return max((*bounds, int(service.inputs.get("desiredCount") or 0)))


def _foreign(service: str, operation: str, key: str, name: Callable[[Mapping[str, Any]], str]) -> Others:
    """How many things of AWS's list are not called as ours are."""

    def count(calls: AwsCalls, own: str) -> int:
        return sum(not name(item).startswith(own) for item in calls.pages(service, operation, key))

    return count


def _name_tag(item: Mapping[str, Any]) -> str:
    return next((tag["Value"] for tag in item.get("Tags") or () if tag["Key"] == "Name"), "")


QUOTAS = (
    Quota(
        "VPCs",
        "vpc",
        "L-F678F1CE",
        of_type("aws:ec2/vpc:Vpc"),
        _foreign("ec2", "describe_vpcs", "Vpcs", _name_tag),
    ),
    Quota(
        "Elastic IP addresses",
        "ec2",
        "L-0263D0A3",
        of_type("aws:ec2/eip:Eip"),
        _foreign("ec2", "describe_addresses", "Addresses", _name_tag),
    ),
    Quota(
        "NAT gateways in one zone",
        "vpc",
        "L-FE5A380F",
        most("aws:ec2/natGateway:NatGateway", "subnetId"),
    ),
    Quota("interface endpoints in the VPC", "vpc", "L-29B6F2EB", _interface_endpoints),
    Quota("gateway endpoints", "vpc", "L-1B52E74A", _gateway_endpoints),
    Quota("rules in a network ACL", "vpc", "L-2AEEBF1A", _acl_rules),
    Quota(
        "outbound rules in a security group",
        "vpc",
        "L-0EA8095F",
        most("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "securityGroupId"),
    ),
    Quota(
        "inbound rules in a security group",
        "vpc",
        "L-0EA8095F",
        most("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "securityGroupId"),
    ),
    Quota(
        "security groups",
        "vpc",
        "L-E79EC296",
        of_type("aws:ec2/securityGroup:SecurityGroup"),
        _foreign("ec2", "describe_security_groups", "SecurityGroups", lambda one: str(one["GroupName"])),
    ),
    Quota("concurrent Lambda executions", "lambda", "L-B99A9384", _reserved),
    Quota("Fargate vCPUs", "fargate", "L-3032A538", _vcpus),
    Quota("KMS keys", "kms", "L-C2F1777E", of_type("aws:kms/key:Key")),
    Quota(
        "web ACLs",
        "wafv2",
        "L-2EC3DE7B",
        of_type("aws:wafv2/webAcl:WebAcl"),
    ),
    Quota("IP sets", "wafv2", "L-D6DA96AE", of_type("aws:wafv2/ipSet:IpSet")),
    Quota("VPC links", "apigateway", "L-A4C7274F", of_type("aws:apigateway/vpcLink:VpcLink")),
    Quota("usage plans", "apigateway", "L-E8693075", of_type("aws:apigateway/usagePlan:UsagePlan")),
    Quota("custom domain names", "apigateway", "L-A93447B8", of_type("aws:apigateway/domainName:DomainName")),
    Quota(
        "network load balancers",
        "elasticloadbalancing",
        "L-69A177A2",
        of_type("aws:lb/loadBalancer:LoadBalancer"),
    ),
    Quota("DynamoDB tables", "dynamodb", "L-F98FE922", of_type("aws:dynamodb/table:Table")),
)


def look_up_quotas(calls: AwsCalls, records: Records, own: str, results: Results) -> None:
    """Each quota against what is declared; `own` begins the names of the stack's resources."""
    for quota in QUOTAS:
        needed = quota.needed(records)
        if not needed:
            continue
        with results.looking_up(quota.what, needed):
            limit, others = _limit(calls, quota), quota.others(calls, own)
            found = f"{limit:g}" + (f", of which others use {others}" if others else "")
            if needed + others <= limit:
                results.all.append(met(quota.what, found, needed))
            else:
                mend = f"ask for {needed + others} (Service Quotas: {quota.service}, {quota.code})"
                if quota.service == "lambda":
                    mend += ", or set rampart:reserveConcurrency to false"
                results.all.append(unmet(quota.what, found, needed, mend))


def _limit(calls: AwsCalls, quota: Quota) -> float:
    """What applies in the account, or AWS's default where nothing else was asked for."""
    parameters = {"ServiceCode": quota.service, "QuotaCode": quota.code}
    try:
        answer = calls.ask("service-quotas", "get_service_quota", **parameters)
    except Absent:
        answer = calls.ask("service-quotas", "get_aws_default_service_quota", **parameters)
    return float(answer["Quota"]["Value"])
