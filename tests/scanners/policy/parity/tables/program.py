"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

key = aws.kms.Key("tables", enable_key_rotation=True)
aws.dynamodb.Table(
    "digests",
    hash_key="digest",
    billing_mode="PAY_PER_REQUEST",
    deletion_protection_enabled=True,
    attributes=[{"name": "digest", "type": "S"}],
    point_in_time_recovery={"enabled": True},
    server_side_encryption={"enabled": True, "kms_key_arn": key.arn},
    ttl={"enabled": True, "attribute_name": "expires"},
)
aws.dynamodb.Table(
    "loose", hash_key="id", read_capacity=1, write_capacity=1, attributes=[{"name": "id", "type": "S"}]
)
