"""Settings of the account: contacts, budgets, passwords, volumes, scans (each API's reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import exposure, protection, setting
from scanners.drift.normalize import number, unordered
from scanners.drift.records import Live, ResourceReader
from scanners.policy.stack import Resource

_PUBLIC_ACCESS: Final = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
_BLOCKS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_SCANS: Final = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
# Properties of the password policy; AWS has the same names with a capital.
_PASSWORDS: Final = (
    "minimumPasswordLength",
    "requireLowercaseCharacters",
    "requireUppercaseCharacters",
    "requireNumbers",
    "requireSymbols",
    "allowUsersToChangePassword",
    "passwordReusePrevention",
    "maxPasswordAge",
)


def contacts(view: View) -> Iterator[Live]:
    """Alternate contacts (GetAlternateContact)."""
    none = ("ResourceNotFoundException",)
    for kind in ("BILLING", "OPERATIONS", "SECURITY"):
        answer = view.ask("account", "get_alternate_contact", absent=none, AlternateContactType=kind)
        found = (answer or {}).get("AlternateContact")
        if found:
            facts = {
                "emailAddress": found.get("EmailAddress"),
                "phoneNumber": found.get("PhoneNumber"),
                "name": found.get("Name"),
                "title": found.get("Title"),
            }
            yield Live("aws:account/alternativeContact:AlternativeContact", kind, facts, view.region)


def volumes(view: View) -> Iterator[Live]:
    """Whether new volumes are encrypted (GetEbsEncryptionByDefault)."""
    on = view.ask("ec2", "get_ebs_encryption_by_default")["EbsEncryptionByDefault"]
    yield Live("aws:ebs/encryptionByDefault:EncryptionByDefault", "volumes", {"enabled": on}, view.region)


def budgets(view: View) -> Iterator[Live]:
    """Budgets of cost (DescribeBudgets)."""
    for found in view.pages("budgets", "describe_budgets", "Budgets", AccountId=view.account()):
        limit = found.get("BudgetLimit") or {}
        facts = {
            "limitAmount": limit.get("Amount"),
            "limitUnit": limit.get("Unit"),
            "timeUnit": found.get("TimeUnit"),
            "budgetType": found.get("BudgetType"),
            "notifications": partial(_costs, view, found["BudgetName"]),
            f"notifications.{_WHO[0]}": partial(_subscribers, view, found["BudgetName"]),
        }
        yield Live("aws:budgets/budget:Budget", found["BudgetName"], facts)


def _notifications(view: View, budget: str) -> list[Mapping[str, Any]]:
    of: dict[str, Any] = {"AccountId": view.account(), "BudgetName": budget}
    listed = view.pages("budgets", "describe_notifications_for_budget", "Notifications", **of)
    return [{name: each[name] for name in _NOTIFICATION if name in each} for each in listed]


def _costs(view: View, budget: str) -> list[str]:
    """From which cost on somebody hears of it (DescribeNotificationsForBudget)."""
    return [_cost(*(each.get(name) for name in _NOTIFICATION)) for each in _notifications(view, budget)]


def _subscribers(view: View, budget: str) -> list[str]:
    """Who hears of each: addresses and topics (DescribeSubscribersForNotification)."""
    of: dict[str, Any] = {"AccountId": view.account(), "BudgetName": budget}
    texts = []
    for each in _notifications(view, budget):
        asked = {**of, "Notification": each}
        people = view.pages("budgets", "describe_subscribers_for_notification", "Subscribers", **asked)
        cost = _cost(*(each.get(name) for name in _NOTIFICATION))
        texts += [f"{cost}: {one['Address']}" for one in people]
    return texts


_NOTIFICATION: Final = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")
_WHO: Final = ("subscriberEmailAddresses", "subscriberSnsTopicArns")


def _cost(of: Any, operator: Any, threshold: Any, unit: Any) -> str:
    return f"{of} {operator} {number(threshold)} {unit or 'PERCENTAGE'}"


def _declared_budget(_: Declared, budget: Resource) -> Mapping[str, Any]:
    names = tuple(f"{name[0].lower()}{name[1:]}" for name in _NOTIFICATION)
    told = [
        (_cost(*(each.get(name) for name in names)), [who for name in _WHO for who in each.get(name) or ()])
        for each in blocks(budget.inputs.get("notifications"))
    ]
    people = [f"{cost}: {who}" for cost, everybody in told for who in everybody]
    return {
        **budget.inputs,
        "notifications": [cost for cost, _ in told],
        f"notifications.{_WHO[0]}": people,
    }


def passwords(view: View) -> Iterator[Live]:
    """The password policy, where there is one (GetAccountPasswordPolicy)."""
    found = view.ask("iam", "get_account_password_policy", absent=("NoSuchEntity",)).get("PasswordPolicy")
    if found:
        facts = {name: found.get(f"{name[0].upper()}{name[1:]}") for name in _PASSWORDS}
        yield Live("aws:iam/accountPasswordPolicy:AccountPasswordPolicy", "passwords", facts)


def registry_scans(view: View) -> Iterator[Live]:
    """How the registry scans its images (GetRegistryScanningConfiguration)."""
    found = view.ask("ecr", "get_registry_scanning_configuration")["scanningConfiguration"]
    facts = {"scanType": found.get("scanType"), "rules": found.get("rules")}
    yield Live(_SCANS, "registry", facts, view.region)


def inspector(view: View) -> Iterator[Live]:
    """What Amazon Inspector looks at, where it looks at anything (BatchGetAccountStatus)."""
    answer = view.ask("inspector2", "batch_get_account_status", accountIds=[view.account()])
    for found in answer.get("accounts") or ():
        states = (found.get("resourceState") or {}).items()
        on = [name.upper() for name, state in states if state.get("status") == "ENABLED"]
        if on:
            yield Live("aws:inspector2/enabler:Enabler", "inspector", {"resourceTypes": on}, view.region)


def public_access(view: View) -> Iterator[Live]:
    """What the account blocks for all its buckets, if anything (Amazon S3 Control, GetPublicAccessBlock)."""
    none = ("NoSuchPublicAccessBlockConfiguration",)
    answer = view.ask("s3control", "get_public_access_block", absent=none, AccountId=view.account())
    found = answer.get("PublicAccessBlockConfiguration")
    if found:
        facts = {name: found.get(f"{name[0].upper()}{name[1:]}") for name in _BLOCKS}
        yield Live(_PUBLIC_ACCESS, "buckets", facts)


READERS: Final = (
    ResourceReader(
        type=_PUBLIC_ACCESS,
        service="s3control",
        read=public_access,
        key=lambda _: "buckets",
        is_global=True,
        fields=tuple(exposure(name, default=False) for name in _BLOCKS),
        identity=("accountId",),
    ),
    ResourceReader(
        type="aws:account/alternativeContact:AlternativeContact",
        service="account",
        read=contacts,
        key=by("alternateContactType"),
        fields=(
            protection("emailAddress"),
            protection("phoneNumber"),
            setting("name"),
            setting("title"),
        ),
        identity=("alternateContactType",),
    ),
    ResourceReader(
        type="aws:ebs/encryptionByDefault:EncryptionByDefault",
        service="ec2",
        read=volumes,
        key=lambda _: "volumes",
        fields=(protection("enabled", default=True),),
    ),
    ResourceReader(
        type="aws:budgets/budget:Budget",
        service="budgets",
        read=budgets,
        key=by("name"),
        declare=_declared_budget,
        is_global=True,
        fields=(
            protection("limitAmount", number),
            setting("limitUnit"),
            setting("timeUnit"),
            setting("budgetType"),
            protection("notifications", unordered, default=()),
            protection(f"notifications.{_WHO[0]}", unordered, default=()),
        ),
    ),
    ResourceReader(
        type="aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
        service="iam",
        read=passwords,
        key=lambda _: "passwords",
        is_global=True,
        fields=tuple(protection(name) for name in _PASSWORDS),
    ),
    ResourceReader(
        type=_SCANS,
        service="ecr",
        read=registry_scans,
        key=lambda _: "registry",
        fields=(protection("scanType", default="BASIC"), protection("rules", unordered, default=())),
        unlisted="there is one in every region",
    ),
    ResourceReader(
        type="aws:inspector2/enabler:Enabler",
        service="inspector2",
        read=inspector,
        key=lambda _: "inspector",
        fields=(protection("resourceTypes", unordered),),
    ),
)
