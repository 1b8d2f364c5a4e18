"""The sample's account: its defaults, contacts, budget and scans."""

from __future__ import annotations

from scanners.policy.samples.sample_stack import aws, stack

ACCOUNT = stack(
    aws("ec2/vpc:Vpc", "vpc-1", cidrBlock="10.40.0.0/16"),
    aws(
        "s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        "public-block",
        blockPublicAcls=True,
        blockPublicPolicy=True,
        ignorePublicAcls=True,
        restrictPublicBuckets=True,
    ),
    aws("ebs/encryptionByDefault:EncryptionByDefault", "volumes", enabled=True),
    aws(
        "iam/accountPasswordPolicy:AccountPasswordPolicy",
        "passwords",
        minimumPasswordLength=14,
        passwordReusePrevention=24,
        requireLowercaseCharacters=True,
        requireUppercaseCharacters=True,
        requireNumbers=True,
        requireSymbols=True,
    ),
    aws("account/alternativeContact:AlternativeContact", "contact", alternateContactType="SECURITY"),
    aws(
        "budgets/budget:Budget",
        "month",
        notifications=[{"subscriberEmailAddresses": ["security@ocpi.example"]}],
    ),
    aws("inspector2/enabler:Enabler", "inspector", resourceTypes=["ECR", "LAMBDA"]),
    aws(
        "ecr/registryScanningConfiguration:RegistryScanningConfiguration",
        "scans",
        scanType="ENHANCED",
        rules=[{"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": [{"filter": "*"}]}],
    ),
)
