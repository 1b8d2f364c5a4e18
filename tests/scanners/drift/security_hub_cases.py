"""Cases: Security Hub and its standards."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, Account, declare
from tests.scanners.drift.case import Case


def hub_case(account: Account) -> list[Resource]:
    account.securityhub.enable_security_hub(EnableDefaultStandards=False)
    return [declare("aws:securityhub/account:Account", ACCOUNT, {"enableDefaultStandards": False})]


CASES = {
    "security hub": Case(hub_case, {}, lambda a, r: a.securityhub.disable_security_hub()),
}
