"""The alarms on metrics that AWS keeps by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

MINUTES = 60
_FIVE = 5 * MINUTES
_DAY = 24 * 60 * MINUTES


@dataclass(frozen=True, slots=True)
class Watched:
    """What has metrics of its own, by its dimension's value."""

    api: str
    firewall: pulumi.Input[str]
    certificates: Mapping[str, pulumi.Input[str]]
    functions: Mapping[str, pulumi.Input[str]]
    dead_letters: Mapping[str, pulumi.Input[str]]
    balancer: pulumi.Input[str]
    targets: pulumi.Input[str]


@dataclass(frozen=True, slots=True)
class Alarm:
    """`threshold` or more of `metric` in `seconds`. `quiet`: what no data means, mostly that all is well."""

    name: str
    about: str
    namespace: str
    metric: str
    threshold: float
    seconds: int
    dimensions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    statistic: str = "Sum"
    comparison: str = "GreaterThanOrEqualToThreshold"
    quiet: str = "notBreaching"


def metric_alarms(watched: Watched) -> list[Alarm]:
    """All of them, for what is watched."""
    return [*_edge(watched), *_guard(watched), *_certificates(watched), *_functions(watched)]


def _edge(watched: Watched) -> list[Alarm]:
    api = {"ApiName": watched.api}
    firewall = {"WebACL": watched.firewall, "Rule": "ALL"}
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


def _guard(watched: Watched) -> list[Alarm]:
    return [
        Alarm(
            "no-guard",
            "No guard is well: every call is refused",
            "AWS/NetworkELB",
            "HealthyHostCount",
            1,
            MINUTES,
            {"LoadBalancer": watched.balancer, "TargetGroup": watched.targets},
            "Minimum",
            "LessThanThreshold",
            "breaching",
        )
    ]


def _certificates(watched: Watched) -> list[Alarm]:
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
        for name, arn in watched.certificates.items()
    ]


def _functions(watched: Watched) -> list[Alarm]:
    """Failures, throttling and dead letters.

    To API Gateway the authorizer's "nobody known" is an error of the function, so that its crashes are
    counted from its log instead.
    """
    failing = {name: one for name, one in watched.functions.items() if name != "authorizer"}
    return [
        *(_lambda(name, "Errors", one) for name, one in failing.items()),
        *(_lambda(name, "Throttles", one) for name, one in watched.functions.items()),
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
            for name, queue in watched.dead_letters.items()
        ),
    ]


def _lambda(name: str, metric: str, function: pulumi.Input[str]) -> Alarm:
    about = f"{metric} of the {name} function"
    return Alarm(
        f"{name}-{metric.lower()}", about, "AWS/Lambda", metric, 1, _FIVE, {"FunctionName": function}
    )
