"""Cases: API Gateway's VPC links of REST APIs."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.case import Case


def link_case(account: Account) -> list[Resource]:
    target = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/net/guard/0123456789abcdef"
    id_ = account.apigateway.create_vpc_link(name="guard", targetArns=[target])["id"]
    return [declare("aws:apigateway/vpcLink:VpcLink", id_, {"name": "guard", "targetArn": target})]


CASES = {
    "vpc link": Case(link_case, {}, lambda a, r: a.apigateway.delete_vpc_link(vpcLinkId=r.id)),
}
