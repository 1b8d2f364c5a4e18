"""What Application Auto Scaling scales of Amazon ECS, and by what (its API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, blocks, by
from scanners.drift.fields import protection, setting
from scanners.drift.normalize import camel, number, plain, unordered
from scanners.drift.records import Live, ResourceReader
from scanners.drift.scaling import TARGET
from scanners.policy.stack import Resource

_SERVICE: Final = "application-autoscaling"
_POLICY: Final = "aws:appautoscaling/policy:Policy"
_TRACKING: Final = "targetTrackingScalingPolicyConfiguration"
_SUSPENDED: Final = "suspendedState"
_SCHEDULED: Final = "aws:appautoscaling/scheduledAction:ScheduledAction"
# The other two ways of scaling, as they are: Pulumi's names are AWS's.
_OTHERS: Final = ("stepScalingPolicyConfiguration", "predictiveScalingPolicyConfiguration")


def targets(view: View) -> Iterator[Live]:
    """Scalable targets of ECS (DescribeScalableTargets)."""
    for found in view.pages(_SERVICE, "describe_scalable_targets", "ScalableTargets", ServiceNamespace="ecs"):
        suspended = found.get("SuspendedState") or {}
        yield Live(
            TARGET,
            found["ResourceId"],
            {
                "resourceId": found["ResourceId"],
                "scalableDimension": found.get("ScalableDimension"),
                "serviceNamespace": found.get("ServiceNamespace"),
                "minCapacity": found.get("MinCapacity"),
                "maxCapacity": found.get("MaxCapacity"),
                _SUSPENDED: {f"{name[0].lower()}{name[1:]}": value for name, value in suspended.items()},
            },
            view.region,
        )


def policies(view: View) -> Iterator[Live]:
    """Scaling policies of ECS (DescribeScalingPolicies)."""
    for found in view.pages(_SERVICE, "describe_scaling_policies", "ScalingPolicies", ServiceNamespace="ecs"):
        tracking = found.get("TargetTrackingScalingPolicyConfiguration") or {}
        predefined = tracking.get("PredefinedMetricSpecification") or {}
        customized = tracking.get("CustomizedMetricSpecification") or {}
        yield Live(
            _POLICY,
            f"{found['ResourceId']} {found['PolicyName']}",
            {
                "policyType": found.get("PolicyType"),
                "scalableDimension": found.get("ScalableDimension"),
                "serviceNamespace": found.get("ServiceNamespace"),
                f"{_TRACKING}.targetValue": tracking.get("TargetValue"),
                f"{_TRACKING}.disableScaleIn": tracking.get("DisableScaleIn"),
                f"{_TRACKING}.scaleInCooldown": tracking.get("ScaleInCooldown"),
                f"{_TRACKING}.scaleOutCooldown": tracking.get("ScaleOutCooldown"),
                f"{_TRACKING}.predefined": predefined.get("PredefinedMetricType"),
                f"{_TRACKING}.metrics": [_live_metric(each) for each in customized.get("Metrics") or ()],
                **{name: camel(found.get(f"{name[0].upper()}{name[1:]}")) for name in _OTHERS},
            },
            view.region,
        )


def scheduled_actions(view: View) -> Iterator[Live]:
    """What scales ECS at a time, or stops it (DescribeScheduledActions)."""
    listed = view.pages(_SERVICE, "describe_scheduled_actions", "ScheduledActions", ServiceNamespace="ecs")
    for found in listed:
        target = found.get("ScalableTargetAction") or {}
        yield Live(
            _SCHEDULED,
            f"{found['ResourceId']} {found['ScheduledActionName']}",
            {
                "schedule": found.get("Schedule"),
                "timezone": found.get("Timezone"),
                "startTime": found.get("StartTime"),
                "endTime": found.get("EndTime"),
                "minCapacity": target.get("MinCapacity"),
                "maxCapacity": target.get("MaxCapacity"),
                "scalableDimension": found.get("ScalableDimension"),
                "serviceNamespace": found.get("ServiceNamespace"),
                "about": f"{found.get('Schedule')}, {_bound(target)}",
            },
            view.region,
        )


def _bound(target: Mapping[str, Any]) -> str:
    """How many tasks there are from then on, for a person."""
    return f"{target.get('MinCapacity', 'any')} to {target.get('MaxCapacity', 'any')} tasks"


def _moment(value: Any) -> Any:
    """A point in time, which Pulumi writes as text in UTC and boto3 reads in this machine's zone."""
    text = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
    return text.replace("Z", "+00:00") if isinstance(text, str) else text


def _declared_action(_: Declared, action: Resource) -> Mapping[str, Any]:
    return {**action.inputs, **block(action.inputs.get("scalableTargetAction"))}


def _live_metric(query: Mapping[str, Any]) -> Mapping[str, Any]:
    stat = query.get("MetricStat") or {}
    metric = stat.get("Metric") or {}
    return {
        "id": query.get("Id"),
        "expression": query.get("Expression"),
        "stat": stat.get("Stat"),
        "metric": f"{metric.get('Namespace')} {metric.get('MetricName')}" if metric else None,
        "dimensions": {each["Name"]: each["Value"] for each in metric.get("Dimensions") or ()},
        "returnData": query.get("ReturnData"),
    }


def _policy_key(policy: Resource) -> str:
    """The name of a policy is unique among those of its target only (PutScalingPolicy)."""
    named = [policy.inputs.get(name) or policy.outputs.get(name) for name in ("resourceId", "name")]
    return " ".join(map(str, named)) if all(isinstance(each, str) for each in named) else ""


def _declared_policy(_: Declared, policy: Resource) -> Mapping[str, Any]:
    tracking = block(policy.inputs.get(_TRACKING))
    found = {f"{_TRACKING}.{name}": value for name, value in tracking.items()}
    predefined = block(tracking, "predefinedMetricSpecification")
    metrics = blocks(block(tracking, "customizedMetricSpecification").get("metrics"))
    return {
        **policy.inputs,
        **found,
        f"{_TRACKING}.predefined": predefined.get("predefinedMetricType"),
        f"{_TRACKING}.metrics": [_declared_metric(each) for each in metrics],
    }


def _declared_metric(query: Mapping[str, Any]) -> Mapping[str, Any]:
    stat = block(query.get("metricStat"))
    metric = block(stat, "metric")
    return {
        "id": query.get("id"),
        "expression": query.get("expression"),
        "stat": stat.get("stat"),
        "metric": f"{metric.get('namespace')} {metric.get('metricName')}" if metric else None,
        "dimensions": {each["name"]: each["value"] for each in blocks(metric.get("dimensions"))},
        "returnData": query.get("returnData"),
    }


READERS: Final = (
    ResourceReader(
        type=TARGET,
        service=_SERVICE,
        read=targets,
        key=by("resourceId"),
        fields=(
            protection("minCapacity", number),
            protection("maxCapacity", number),
            protection(_SUSPENDED, plain, default={}),
            setting("scalableDimension"),
            setting("serviceNamespace"),
        ),
        identity=("resourceId",),
    ),
    ResourceReader(
        type=_POLICY,
        service=_SERVICE,
        read=policies,
        key=_policy_key,
        declare=_declared_policy,
        fields=(
            protection("policyType"),
            protection(f"{_TRACKING}.targetValue", number),
            protection(f"{_TRACKING}.predefined", default=None),
            protection(f"{_TRACKING}.metrics", unordered, default=()),
            protection(f"{_TRACKING}.disableScaleIn", default=False),
            *(protection(name, unordered, default=None) for name in _OTHERS),
            setting(f"{_TRACKING}.scaleInCooldown", number),
            setting(f"{_TRACKING}.scaleOutCooldown", number),
            setting("scalableDimension"),
            setting("serviceNamespace"),
        ),
        identity=("resourceId", "name"),
    ),
    ResourceReader(
        type=_SCHEDULED,
        service=_SERVICE,
        read=scheduled_actions,
        key=_policy_key,
        declare=_declared_action,
        fields=(
            protection("schedule"),
            protection("timezone", default=None),
            protection("startTime", _moment, default=None),
            protection("endTime", _moment, default=None),
            protection("minCapacity", number, default=None),
            protection("maxCapacity", number, default=None),
            setting("scalableDimension"),
            setting("serviceNamespace"),
        ),
        identity=("resourceId", "name", "scalableTargetAction"),
    ),
)
