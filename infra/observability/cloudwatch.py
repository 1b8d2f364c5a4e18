"""CloudWatch alarms: on metrics that AWS keeps by itself, and on what metric filters count in our logs.

Metric names and dimensions are those of each service's own page, "Monitoring with Amazon CloudWatch".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.observability.trail_events import TRAIL_EVENTS

_MINUTE = 60  # seconds
_FIVE = 5 * _MINUTE
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR

# Alarm -> pattern over the access log, count, and seconds in which it makes an alarm. Every value in that
# log is text, the status too, and text never equals a number: it is compared in quotes.
# A partner with a wrong token retries; ten of one kind in five minutes are more than that.
_CALLS: Mapping[str, tuple[str, int, int]] = {
    "unauthorized": ('{ $.status = "401" }', 10, _FIVE),
    "forbidden": ('{ $.status = "403" }', 10, _FIVE),
    "unexpected-path": ('{ $.refusal = "MISSING_AUTHENTICATION_TOKEN" }', 10, _FIVE),
    "throttled": ('{ $.status = "429" }', 100, _FIVE),
}
_CDRS = '{ $.route = "*/receiver/cdrs" && $.method = "POST" && $.status = "20*" }'
_CRASH = '{ $.message = "crash" }'


@dataclass(frozen=True, slots=True)
class MonitoredResources:
    """The resources with metrics of their own: the value of each one's metric dimension.

    `api` is the API's name, `firewall` the web ACL's, which its metrics have too; `certificates` map a
    name to an ARN, `functions` to a function's name, `dead_letters` to a queue's. `balancer` and `targets`
    are ARN suffixes.
    """

    region: str
    api: str
    firewall: pulumi.Input[str]
    certificates: Mapping[str, pulumi.Input[str]]
    functions: Mapping[str, pulumi.Input[str]]
    dead_letters: Mapping[str, pulumi.Input[str]]
    balancer: pulumi.Input[str]
    targets: pulumi.Input[str]


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm when `metric` reaches `threshold` within `seconds` (`comparison`: another relation).

    `about` is what people read; `missing` says what no data means (CloudWatch User Guide, "Configuring
    how CloudWatch alarms treat missing data"): mostly that all is well.
    """

    name: str
    about: str
    namespace: str
    metric: str
    threshold: float
    seconds: int
    dimensions: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    statistic: str = "Sum"
    comparison: str = "GreaterThanOrEqualToThreshold"
    missing: str = "notBreaching"


@dataclass(frozen=True, slots=True)
class MonitoringArgs:
    """`topic` is the ARN of the topic that alarms go to.

    Log groups: `calls` is the API's access log, `trail` CloudTrail's, `authorizer` the function's.
    `cdrs_per_hour`: so many CDRs in an hour are an alarm.
    """

    context: ComponentContext
    topic: pulumi.Input[str]
    calls: aws.cloudwatch.LogGroup
    trail: aws.cloudwatch.LogGroup
    authorizer: aws.cloudwatch.LogGroup
    resources: MonitoredResources
    cdrs_per_hour: int


class Monitoring(pulumi.ComponentResource):
    """Metric filters and alarms. Every alarm notifies the topic when it begins and when it ends."""

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:observability:Monitoring", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._space = f"Rampart/{args.context.environment.label}"
        for event, pattern in TRAIL_EVENTS.items():
            threshold = 10 if event in ("access-denied", "login-failed") else 1
            self._filtered(event, args.trail, pattern, threshold, _FIVE)
        for event, (pattern, threshold, seconds) in _CALLS.items():
            self._filtered(event, args.calls, pattern, threshold, seconds)
        self._filtered("cdr-volume", args.calls, _CDRS, args.cdrs_per_hour, _HOUR)
        self._filtered("authorizer-crash", args.authorizer, _CRASH, 1, _FIVE)
        for alarm in metric_alarms(args.resources):
            self._alarm(alarm)
        self.register_outputs({})

    def _filtered(
        self, name: str, group: aws.cloudwatch.LogGroup, pattern: str, threshold: int, seconds: int
    ) -> None:
        aws.cloudwatch.LogMetricFilter(
            name,
            name=self._args.context.environment.name(name),
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
        environment = self._args.context.environment
        aws.cloudwatch.MetricAlarm(
            alarm.name,
            name=environment.name(alarm.name),
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
            treat_missing_data=alarm.missing,
            actions_enabled=True,
            alarm_actions=[self._args.topic],
            ok_actions=[self._args.topic],
            tags=environment.tags(alarm.name),
            opts=self._child,
        )


def metric_alarms(resources: MonitoredResources) -> list[Alarm]:
    """The alarms on AWS's own metrics of `resources`."""
    return [*_edge(resources), *_guard(resources), *_certificates(resources), *_functions(resources)]


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
