"""AWS CloudTrail."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource
from infra.program_run.monitor import Created


def trail(desired: DesiredResource) -> Created:
    """CreateTrail, its selectors, and StartLogging: AWS creates a trail that does not log."""
    name = desired.physical_name()
    logging = desired.take("enableLogging", True)
    selectors = desired.pick("eventSelectors", "advancedEventSelectors")
    insights = desired.take("insightSelectors")
    tags = desired.take("tags", {})
    arn = desired.create(
        "cloudtrail",
        "CreateTrail",
        {
            "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
        },
        Name=name,
        TagsList=[{"Key": key, "Value": value} for key, value in sorted(tags.items())],
    )["TrailARN"]
    if selectors:
        desired.call(
            "cloudtrail",
            "PutEventSelectors",
            selectors,
            {"fieldSelectors": "FieldSelectors", "values": "Values"},
            TrailName=name,
        )
    if insights:
        desired.call("cloudtrail", "PutInsightSelectors", {"insightSelectors": insights}, TrailName=name)
    if logging:
        desired.call("cloudtrail", "StartLogging", Name=name)
    return Created(arn, {"name": name, "arn": arn, "homeRegion": desired.region})


ADAPTERS: dict[str, Adapter] = {
    "aws:cloudtrail/trail:Trail": trail,
}
