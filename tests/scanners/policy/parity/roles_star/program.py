"""One side of a pair: `main.tf` says the same in Terraform."""

import json

import pulumi_aws as aws

aws.iam.Role(
    "anyone",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
        }
    ),
)
aws.iam.Policy(
    "star",
    policy=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    ),
)
aws.iam.Policy(
    "pass",
    policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": [
                        "iam:PassRole",
                        "ec2:RunInstances",
                        "s3:GetObject",
                        "secretsmanager:GetSecretValue",
                    ],
                    "Resource": "*",
                }
            ],
        }
    ),
)
user = aws.iam.User("robot")
aws.iam.UserPolicy(
    "robot",
    user=user.name,
    policy=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    ),
)
aws.iam.UserPolicyAttachment(
    "admin", user=user.name, policy_arn="arn:aws:iam::aws:policy/AdministratorAccess"
)
aws.iam.Group("empty")
aws.iam.AccountPasswordPolicy("weak", minimum_password_length=6)
