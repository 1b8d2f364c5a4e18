"""Application Auto Scaling."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, Row, table

_SERVICE = "application-autoscaling"

# A dimension of a metric has a name too, and that one is called so by AWS.
_DIMENSION = (
    "targetTrackingScalingPolicyConfiguration.customizedMetricSpecification.metrics.metricStat.metric"
    ".dimensions.name"
)

ADAPTERS: dict[str, Adapter] = table(
    [
        Row(
            type="aws:appautoscaling/target:Target",
            service=_SERVICE,
            operation="RegisterScalableTarget",
            id="=resourceId",
            outputs={"arn": "ScalableTargetARN"},
        ),
        Row(
            type="aws:appautoscaling/policy:Policy",
            service=_SERVICE,
            operation="PutScalingPolicy",
            named="name",
            renames={"name": "PolicyName", _DIMENSION: "Name"},
            id="=name",
            outputs={"arn": "PolicyARN"},
        ),
    ]
)
