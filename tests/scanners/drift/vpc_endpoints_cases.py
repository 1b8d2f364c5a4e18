"""Cases: VPC endpoints."""

from __future__ import annotations

import json

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case
from tests.scanners.drift.security_groups_cases import group
from tests.scanners.drift.vpc_cases import subnet, tag, vpc

ALLOW_ALL = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
)


READ_ONLY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["s3:GetObject"], "Resource": ["*"]}
        ],
    }
)


def endpoint_case(account: Account) -> list[Resource]:
    network = vpc(account)
    inside = subnet(account, network)
    guard = group(account, network)
    service = "com.amazonaws.eu-central-1.secretsmanager"
    made = account.ec2.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=network.id,
        ServiceName=service,
        SubnetIds=[inside.id],
        SecurityGroupIds=[guard.id],
        PolicyDocument=READ_ONLY,
        PrivateDnsEnabled=True,
    )
    inputs = {
        "vpcId": network.id,
        "vpcEndpointType": "Interface",
        "serviceName": service,
        "subnetIds": [inside.id],
        "securityGroupIds": [guard.id],
        "policy": READ_ONLY,
        "privateDnsEnabled": True,
    }
    id_ = made["VpcEndpoint"]["VpcEndpointId"]
    return [declare("aws:ec2/vpcEndpoint:VpcEndpoint", id_, inputs), guard, inside, network]


CASES = {
    "vpc endpoint": Case(
        endpoint_case,
        {
            "policy": lambda a, r: a.ec2.modify_vpc_endpoint(VpcEndpointId=r.id, PolicyDocument=ALLOW_ALL),
            "tags": tag,
        },
        lambda a, r: a.ec2.delete_vpc_endpoints(VpcEndpointIds=[r.id]),
    ),
}
