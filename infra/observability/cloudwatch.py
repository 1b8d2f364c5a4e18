"""CloudWatch: alarms, what metric filters count in our logs, and burn rates of objectives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from hardening.runbooks.catalogue import runbook_of
from infra.component_context import ComponentContext
from infra.observability.log_filters import LogFilter


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm when `metric` reaches `threshold` within `seconds` (`comparison`: another relation).

    With `periods`, in each of so many `seconds` on end, a week at most (CloudWatch API, PutMetricAlarm).

    `about` is what people read; `missing` says what no data means (CloudWatch User Guide, "Configuring
    how CloudWatch alarms treat missing data"): mostly that all is well.
    `statistic` may be a percentile (`p99`). With `part_of` it tells nobody: the burn rate of that name does.
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
    part_of: str = ""


@dataclass(frozen=True, slots=True)
class BurnRate:
    """An alarm while all of its `parts` are: over a long window, and over a short one that ends soon."""

    name: str
    about: str
    parts: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class MonitoringArgs:
    """`topic` is the ARN of the topic that alarms go to, `dashboard` the body of one (empty: none)."""

    context: ComponentContext
    topic: pulumi.Input[str]
    filters: tuple[LogFilter, ...]
    alarms: tuple[Alarm, ...] = ()
    burn_rates: tuple[BurnRate, ...] = ()
    dashboard: str = ""


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
        for rate in args.burn_rates:
            self._burn_rate(rate)
        if args.dashboard:
            aws.cloudwatch.Dashboard(
                "dashboard",
                dashboard_name=args.context.environment.name("ocpi"),
                dashboard_body=args.dashboard,
                opts=self._child,
            )
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

    def _burn_rate(self, rate: BurnRate) -> None:
        environment = self._args.context.environment
        parts = [self._alarm(alarm) for alarm in rate.parts]
        aws.cloudwatch.CompositeAlarm(
            rate.name,
            alarm_name=environment.name(rate.name),
            alarm_description=_described(rate.about, rate.name),
            alarm_rule=" AND ".join(f'ALARM("{environment.name(alarm.name)}")' for alarm in rate.parts),
            actions_enabled=True,
            alarm_actions=[self._args.topic],
            ok_actions=[self._args.topic],
            tags=environment.tags(rate.name),
            # AWS takes no rule about alarms that are not there.
            opts=pulumi.ResourceOptions(parent=self, depends_on=parts),
        )

    def _alarm(self, alarm: Alarm) -> aws.cloudwatch.MetricAlarm:
        told = [] if alarm.part_of else [self._args.topic]
        is_percentile = alarm.statistic.startswith("p")
        environment = self._args.context.environment
        return aws.cloudwatch.MetricAlarm(
            alarm.name,
            name=environment.name(alarm.name),
            alarm_description=_described(alarm.about, alarm.part_of or alarm.name),
            namespace=alarm.namespace,
            metric_name=alarm.metric,
            dimensions=dict(alarm.dimensions) or None,
            statistic=None if is_percentile else alarm.statistic,
            extended_statistic=alarm.statistic if is_percentile else None,
            comparison_operator=alarm.comparison,
            threshold=alarm.threshold,
            period=alarm.seconds,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.periods,
            treat_missing_data=alarm.missing,
            actions_enabled=True,
            alarm_actions=told,
            ok_actions=told,
            tags=environment.tags(alarm.name),
            opts=self._child,
        )


def _described(about: str, alarm: str) -> str:
    return f"{about}. Runbook: rampart runbook {runbook_of(alarm).name}"
