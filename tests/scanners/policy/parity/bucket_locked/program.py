"""One side of a pair: `main.tf` says the same in Terraform."""

import json

import pulumi_aws as aws

key = aws.kms.Key(
    "logs",
    enable_key_rotation=True,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        }
    ),
)
bucket = aws.s3.Bucket("logs", object_lock_enabled=True)
aws.s3.BucketVersioning("logs", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
aws.s3.BucketServerSideEncryptionConfiguration(
    "logs",
    bucket=bucket.id,
    rules=[
        {
            "apply_server_side_encryption_by_default": {
                "sse_algorithm": "aws:kms",
                "kms_master_key_id": key.arn,
            }
        }
    ],
)
aws.s3.BucketPublicAccessBlock(
    "logs",
    bucket=bucket.id,
    block_public_acls=True,
    block_public_policy=True,
    ignore_public_acls=True,
    restrict_public_buckets=True,
)
aws.s3.BucketLogging("logs", bucket=bucket.id, target_bucket="access-logs", target_prefix="logs/")
aws.s3.BucketLifecycleConfiguration(
    "logs",
    bucket=bucket.id,
    rules=[
        {
            "id": "old",
            "status": "Enabled",
            "expiration": {"days": 400},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
        }
    ],
)
aws.s3.BucketNotification("logs", bucket=bucket.id, eventbridge=True)
aws.s3.BucketPolicy(
    "logs",
    bucket=bucket.id,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": {"AWS": "*"},
                    "Action": "s3:*",
                    "Resource": "*",
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }
    ),
)
