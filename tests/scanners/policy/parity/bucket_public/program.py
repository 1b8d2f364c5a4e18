"""One side of a pair: `main.tf` says the same in Terraform."""

import json

import pulumi_aws as aws

bucket = aws.s3.Bucket("site")
aws.s3.BucketAcl("site", bucket=bucket.id, acl="public-read-write")
aws.s3.BucketPublicAccessBlock(
    "site", bucket=bucket.id, block_public_acls=False, restrict_public_buckets=False
)
aws.s3.BucketPolicy(
    "site",
    bucket=bucket.id,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}],
        }
    ),
)
aws.s3.BucketVersioning("site", bucket=bucket.id, versioning_configuration={"status": "Suspended"})
aws.s3.Bucket("old", acl="public-read", versioning={"enabled": False})
