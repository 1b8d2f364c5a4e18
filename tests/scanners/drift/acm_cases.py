"""Cases: Certificates of AWS Certificate Manager."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case


def certificate_case(account: Account) -> list[Resource]:
    arn = account.acm.request_certificate(
        DomainName="ocpi.example.com",
        ValidationMethod="DNS",
        SubjectAlternativeNames=["ocpi.example.com", "www.example.com"],
        Tags=[{"Key": "owner", "Value": "ops"}],
    )["CertificateArn"]
    inputs = {
        "domainName": "ocpi.example.com",
        "validationMethod": "DNS",
        "subjectAlternativeNames": ["www.example.com"],
        "tags": {"owner": "ops"},
    }
    return [declare("aws:acm/certificate:Certificate", arn, inputs, arn=arn)]


CASES = {
    "certificate": Case(
        certificate_case,
        {
            "tags": lambda a, r: a.acm.remove_tags_from_certificate(
                CertificateArn=r.id, Tags=[{"Key": "owner", "Value": "ops"}]
            )
        },
        lambda a, r: a.acm.delete_certificate(CertificateArn=r.id),
        lambda a: a.acm.request_certificate(DomainName="more.example.com")["CertificateArn"],
    ),
}
