"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

group = aws.ec2.SecurityGroup("host", description="host", vpc_id="vpc-0123456789abcdef0")
aws.ec2.Instance(
    "good",
    ami="ami-0123456789abcdef0",
    instance_type="m5.large",
    associate_public_ip_address=False,
    ebs_optimized=True,
    monitoring=True,
    iam_instance_profile="profile",
    vpc_security_group_ids=[group.id],
    metadata_options={"http_endpoint": "enabled", "http_tokens": "required"},
    root_block_device={"encrypted": True},
)
aws.ec2.Instance(
    "loose",
    ami="ami-0123456789abcdef0",
    instance_type="m5.large",
    associate_public_ip_address=True,
    user_data="export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    metadata_options={"http_tokens": "optional"},
)
aws.ebs.Volume(
    "good",
    availability_zone="eu-central-1a",
    size=1,
    encrypted=True,
    kms_key_id="arn:aws:kms:eu-central-1:123456789012:key/k",
)
aws.ebs.Volume("loose", availability_zone="eu-central-1a", size=1)
aws.ec2.LaunchTemplate(
    "loose",
    image_id="ami-0123456789abcdef0",
    network_interfaces=[{"associate_public_ip_address": "true"}],
    metadata_options={"http_put_response_hop_limit": 3},
)
aws.autoscaling.Group("loose", max_size=1, min_size=1, launch_template={"id": "lt-0123456789abcdef0"})
aws.ebs.EncryptionByDefault("off", enabled=False)
