"""Cases: Parameters of Systems Manager Parameter Store without their values."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case
from tests.scanners.drift.kms_cases import key_case


def parameter_case(account: Account) -> list[Resource]:
    key = key_case(account)[0]
    account.ssm.put_parameter(
        Name="/rampart/partner", Type="SecureString", Value="secret", KeyId=key.id, Description="Usage key"
    )
    inputs = {
        "name": "/rampart/partner",
        "type": "SecureString",
        "keyId": key.id,
        "description": "Usage key",
    }
    return [declare("aws:ssm/parameter:Parameter", "/rampart/partner", inputs), key]


def other_key(account: Account, resource: Resource) -> object:
    return account.ssm.put_parameter(
        Name=resource.id, Type="SecureString", Value="secret", KeyId="alias/aws/ssm", Overwrite=True
    )


CASES = {
    "parameter": Case(
        parameter_case,
        {"keyId": other_key},
        lambda a, r: a.ssm.delete_parameter(Name=r.id),
        lambda a: a.ssm.put_parameter(Name="/more", Type="String", Value="x") and "/more",
    ),
}
