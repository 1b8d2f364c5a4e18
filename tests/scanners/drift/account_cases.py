"""Cases: settings of the account."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, Account, declare
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


BUDGET = {"BudgetName": "month", "BudgetType": "COST", "TimeUnit": "MONTHLY"}


def budget_case(account: Account) -> list[Resource]:
    limit = {"Amount": "600", "Unit": "USD"}
    account.budgets.create_budget(AccountId=ACCOUNT, Budget={**BUDGET, "BudgetLimit": limit})
    inputs = {
        "name": "month",
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitAmount": "600",
        "limitUnit": "USD",
    }
    return [declare("aws:budgets/budget:Budget", f"{ACCOUNT}:month", inputs)]


def delete_budget(account: Account, _: Resource | None = None) -> object:
    return account.budgets.delete_budget(AccountId=ACCOUNT, BudgetName="month")


def make_it_dear(account: Account, _: Resource) -> object:
    delete_budget(account)
    limit = {"Amount": "60000", "Unit": "USD"}
    return account.budgets.create_budget(AccountId=ACCOUNT, Budget={**BUDGET, "BudgetLimit": limit})


def second_budget(account: Account) -> str:
    limit = {"Amount": "1", "Unit": "USD"}
    budget = {**BUDGET, "BudgetName": "second", "BudgetLimit": limit}
    account.budgets.create_budget(AccountId=ACCOUNT, Budget=budget)
    return "second"


PASSWORDS = {
    "minimumPasswordLength": 14,
    "requireLowercaseCharacters": True,
    "requireUppercaseCharacters": True,
    "requireNumbers": True,
    "requireSymbols": True,
    "allowUsersToChangePassword": True,
    "passwordReusePrevention": 24,
    "maxPasswordAge": 90,
}


def put_passwords(account: Account, **change: object) -> object:
    values = {f"{name[0].upper()}{name[1:]}": value for name, value in (PASSWORDS | change).items()}
    return account.iam.update_account_password_policy(**values)


def passwords_case(account: Account) -> list[Resource]:
    put_passwords(account)
    return [declare("aws:iam/accountPasswordPolicy:AccountPasswordPolicy", "iam-policy", PASSWORDS)]


SCANS = {
    "scanType": "ENHANCED",
    "rules": [
        {
            "scanFrequency": "CONTINUOUS_SCAN",
            "repositoryFilters": [{"filter": "*", "filterType": "WILDCARD"}],
        }
    ],
}


def scans_case(account: Account) -> list[Resource]:
    account.ecr.put_registry_scanning_configuration(**SCANS)
    return [declare("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration", ACCOUNT, SCANS)]


def disable(account: Account, *kinds: str) -> object:
    return account.inspector2.disable(accountIds=[ACCOUNT], resourceTypes=list(kinds))


def inspector_case(account: Account) -> list[Resource]:
    account.inspector2.enable(accountIds=[ACCOUNT], resourceTypes=["ECR", "LAMBDA"])
    inputs = {"accountIds": [ACCOUNT], "resourceTypes": ["ECR", "LAMBDA"]}
    return [declare("aws:inspector2/enabler:Enabler", f"{ACCOUNT}-ECR-LAMBDA", inputs)]


BLOCKS = {
    "blockPublicAcls": True,
    "blockPublicPolicy": True,
    "ignorePublicAcls": True,
    "restrictPublicBuckets": True,
}


def put_blocks(account: Account, **change: bool) -> object:
    values = {f"{name[0].upper()}{name[1:]}": value for name, value in (BLOCKS | change).items()}
    return account.s3control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=values)


def blocks_case(account: Account) -> list[Resource]:
    put_blocks(account)
    kind = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
    return [declare(kind, ACCOUNT, {"accountId": ACCOUNT, **BLOCKS})]


CASES = {
    "public access": Case(
        blocks_case,
        {
            "blockPublicPolicy": lambda a, _: put_blocks(a, blockPublicPolicy=False),
            "restrictPublicBuckets": lambda a, _: put_blocks(a, restrictPublicBuckets=False),
        },
        lambda a, _: a.s3control.delete_public_access_block(AccountId=ACCOUNT),
    ),
    "security contact": Case(
        contact_case,
        {"phoneNumber": lambda a, _: put_contact(a, PhoneNumber="+31209999999")},
        lambda a, _: a.account.delete_alternate_contact(AlternateContactType="SECURITY"),
    ),
    "encryption of volumes": Case(
        volumes_case, {"enabled": lambda a, _: a.ec2.disable_ebs_encryption_by_default()}
    ),
    "budget": Case(budget_case, {"limitAmount": make_it_dear}, delete_budget, second_budget),
    "passwords": Case(
        passwords_case,
        {
            "minimumPasswordLength": lambda a, _: put_passwords(a, minimumPasswordLength=8),
            "requireSymbols": lambda a, _: put_passwords(a, requireSymbols=False),
        },
        lambda a, _: a.iam.delete_account_password_policy(),
    ),
    "scans of the registry": Case(
        scans_case,
        {"rules": lambda a, _: a.ecr.put_registry_scanning_configuration(scanType="ENHANCED", rules=[])},
    ),
    "inspector": Case(
        inspector_case,
        {"resourceTypes": lambda a, _: disable(a, "LAMBDA")},
        lambda a, _: disable(a, "ECR", "LAMBDA"),
    ),
}
