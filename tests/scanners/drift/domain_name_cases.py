"""Cases: API Gateway's custom domain names."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.api_stages_cases import staged_api
from tests.scanners.drift.case import Case

POLICY = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"


def domain_case(account: Account) -> list[Resource]:
    arn = account.acm.request_certificate(DomainName="ocpi.example.com", ValidationMethod="DNS")[
        "CertificateArn"
    ]
    id_ = staged_api(account)
    account.apigateway.create_deployment(restApiId=id_, stageName="ocpi")
    account.apigateway.create_domain_name(
        domainName="ocpi.example.com",
        regionalCertificateArn=arn,
        endpointConfiguration={"types": ["REGIONAL"]},
        securityPolicy=POLICY,
        tags={"owner": "ops"},
    )
    account.apigateway.create_base_path_mapping(domainName="ocpi.example.com", restApiId=id_, stage="ocpi")
    inputs = {
        "domainName": "ocpi.example.com",
        "regionalCertificateArn": arn,
        "endpointConfiguration": {"types": "REGIONAL"},
        "securityPolicy": POLICY,
        "tags": {"owner": "ops"},
    }
    mapping = {"domainName": "ocpi.example.com", "restApi": id_, "stageName": "ocpi"}
    return [
        declare("aws:apigateway/domainName:DomainName", "ocpi.example.com", inputs),
        declare("aws:apigateway/basePathMapping:BasePathMapping", "ocpi.example.com/", mapping),
    ]


def lower_policy(account: Account, resource: Resource) -> object:
    """The emulator cannot update a domain, so it is made anew."""
    account.apigateway.delete_domain_name(domainName=resource.id)
    return account.apigateway.create_domain_name(
        domainName=resource.id,
        regionalCertificateArn=resource.inputs["regionalCertificateArn"],
        endpointConfiguration={"types": ["REGIONAL"]},
        securityPolicy="TLS_1_0",
        tags={"owner": "ops"},
    )


def map_more(account: Account, resource: Resource) -> object:
    id_ = staged_api(account)
    account.apigateway.create_deployment(restApiId=id_, stageName="old")
    return account.apigateway.create_base_path_mapping(
        domainName=resource.id, basePath="old", restApiId=id_, stage="old"
    )


def another_domain(account: Account) -> str:
    account.apigateway.create_domain_name(domainName="old.example.com", certificateArn="arn:aws:acm:x:1:c/1")
    id_ = staged_api(account)
    account.apigateway.create_deployment(restApiId=id_, stageName="old")
    account.apigateway.create_base_path_mapping(domainName="old.example.com", restApiId=id_, stage="old")
    return "old.example.com"


CASES = {
    "domain name": Case(
        domain_case,
        {"securityPolicy": lower_policy, "mappings": map_more},
        lambda a, r: a.apigateway.delete_domain_name(domainName=r.id),
        another_domain,
    ),
}
