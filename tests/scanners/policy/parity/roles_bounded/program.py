"""One side of a pair: `main.tf` says the same in Terraform."""

import json

import pulumi_aws as aws

assume = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
role = aws.iam.Role(
    "authorizer",
    assume_role_policy=json.dumps(assume),
    permissions_boundary="arn:aws:iam::123456789012:policy/b",
)
policy = aws.iam.Policy(
    "read",
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["dynamodb:GetItem"],
                    "Resource": "arn:aws:dynamodb:eu-central-1:123456789012:table/t",
                }
            ],
        }
    ),
)
aws.iam.RolePolicyAttachment("read", role=role.name, policy_arn=policy.arn)
aws.iam.AccountPasswordPolicy(
    "strict",
    minimum_password_length=16,
    require_lowercase_characters=True,
    require_uppercase_characters=True,
    require_numbers=True,
    require_symbols=True,
    password_reuse_prevention=24,
    max_password_age=60,
)
