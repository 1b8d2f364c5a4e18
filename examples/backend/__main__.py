"""A small charging back end on AWS, as many a program declares one: some of it is safe, some is not.

production.json and test.json beside this folder are its two stacks, in the form of `pulumi stack export`.
"""

import pulumi
import pulumi_aws as aws

environment = pulumi.get_stack()
network = {"production": "10.60", "test": "10.61"}[environment]
tags = {"rampart:environment": environment}

vpc = aws.ec2.Vpc("backend", cidr_block=f"{network}.0.0/16", tags=tags)
aws.ec2.Subnet("service", vpc_id=vpc.id, cidr_block=f"{network}.1.0/24", tags=tags)
open_group = aws.ec2.SecurityGroup("service", vpc_id=vpc.id, description="The OCPI service", tags=tags)
aws.vpc.SecurityGroupIngressRule(
    "anyone",
    security_group_id=open_group.id,
    cidr_ipv4="0.0.0.0/0",
    ip_protocol="tcp",
    from_port=443,
    to_port=443,
)
key = aws.kms.Key(
    "cdrs", description="Encrypts the CDRs", enable_key_rotation=True, deletion_window_in_days=30, tags=tags
)
aws.dynamodb.Table(
    "cdrs",
    name=f"{environment}-cdrs",
    billing_mode="PAY_PER_REQUEST",
    hash_key="id",
    attributes=[{"name": "id", "type": "S"}],
    server_side_encryption={"enabled": True, "kms_key_arn": key.arn},
    tags=tags,
)
aws.s3.Bucket("exports", bucket=f"{environment}-cdr-exports", tags=tags)
