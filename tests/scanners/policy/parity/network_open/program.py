"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16")
aws.ec2.Subnet("edge", vpc_id=vpc.id, cidr_block="10.0.1.0/24", map_public_ip_on_launch=True)
aws.ec2.NetworkAcl(
    "loose",
    vpc_id=vpc.id,
    ingress=[
        {
            "rule_no": 100,
            "action": "allow",
            "protocol": "-1",
            "from_port": 0,
            "to_port": 0,
            "cidr_block": "0.0.0.0/0",
        }
    ],
)
aws.ec2.NetworkAclRule(
    "ssh",
    network_acl_id="acl-0123456789abcdef0",
    rule_number=100,
    rule_action="allow",
    protocol="tcp",
    from_port=22,
    to_port=22,
    cidr_block="0.0.0.0/0",
)
aws.ec2.Eip("idle", domain="vpc")
