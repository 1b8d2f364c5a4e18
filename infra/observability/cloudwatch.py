"""CloudWatch alarms: on metrics that AWS keeps by itself, and on what metric filters count in our logs.

Metric names and dimensions are those of each service's own page, "Monitoring with Amazon CloudWatch".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from hardening.runbooks.catalogue import runbook_of
from infra.component_context import ComponentContext
from infra.observability.log_filters import LogFilter

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


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm when `metric` reaches `threshold` within `seconds` (`comparison`: another relation).

    With `periods`, in each of so many `seconds` on end, a week at most (CloudWatch API, PutMetricAlarm).

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
    periods: int = 1


@dataclass(frozen=True, slots=True)
class MonitoringArgs:
    """`topic` is the ARN of the topic that alarms go to."""

    context: ComponentContext
    topic: pulumi.Input[str]
    filters: tuple[LogFilter, ...]
    alarms: tuple[Alarm, ...] = ()


class Monitoring(pulumi.ComponentResource):
    """Metric filters and alarms. Every alarm names its runbook, and tells the topic of beginning and end."""

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:observability:Monitoring", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._space = args.context.environment.metrics
        for one in args.filters:
            self._filter(one)
        for alarm in args.alarms:
            self._alarm(alarm)
        self.register_outputs({})

    def _filter(self, one: LogFilter) -> None:
        aws.cloudwatch.LogMetricFilter(
            one.name,
            name=self._args.context.environment.name(one.name),
            log_group_name=one.group.name,
            pattern=one.pattern,
            metric_transformation={
                "name": one.name,
                "namespace": self._space,
                "value": "1",
                "default_value": "0",
                "unit": "Count",
            },
            opts=self._child,
        )
        about = f"{one.threshold} or more of {one.name} in {one.seconds // 60} minutes"
        self._alarm(Alarm(one.name, about, self._space, one.name, one.threshold, one.seconds))

    def _alarm(self, alarm: Alarm) -> None:
        environment = self._args.context.environment
        aws.cloudwatch.MetricAlarm(
            alarm.name,
            name=environment.name(alarm.name),
            alarm_description=f"{alarm.about}. Runbook: rampart runbook {runbook_of(alarm.name).name}",
            namespace=alarm.namespace,
            metric_name=alarm.metric,
            dimensions=dict(alarm.dimensions) or None,
            statistic=alarm.statistic,
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            period=alarm.seconds,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.periods,
            treat_missing_data=alarm.missing,
            actions_enabled=True,
            alarm_actions=[self._args.topic],
            ok_actions=[self._args.topic],
            tags=environment.tags(alarm.name),
            opts=self._child,
        )


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
