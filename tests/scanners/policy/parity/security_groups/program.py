"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")
edge = aws.ec2.SecurityGroup(
    "edge",
    vpc_id=vpc.id,
    description="edge tier",
    ingress=[
        {
            "description": "tls",
            "protocol": "tcp",
            "from_port": 443,
            "to_port": 443,
            "cidr_blocks": ["10.0.0.0/8"],
        }
    ],
    egress=[
        {
            "description": "guard",
            "protocol": "tcp",
            "from_port": 8443,
            "to_port": 8443,
            "cidr_blocks": ["10.0.2.0/24"],
        }
    ],
)
aws.ec2.SecurityGroup(
    "open",
    vpc_id=vpc.id,
    ingress=[
        {"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ["0.0.0.0/0"]},
        {"protocol": "tcp", "from_port": 3389, "to_port": 3389, "ipv6_cidr_blocks": ["::/0"]},
    ],
    egress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}],
)
aws.vpc.SecurityGroupIngressRule(
    "web", security_group_id=edge.id, ip_protocol="tcp", from_port=80, to_port=80, cidr_ipv4="0.0.0.0/0"
)
aws.vpc.SecurityGroupEgressRule(
    "out", security_group_id=edge.id, ip_protocol="-1", cidr_ipv4="0.0.0.0/0", description="all"
)
aws.ec2.NetworkInterface("eni", subnet_id="subnet-0123456789abcdef0", security_groups=[edge.id])
