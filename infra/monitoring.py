"""Alarms: everything that a person should hear of, over one topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from infra.ground import Ground
from infra.trail_events import TRAIL_EVENTS

_MINUTES = 60
_HOUR = 3600

# Alarm -> pattern over the access log, count, and seconds in which it makes an alarm.
# A partner with a wrong token retries; ten of one kind in five minutes are more than that.
_CALLS: Mapping[str, tuple[str, int, int]] = {
    "unauthorized": ("{ $.status = 401 }", 10, 5 * _MINUTES),
    "forbidden": ("{ $.status = 403 }", 10, 5 * _MINUTES),
    "unexpected-path": ('{ $.refusal = "MISSING_AUTHENTICATION_TOKEN" }', 10, 5 * _MINUTES),
    "throttled": ("{ $.status = 429 }", 100, 5 * _MINUTES),
}
_CDRS = '{ $.route = "*/receiver/cdrs" && $.method = "POST" && $.status = 20* }'
_CRASH = '{ $.message = "crash" }'


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
class MonitoringArgs:
    """Log groups: `calls` is the API's access log, `trail` CloudTrail's, `authorizer` the function's."""

    ground: Ground
    topic: pulumi.Input[str]
    calls: aws.cloudwatch.LogGroup
    trail: aws.cloudwatch.LogGroup
    authorizer: aws.cloudwatch.LogGroup
    watched: Watched
    cdrs_per_hour: int


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


class Monitoring(pulumi.ComponentResource):
    """Metric filters and alarms. All of them act, and all of them also say when it is over."""

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:monitoring:Monitoring", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._space = f"Rampart/{args.ground.place.environment}"
        for event, pattern in TRAIL_EVENTS.items():
            threshold = 10 if event in ("access-denied", "login-failed") else 1
            self._filtered(event, args.trail, pattern, threshold, 5 * _MINUTES)
        for event, (pattern, threshold, seconds) in _CALLS.items():
            self._filtered(event, args.calls, pattern, threshold, seconds)
        self._filtered("cdr-volume", args.calls, _CDRS, args.cdrs_per_hour, _HOUR)
        self._filtered("authorizer-crash", args.authorizer, _CRASH, 1, 5 * _MINUTES)
        for alarm in metric_alarms(args.watched):
            self._alarm(alarm)
        self.register_outputs({})

    def _filtered(
        self, name: str, group: aws.cloudwatch.LogGroup, pattern: str, threshold: int, seconds: int
    ) -> None:
        aws.cloudwatch.LogMetricFilter(
            name,
            name=self._args.ground.place.name(name),
            log_group_name=group.name,
            pattern=pattern,
            metric_transformation={
                "name": name,
                "namespace": self._space,
                "value": "1",
                "default_value": "0",
                "unit": "Count",
            },
            opts=self._child,
        )
        about = f"{threshold} or more of {name} in {seconds // 60} minutes"
        self._alarm(Alarm(name, about, self._space, name, threshold, seconds))

    def _alarm(self, alarm: Alarm) -> None:
        place = self._args.ground.place
        aws.cloudwatch.MetricAlarm(
            alarm.name,
            name=place.name(alarm.name),
            alarm_description=alarm.about,
            namespace=alarm.namespace,
            metric_name=alarm.metric,
            dimensions=dict(alarm.dimensions) or None,
            statistic=alarm.statistic,
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            period=alarm.seconds,
            evaluation_periods=1,
            datapoints_to_alarm=1,
            treat_missing_data=alarm.quiet,
            actions_enabled=True,
            alarm_actions=[self._args.topic],
            ok_actions=[self._args.topic],
            tags=place.tags(alarm.name),
            opts=self._child,
        )


def metric_alarms(watched: Watched) -> list[Alarm]:
    """Alarms on metrics that AWS keeps by itself."""
    five = 5 * _MINUTES
    api = {"ApiName": watched.api}
    balancer = {"LoadBalancer": watched.balancer, "TargetGroup": watched.targets}
    certificates = [
        Alarm(
            f"{name}-certificate-expiry",
            f"The {name} certificate expires in less than 30 days",
            "AWS/CertificateManager",
            "DaysToExpiry",
            30,
            24 * _HOUR,
            {"CertificateArn": arn},
            "Minimum",
            "LessThanThreshold",
        )
        for name, arn in watched.certificates.items()
    ]
    functions = [
        Alarm(f"{name}-{what.lower()}", about, "AWS/Lambda", what, 1, five, {"FunctionName": function})
        for name, function in watched.functions.items()
        for what, about in (
            ("Errors", f"The {name} function fails"),
            ("Throttles", f"{name}: too many calls"),
        )
        # To API Gateway, the authorizer's "nobody known" is an error of the function; its crashes are
        # counted from its log.
        if (name, what) != ("authorizer", "Errors")
    ]
    letters = [
        Alarm(
            f"{name}-dead-letters",
            f"Events that the {name} function gave up on",
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            1,
            five,
            {"QueueName": queue},
            "Maximum",
        )
        for name, queue in watched.dead_letters.items()
    ]
    return [
        Alarm("server-errors", "The gateway answers 5xx", "AWS/ApiGateway", "5XXError", 5, five, api),
        Alarm("slow", "Calls take over 10 s", "AWS/ApiGateway", "Latency", 10_000, five, api, "Average"),
        Alarm(
            "firewall-blocks",
            "The firewall blocks many calls",
            "AWS/WAFV2",
            "BlockedRequests",
            1000,
            five,
            {"WebACL": watched.firewall, "Rule": "ALL"},
        ),
        Alarm(
            "no-guard",
            "No guard is well: every call is refused",
            "AWS/NetworkELB",
            "HealthyHostCount",
            1,
            _MINUTES,
            balancer,
            "Minimum",
            "LessThanThreshold",
            "breaching",
        ),
        *certificates,
        *functions,
        *letters,
    ]
