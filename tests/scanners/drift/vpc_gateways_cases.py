"""Cases: Amazon VPC: NAT gateways, Elastic IP addresses and flow logs."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case
from tests.scanners.drift.vpc_cases import subnet, tag, vpc


def nat_case(account: Account) -> list[Resource]:
    network = vpc(account)
    inside = subnet(account, network)
    address = account.ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = account.ec2.create_nat_gateway(SubnetId=inside.id, AllocationId=address, ConnectivityType="public")
    id_ = made["NatGateway"]["NatGatewayId"]
    return [
        declare("aws:ec2/natGateway:NatGateway", id_, {"subnetId": inside.id, "allocationId": address}),
        declare("aws:ec2/eip:Eip", address, {"domain": "vpc"}),
        inside,
        network,
    ]


def flow_log_case(account: Account) -> list[Resource]:
    network = vpc(account)
    bucket = "arn:aws:s3:::flow-logs-of-tests"
    account.s3.create_bucket(
        Bucket="flow-logs-of-tests", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    made = account.ec2.create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[network.id],
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination=bucket,
        MaxAggregationInterval=60,
    )
    inputs = {
        "vpcId": network.id,
        "trafficType": "ALL",
        "logDestinationType": "s3",
        "logDestination": bucket,
        "maxAggregationInterval": 60,
    }
    return [declare("aws:ec2/flowLog:FlowLog", made["FlowLogIds"][0], inputs), network]


CASES = {
    "nat gateway": Case(nat_case, {"tags": tag}, lambda a, r: a.ec2.delete_nat_gateway(NatGatewayId=r.id)),
    "flow log": Case(flow_log_case, {"tags": tag}, lambda a, r: a.ec2.delete_flow_logs(FlowLogIds=[r.id])),
}
