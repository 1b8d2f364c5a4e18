"""Settings of the account: contacts, budgets, Inspector, encryption of volumes."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, pairs
from infra.lab.clients import ACCOUNT
from infra.program_run.monitor import Created


def alternate_contact(desired: DesiredResource) -> Created:
    """PutAlternateContact."""
    kind = desired.left["alternateContactType"]
    desired.create("account", "PutAlternateContact")
    return Created(str(kind), {})


def encryption_by_default(desired: DesiredResource) -> Created:
    """EnableEbsEncryptionByDefault."""
    if desired.take("enabled"):
        desired.create("ec2", "EnableEbsEncryptionByDefault")
    return Created(desired.region, {})


def budget(desired: DesiredResource) -> Created:
    """CreateBudget, with who is told."""
    name = desired.physical_name()
    limit = {"Amount": desired.take("limitAmount"), "Unit": desired.take("limitUnit")}
    desired.call(
        "budgets",
        "CreateBudget",
        AccountId=ACCOUNT,
        ResourceTags=pairs(desired.take("tags")),
        Budget={
            "BudgetName": name,
            "BudgetType": desired.take("budgetType"),
            "TimeUnit": desired.take("timeUnit"),
            "BudgetLimit": limit,
        },
        NotificationsWithSubscribers=[
            {
                "Notification": {
                    "NotificationType": told["notificationType"],
                    "ComparisonOperator": told["comparisonOperator"],
                    "Threshold": told["threshold"],
                    "ThresholdType": told["thresholdType"],
                },
                "Subscribers": [
                    {"SubscriptionType": "EMAIL", "Address": email}
                    for email in told["subscriberEmailAddresses"]
                ],
            }
            for told in desired.take("notifications", [])
        ],
    )
    return Created(f"{ACCOUNT}:{name}", {"arn": f"arn:aws:budgets::{ACCOUNT}:budget/{name}"})


def inspector(desired: DesiredResource) -> Created:
    """Enable (Amazon Inspector)."""
    kinds = "-".join(desired.left["resourceTypes"])
    desired.create("inspector2", "Enable")
    return Created(f"{ACCOUNT}-{kinds}", {})


def registry_scanning(desired: DesiredResource) -> Created:
    """PutRegistryScanningConfiguration (Amazon ECR)."""
    desired.create("ecr", "PutRegistryScanningConfiguration")
    return Created(ACCOUNT, {"registryId": ACCOUNT})


def public_access_block(desired: DesiredResource) -> Created:
    """PutPublicAccessBlock (Amazon S3 Control)."""
    block = {"publicAccessBlockConfiguration": {key: desired.take(key) for key in BLOCKS}}
    desired.call("s3control", "PutPublicAccessBlock", block, AccountId=desired.take("accountId", ACCOUNT))
    return Created(ACCOUNT, {})


# What is blocked, in Pulumi's names.
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")

ADAPTERS: dict[str, Adapter] = {
    "aws:account/alternativeContact:AlternativeContact": alternate_contact,
    "aws:budgets/budget:Budget": budget,
    "aws:ebs/encryptionByDefault:EncryptionByDefault": encryption_by_default,
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": registry_scanning,
    "aws:inspector2/enabler:Enabler": inspector,
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": public_access_block,
}
