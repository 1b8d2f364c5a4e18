"""Cases: Trails of AWS CloudTrail with their event selectors."""

from __future__ import annotations

from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import REGION, Account, declare
from tests.scanners.drift.case import Case

TRAILS = "rampart-drift-trails"


def trail_case(account: Account) -> list[Resource]:
    account.s3.create_bucket(Bucket=TRAILS, CreateBucketConfiguration={"LocationConstraint": REGION})
    arn = account.cloudtrail.create_trail(
        Name="audit",
        S3BucketName=TRAILS,
        IsMultiRegionTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
        TagsList=[{"Key": "owner", "Value": "ops"}],
    )["TrailARN"]
    account.cloudtrail.start_logging(Name=arn)
    account.cloudtrail.put_event_selectors(
        TrailName=arn,
        EventSelectors=[
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
            }
        ],
    )
    account.cloudtrail.put_insight_selectors(
        TrailName=arn, InsightSelectors=[{"InsightType": "ApiCallRateInsight"}]
    )
    inputs = {
        "name": "audit",
        "s3BucketName": TRAILS,
        "isMultiRegionTrail": True,
        "includeGlobalServiceEvents": True,
        "enableLogFileValidation": True,
        "enableLogging": True,
        "eventSelectors": [
            {
                "readWriteType": "All",
                "includeManagementEvents": True,
                "dataResources": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}],
            }
        ],
        "insightSelectors": [{"insightType": "ApiCallRateInsight"}],
        "tags": {"owner": "ops"},
    }
    return [declare("aws:cloudtrail/trail:Trail", arn, inputs, arn=arn)]


def another_trail(account: Account) -> str:
    return str(account.cloudtrail.create_trail(Name="other", S3BucketName=TRAILS)["TrailARN"])


def update_trail(**change: Any) -> Any:
    return lambda a, r: a.cloudtrail.update_trail(Name="audit", **change)


def no_data_events(account: Account, resource: Resource) -> object:
    return account.cloudtrail.put_event_selectors(
        TrailName=resource.id,
        EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}],
    )


CASES = {
    "trail": Case(
        trail_case,
        {
            "enableLogging": lambda a, r: a.cloudtrail.stop_logging(Name=r.id),
            "isMultiRegionTrail": update_trail(IsMultiRegionTrail=False),
            "enableLogFileValidation": update_trail(EnableLogFileValidation=False),
            "includeGlobalServiceEvents": update_trail(IncludeGlobalServiceEvents=False),
            "snsTopicName": update_trail(SnsTopicName="elsewhere"),
            "eventSelectors": no_data_events,
            "insightSelectors": lambda a, r: a.cloudtrail.put_insight_selectors(
                TrailName=r.id, InsightSelectors=[{"InsightType": "ApiErrorRateInsight"}]
            ),
            "tags": lambda a, r: a.cloudtrail.remove_tags(
                ResourceId=r.id, TagsList=[{"Key": "owner", "Value": "ops"}]
            ),
        },
        lambda a, r: a.cloudtrail.delete_trail(Name="audit"),
        another_trail,
    ),
}
