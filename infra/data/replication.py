"""The second copy of a bucket, in another region: losing a region loses no evidence."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.data.s3 import PrivateBucket
from infra.identity.iam_policies import Statement, allow

_REPLICATED = [
    "s3:GetObjectLegalHold",
    "s3:GetObjectRetention",
    "s3:GetObjectVersionAcl",
    "s3:GetObjectVersionForReplication",
    "s3:GetObjectVersionTagging",
]


def replicate(
    context: ComponentContext,
    name: str,
    original: PrivateBucket,
    copy: PrivateBucket,
    parent: pulumi.Resource,
) -> aws.s3.BucketReplicationConfig:
    """Copy every object of `original` to `copy`, by the role `name`, under the replica key.

    What was stored before the rule is not copied. S3 User Guide, "Setting up permissions for live
    replication" and "Replicating encrypted objects".
    """
    role = context.role(
        name, "s3.amazonaws.com", _use(context, original, copy), pulumi.ResourceOptions(parent=parent)
    )
    return aws.s3.BucketReplicationConfig(
        original.purpose,
        bucket=original.bucket,
        role=role.arn,
        rules=[
            {
                "id": "copy",
                "status": "Enabled",
                "priority": 1,
                "filter": {"prefix": ""},
                "delete_marker_replication": {"status": "Disabled"},
                "source_selection_criteria": {"sse_kms_encrypted_objects": {"status": "Enabled"}},
                "destination": {
                    "bucket": copy.arn,
                    "storage_class": "STANDARD_IA",
                    "encryption_configuration": {"replica_kms_key_id": context.keys.replica.arn},
                },
            }
        ],
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[original.versioning, copy.versioning]),
    )


def _use(context: ComponentContext, original: PrivateBucket, copy: PrivateBucket) -> list[Statement]:
    """What S3 needs to copy objects, locked ones too. Those under S3's own key need none of ours."""
    originals, copies = (pulumi.Output.concat(one.arn, "/*") for one in (original, copy))
    return [
        allow("List", ["s3:GetReplicationConfiguration", "s3:ListBucket"], [original.arn]),
        allow("Read", _REPLICATED, [originals]),
        allow("Copy", ["s3:ReplicateObject", "s3:ReplicateTags"], [copies]),
        *([] if original.key is None else [allow("Decrypt", ["kms:Decrypt"], [original.key])]),
        allow("Encrypt", ["kms:Encrypt", "kms:GenerateDataKey"], [context.keys.replica.arn]),
    ]
