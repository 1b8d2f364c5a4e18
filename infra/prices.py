"""What AWS charges for what stands, whether it is used or not, in US dollars.

Prices of eu-central-1 as we knew them on `AS_OF`, without tax, discounts and free tiers: noted by hand. Each
says where it was met again, which was never AWS's own price page. One line each, so a changed price is a
changed line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from infra.program_run.deployment import Record

AS_OF = "2025-06-01"
REGION = "eu-central-1"
HOURS = 730  # a month, as AWS's calculator counts it

# Amazon ECS on Fargate, Linux on x86: a vCPU and a GB of memory, an hour.
_VCPU, _GIGABYTE = 0.04656, 0.00511

_LIST = "a copy of AWS's price list of 2026-07-07 (`EUC1-Fargate-...`)"
_FIREWALL = "guides of 2026; alike in all regions (AWS networking blog)"

Records = Sequence[Record]


@dataclass(frozen=True, slots=True)
class Price:
    """A line of the bill: how many of `unit` are declared, and what one costs a month.

    `seen` is where others wrote the same price, and when.
    """

    what: str
    unit: str
    dollars: float
    count: Callable[[Records], float]
    seen: str = "nowhere else"


def _of(*kinds: str) -> Callable[[Records], float]:
    return lambda records: sum(record.type in kinds for record in records)


def _endpoint_zones(records: Records) -> float:
    """GuardDuty's own endpoint costs nothing (GuardDuty User Guide, "Creating an Amazon VPC endpoint")."""
    interfaces = [one.inputs for one in records if one.inputs.get("vpcEndpointType") == "Interface"]
    paid = [one for one in interfaces if not str(one["serviceName"]).endswith(".guardduty-data")]
    return sum(len(one["subnetIds"]) for one in paid)


def _firewall_rules(records: Records) -> float:
    acls = [one for one in records if one.type == "aws:wafv2/webAcl:WebAcl"]
    return sum(len(one.inputs["rules"]) for one in acls)


def _tasks(per_task: str, unit: int) -> Callable[[Records], float]:
    """How much CPU or memory the tasks of all services have together, in `unit`s."""

    def count(records: Records) -> float:
        power = {one.urn: float(one.inputs[per_task]) / unit for one in _definitions(records)}
        return sum(
            int(one.inputs["desiredCount"]) * sum(power.get(urn, 0) for urn in _task_of(one))
            for one in records
            if one.type == "aws:ecs/service:Service"
        )

    return count


def _definitions(records: Records) -> list[Record]:
    return [one for one in records if one.type == "aws:ecs/taskDefinition:TaskDefinition"]


def _task_of(service: Record) -> Sequence[str]:
    return service.property_dependencies.get("taskDefinition", ())


PRICES: tuple[Price, ...] = (
    Price("AWS Fargate, processors", "vCPU", _VCPU * HOURS, _tasks("cpu", 1024), _LIST),
    Price("AWS Fargate, memory", "GB", _GIGABYTE * HOURS, _tasks("memory", 1024), _LIST),
    Price(
        "NAT gateways",
        "gateway",
        0.052 * HOURS,
        _of("aws:ec2/natGateway:NatGateway"),
        "a copy of AWS's price list without a date; a guide of 2026 (0.048 to 0.052 in Europe)",
    ),
    Price(
        "public IPv4 addresses",
        "address",
        0.005 * HOURS,
        _of("aws:ec2/eip:Eip"),
        "a guide of 2026-02-24, for every region",
    ),
    Price(
        "interface endpoints",
        "endpoint in a zone",
        0.012 * HOURS,
        _endpoint_zones,
        "somebody's bill without a date (`EUC1-VpcEndpoint-Hours`)",
    ),
    Price("network load balancer", "balancer", 0.027 * HOURS, _of("aws:lb/loadBalancer:LoadBalancer")),
    Price("AWS WAF, web ACL", "web ACL", 5.0, _of("aws:wafv2/webAcl:WebAcl"), _FIREWALL),
    Price("AWS WAF, rules and rule groups", "rule", 1.0, _firewall_rules, _FIREWALL),
    Price("AWS KMS", "key", 1.0, _of("aws:kms/key:Key"), "a guide of 2026-03-14, from AWS's price page"),
    Price(
        "AWS Secrets Manager",
        "secret",
        0.40,
        _of("aws:secretsmanager/secret:Secret"),
        "a guide without a date",
    ),
    Price(
        "Route 53",
        "zone",
        0.50,
        _of("aws:route53/zone:Zone", "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace"),
    ),
    Price("CloudWatch, composite alarms", "alarm", 0.50, _of("aws:cloudwatch/compositeAlarm:CompositeAlarm")),
    Price("CloudWatch, dashboards", "dashboard", 3.00, _of("aws:cloudwatch/dashboard:Dashboard")),
    Price("CloudWatch, alarms", "alarm", 0.10, _of("aws:cloudwatch/metricAlarm:MetricAlarm")),
    Price(
        "CloudWatch, metrics of our filters",
        "metric",
        0.30,
        _of("aws:cloudwatch/logMetricFilter:LogMetricFilter"),
    ),
)

# Types that cost by what passes through them or is kept in them, and what that is. Nothing of it is counted.
BY_USE: Mapping[str, tuple[str, ...]] = {
    "API Gateway, AWS Lambda, AWS WAF, load balancer units: by call": (
        "aws:apigateway/restApi:RestApi",
        "aws:lambda/function:Function",
    ),
    "traffic through NAT gateways, endpoints and to the internet: by GB": ("aws:ec2/natGateway:NatGateway",),
    "CloudWatch Logs, Amazon S3, Amazon ECR, DynamoDB: by GB and request": (
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:s3/bucket:Bucket",
        "aws:ecr/repository:Repository",
        "aws:dynamodb/table:Table",
    ),
    "AWS Config, by recorded change and evaluated rule": ("aws:cfg/recorder:Recorder", "aws:cfg/rule:Rule"),
    "GuardDuty and Security Hub, by analysed event, vCPU and check, in each region": (
        "aws:guardduty/detector:Detector",
        "aws:securityhub/account:Account",
    ),
    "AWS Backup, by GB in each of two vaults and GB copied": ("aws:backup/vault:Vault",),
    "Amazon Inspector, by scanned image and function": ("aws:inspector2/enabler:Enabler",),
    "metrics of each method of the API, once it is called: by metric": (
        "aws:apigateway/methodSettings:MethodSettings",
    ),
    "Container Insights, by metric and log": ("aws:ecs/cluster:Cluster",),
    "the guard's own metrics (docs/guard.md): by metric, two for each of 100 partners at most": (
        "aws:ecs/service:Service",
    ),
    "tasks beyond the fewest, while calls need them: by vCPU, GB and hour": (
        "aws:appautoscaling/target:Target",
    ),
    "alarms of scaling policies: two or more each": ("aws:appautoscaling/policy:Policy",),
    "CloudTrail's data events and Route 53's queries: by event and query": (
        "aws:cloudtrail/trail:Trail",
        "aws:route53/resolverFirewallRuleGroup:ResolverFirewallRuleGroup",
    ),
}


def priced(records: Records) -> tuple[tuple[Price, float], ...]:
    """Each price with how many of its unit are declared."""
    return tuple((price, price.count(records)) for price in PRICES)


def used(records: Records) -> tuple[str, ...]:
    """What is declared and costs by use."""
    kinds = {record.type for record in records}
    return tuple(what for what, types in BY_USE.items() if kinds & set(types))


def monthly(records: Records) -> float:
    """Dollars a month at no traffic."""
    return sum(price.dollars * count for price, count in priced(records))
