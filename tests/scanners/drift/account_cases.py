"""Cases: settings of the account."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case

CONTACT = {"EmailAddress": "a@example.com", "Name": "On call", "PhoneNumber": "+31201234567", "Title": "Duty"}


def put_contact(account: Account, **change: str) -> object:
    values = {**CONTACT, **change}
    return account.account.put_alternate_contact(AlternateContactType="SECURITY", **values)


def contact_case(account: Account) -> list[Resource]:
    put_contact(account)
    inputs = {f"{name[0].lower()}{name[1:]}": value for name, value in CONTACT.items()}
    inputs["alternateContactType"] = "SECURITY"
    return [declare("aws:account/alternativeContact:AlternativeContact", "SECURITY", inputs)]


def volumes_case(account: Account) -> list[Resource]:
    account.ec2.enable_ebs_encryption_by_default()
    return [declare("aws:ebs/encryptionByDefault:EncryptionByDefault", "volumes", {"enabled": True})]


CASES = {
    "security contact": Case(
        contact_case,
        {"phoneNumber": lambda a, _: put_contact(a, PhoneNumber="+31209999999")},
        lambda a, _: a.account.delete_alternate_contact(AlternateContactType="SECURITY"),
    ),
    "encryption of volumes": Case(
        volumes_case, {"enabled": lambda a, _: a.ec2.disable_ebs_encryption_by_default()}
    ),
}
