"""One side of a pair: `main.tf` says the same in Terraform."""

import json

import pulumi
import pulumi_aws as aws

key = aws.kms.Key(
    "tokens",
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
secret = aws.secretsmanager.Secret("partner", kms_key_id=key.arn)
aws.secretsmanager.SecretRotation(
    "partner",
    secret_id=secret.id,
    rotation_lambda_arn="arn:aws:lambda:eu-central-1:123456789012:function:r",
    rotation_rules={"automatically_after_days": 30},
)
aws.ssm.Parameter("pepper", type="SecureString", key_id=key.arn, value=pulumi.Output.secret("x"))
