"""Detection in every region: whoever has an account's credentials is not bound to the regions that we use."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra.environment import Environment

# The regions that are on in every account (AWS Account Management, "Enable or disable AWS Regions").
DEFAULT_REGIONS = (
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)


def watch_elsewhere(
    environment: Environment, regions: tuple[str, ...], hub: pulumi.Resource, opts: pulumi.ResourceOptions
) -> None:
    """GuardDuty and Security Hub in each of `regions`, whose findings come to `hub`, in the stack's own.

    There EventBridge tells people. Where nothing runs both cost next to nothing: no standard is judged, and
    there is no traffic to analyse (Security Hub User Guide, "Understanding cross-Region aggregation").
    """
    hubs = []
    for region in regions:
        name = f"detector-{region}"
        aws.guardduty.Detector(
            name,
            enable=True,
            finding_publishing_frequency="FIFTEEN_MINUTES",
            region=region,
            tags=environment.tags(name),
            opts=opts,
        )
        hubs.append(
            aws.securityhub.Account(
                f"hub-{region}",
                enable_default_standards=False,
                auto_enable_controls=False,
                control_finding_generator="SECURITY_CONTROL",
                region=region,
                opts=opts,
            )
        )
    after = pulumi.ResourceOptions(depends_on=[hub, *hubs])
    aws.securityhub.FindingAggregator(
        "all", linking_mode="ALL_REGIONS", opts=pulumi.ResourceOptions.merge(opts, after)
    )
