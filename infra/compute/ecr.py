"""ECR repositories: tags cannot be moved, every push is scanned."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext


def repository(context: ComponentContext, image: str, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """Declare the repository of `image`, under our data key, and return its ARN.

    Amazon ECR User Guide, "Preventing image tags from being overwritten". Tasks name digests anyway.
    """
    return aws.ecr.Repository(
        image,
        name=context.environment.name(image),
        image_tag_mutability="IMMUTABLE",
        image_scanning_configuration={"scan_on_push": True},
        encryption_configurations=[{"encryption_type": "KMS", "kms_key": context.keys.data.arn}],
        force_delete=False,
        tags=context.environment.tags(image),
        opts=opts,
    ).arn
