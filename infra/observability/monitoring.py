"""Alarms: everything that a person should hear of, over one topic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.observability.metric_alarms import MINUTES, Alarm, Watched, metric_alarms
from infra.observability.trail_events import TRAIL_EVENTS

_HOUR = 3600

# Alarm -> pattern over the access log, count, and seconds in which it makes an alarm.
# A partner with a wrong token retries; ten of one kind in five minutes are more than that.
_CALLS: Mapping[str, tuple[str, int, int]] = {
    "unauthorized": ("{ $.status = 401 }", 10, 5 * MINUTES),
    "forbidden": ("{ $.status = 403 }", 10, 5 * MINUTES),
    "unexpected-path": ('{ $.refusal = "MISSING_AUTHENTICATION_TOKEN" }', 10, 5 * MINUTES),
    "throttled": ("{ $.status = 429 }", 100, 5 * MINUTES),
}
_CDRS = '{ $.route = "*/receiver/cdrs" && $.method = "POST" && $.status = 20* }'
_CRASH = '{ $.message = "crash" }'


@dataclass(frozen=True, slots=True)
class MonitoringArgs:
    """Log groups: `calls` is the API's access log, `trail` CloudTrail's, `authorizer` the function's."""

    context: ComponentContext
    topic: pulumi.Input[str]
    calls: aws.cloudwatch.LogGroup
    trail: aws.cloudwatch.LogGroup
    authorizer: aws.cloudwatch.LogGroup
    watched: Watched
    cdrs_per_hour: int


class Monitoring(pulumi.ComponentResource):
    """Metric filters and alarms. All of them act, and all of them also say when it is over."""

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:observability:Monitoring", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._space = f"Rampart/{args.context.environment.environment}"
        for event, pattern in TRAIL_EVENTS.items():
            threshold = 10 if event in ("access-denied", "login-failed") else 1
            self._filtered(event, args.trail, pattern, threshold, 5 * MINUTES)
        for event, (pattern, threshold, seconds) in _CALLS.items():
            self._filtered(event, args.calls, pattern, threshold, seconds)
        self._filtered("cdr-volume", args.calls, _CDRS, args.cdrs_per_hour, _HOUR)
        self._filtered("authorizer-crash", args.authorizer, _CRASH, 1, 5 * MINUTES)
        for alarm in metric_alarms(args.watched):
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
            treat_missing_data=alarm.quiet,
            actions_enabled=True,
            alarm_actions=[self._args.topic],
            ok_actions=[self._args.topic],
            tags=environment.tags(alarm.name),
            opts=self._child,
        )
