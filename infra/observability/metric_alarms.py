"""The alarms on metrics that AWS keeps by itself.

Metric names and dimensions are those of each service's own page, "Monitoring with Amazon CloudWatch".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from infra.observability.cloudwatch import Alarm

_MINUTE = 60  # seconds
_FIVE = 5 * _MINUTE
_DAY = 24 * 60 * _MINUTE


@dataclass(frozen=True, slots=True)
class MonitoredResources:
    """The resources with metrics of their own: the value of each one's metric dimension.

    `api` is the API's name, `firewall` the web ACL's, which its metrics have too; `certificates` map a
    name to an ARN, `functions` to a function's name, `dead_letters` to a queue's, `services` to an ECS
    service's, in `cluster`. `balancer` and `targets` are ARN suffixes.
    """

    region: str
    api: str
    firewall: pulumi.Input[str]
    certificates: Mapping[str, pulumi.Input[str]]
    functions: Mapping[str, pulumi.Input[str]]
    dead_letters: Mapping[str, pulumi.Input[str]]
    balancer: pulumi.Input[str]
    targets: pulumi.Input[str]
    cluster: str
    services: Mapping[str, pulumi.Input[str]]


def metric_alarms(resources: MonitoredResources) -> tuple[Alarm, ...]:
    """The alarms on AWS's own metrics of `resources`."""
    return (
        *_edge(resources),
        *_guard(resources),
        *_tasks(resources),
        *_certificates(resources),
        *_functions(resources),
    )


def _edge(resources: MonitoredResources) -> list[Alarm]:
    api = {"ApiName": resources.api}
    firewall = {"WebACL": resources.firewall, "Region": resources.region, "Rule": "ALL"}
    return [
        Alarm("server-errors", "The gateway answers 5xx", "AWS/ApiGateway", "5XXError", 5, _FIVE, api),
        Alarm("slow", "Calls take over 10 s", "AWS/ApiGateway", "Latency", 10_000, _FIVE, api, "Average"),
        Alarm(
            "firewall-blocks",
            "The firewall blocks many calls",
            "AWS/WAFV2",
            "BlockedRequests",
            1000,
            _FIVE,
            firewall,
        ),
    ]


def _guard(resources: MonitoredResources) -> list[Alarm]:
    return [
        Alarm(
            "no-guard",
            "No guard is well: every call is refused",
            "AWS/NetworkELB",
            "HealthyHostCount",
            1,
            _MINUTE,
            {"LoadBalancer": resources.balancer, "TargetGroup": resources.targets},
            "Minimum",
            "LessThanThreshold",
            "breaching",
        )
    ]


def _tasks(resources: MonitoredResources) -> list[Alarm]:
    """Fewer than two tasks: what is left has nobody beside it. Container Insights counts them."""
    return [
        Alarm(
            f"{name}-tasks-lost",
            f"Fewer than two tasks of {name} run",
            "ECS/ContainerInsights",
            "RunningTaskCount",
            2,
            _FIVE,
            {"ClusterName": resources.cluster, "ServiceName": service},
            "Minimum",
            "LessThanThreshold",
            "breaching",
        )
        for name, service in resources.services.items()
    ]


def _certificates(resources: MonitoredResources) -> list[Alarm]:
    return [
        Alarm(
            f"{name}-certificate-expiry",
            f"The {name} certificate expires in less than 30 days",
            "AWS/CertificateManager",
            "DaysToExpiry",
            30,
            _DAY,
            {"CertificateArn": arn},
            "Minimum",
            "LessThanThreshold",
        )
        for name, arn in resources.certificates.items()
    ]


def _functions(resources: MonitoredResources) -> list[Alarm]:
    """Failures, throttling and dead letters.

    The authorizer must raise an error to have API Gateway answer 401, so its crashes are counted from its
    log instead.
    """
    failing = {name: one for name, one in resources.functions.items() if name != "authorizer"}
    return [
        *(_lambda(name, "Errors", one) for name, one in failing.items()),
        *(_lambda(name, "Throttles", one) for name, one in resources.functions.items()),
        *(
            Alarm(
                f"{name}-dead-letters",
                f"Events that the {name} function gave up on",
                "AWS/SQS",
                "ApproximateNumberOfMessagesVisible",
                1,
                _FIVE,
                {"QueueName": queue},
                "Maximum",
            )
            for name, queue in resources.dead_letters.items()
        ),
    ]


def _lambda(name: str, metric: str, function: pulumi.Input[str]) -> Alarm:
    about = f"{metric} of the {name} function"
    return Alarm(
        f"{name}-{metric.lower()}", about, "AWS/Lambda", metric, 1, _FIVE, {"FunctionName": function}
    )
