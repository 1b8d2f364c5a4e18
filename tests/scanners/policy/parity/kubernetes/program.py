"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

aws.eks.Cluster(
    "good",
    role_arn="arn:aws:iam::123456789012:role/eks",
    version="1.33",
    enabled_cluster_log_types=["api", "audit", "authenticator", "controllerManager", "scheduler"],
    vpc_config={
        "subnet_ids": ["subnet-0123456789abcdef0"],
        "endpoint_public_access": False,
        "endpoint_private_access": True,
    },
    encryption_config={
        "resources": ["secrets"],
        "provider": {"key_arn": "arn:aws:kms:eu-central-1:123456789012:key/k"},
    },
)
aws.eks.Cluster(
    "loose",
    role_arn="arn:aws:iam::123456789012:role/eks",
    version="1.20",
    vpc_config={
        "subnet_ids": ["subnet-0123456789abcdef0"],
        "endpoint_public_access": True,
        "public_access_cidrs": ["0.0.0.0/0"],
    },
)
aws.eks.NodeGroup(
    "nodes",
    cluster_name="good",
    node_role_arn="arn:aws:iam::123456789012:role/n",
    subnet_ids=["subnet-0123456789abcdef0"],
    scaling_config={"desired_size": 1, "max_size": 1, "min_size": 1},
    remote_access={"ec2_ssh_key": "k"},
)
