"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi_aws as aws

vpc = aws.ec2.Vpc("main", cidr_block="10.0.0.0/16", enable_dns_support=True)
aws.ec2.DefaultSecurityGroup("default", vpc_id=vpc.id)
logs = aws.cloudwatch.LogGroup(
    "flow", retention_in_days=400, kms_key_id="arn:aws:kms:eu-central-1:123456789012:key/k"
)
aws.ec2.FlowLog("flow", vpc_id=vpc.id, traffic_type="ALL", log_destination=logs.arn)
subnet = aws.ec2.Subnet("data", vpc_id=vpc.id, cidr_block="10.0.1.0/24", map_public_ip_on_launch=False)
aws.ec2.NetworkAcl(
    "data",
    vpc_id=vpc.id,
    subnet_ids=[subnet.id],
    ingress=[
        {
            "rule_no": 100,
            "action": "allow",
            "protocol": "tcp",
            "from_port": 443,
            "to_port": 443,
            "cidr_block": "10.0.0.0/16",
        }
    ],
    egress=[
        {
            "rule_no": 100,
            "action": "allow",
            "protocol": "tcp",
            "from_port": 443,
            "to_port": 443,
            "cidr_block": "10.0.0.0/16",
        }
    ],
)
