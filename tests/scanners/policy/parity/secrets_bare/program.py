"""One side of a pair: `main.tf` says the same in Terraform."""

import json

import pulumi_aws as aws

aws.kms.Key(
    "tokens",
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}],
        }
    ),
)
secret = aws.secretsmanager.Secret("partner")
aws.secretsmanager.SecretRotation("slow", secret_id="other", rotation_rules={"automatically_after_days": 365})
aws.secretsmanager.SecretPolicy(
    "open",
    secret_arn=secret.arn,
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"}
            ],
        }
    ),
)
aws.ssm.Parameter("plain", type="String", value="x")
