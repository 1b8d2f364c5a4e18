"""Cases: query logs of Route 53 Resolver."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.case import Case
from tests.scanners.drift.vpc_cases import vpc

DESTINATION = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:queries"


def create_log(account: Account, name: str) -> str:
    made = account.route53resolver.create_resolver_query_log_config(
        Name=name, DestinationArn=DESTINATION, CreatorRequestId=name
    )
    return str(made["ResolverQueryLogConfig"]["Id"])


def log_network(account: Account, log: str, network: str) -> object:
    return account.route53resolver.associate_resolver_query_log_config(
        ResolverQueryLogConfigId=log, ResourceId=network
    )


def query_log_case(account: Account) -> list[Resource]:
    network = vpc(account)
    id_ = create_log(account, "queries")
    log_network(account, id_, network.id)
    return [
        declare(
            "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig",
            id_,
            {"name": "queries", "destinationArn": DESTINATION},
        ),
        declare(
            "aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation",
            "association",
            {"resolverQueryLogConfigId": id_, "resourceId": network.id},
        ),
        network,
    ]


CASES = {
    "query log": Case(
        query_log_case,
        {"logged": lambda a, r: log_network(a, r.id, vpc(a).id)},
        add=lambda a: create_log(a, "more"),
    ),
}
