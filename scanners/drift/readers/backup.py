"""AWS Backup: vaults with their locks, plans and what they select (AWS Backup API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, blocks, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import last_part, number, unordered
from scanners.drift.records import Live, ResourceReader
from scanners.policy.stack import Resource

_VAULT: Final = "aws:backup/vault:Vault"
_LOCK: Final = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
_PLAN: Final = "aws:backup/plan:Plan"
_SELECTION: Final = "aws:backup/selection:Selection"


def vaults(view: View) -> Iterator[Live]:
    """Backup vaults with their key (ListBackupVaults)."""
    for vault in view.pages("backup", "list_backup_vaults", "BackupVaultList"):
        yield Live(
            _VAULT,
            vault["BackupVaultName"],
            {
                "name": vault["BackupVaultName"],
                "kmsKeyArn": vault.get("EncryptionKeyArn"),
                "tags": view.tags(
                    vault["BackupVaultArn"],
                    "backup",
                    "list_tags",
                    "Tags",
                    ResourceArn=vault["BackupVaultArn"],
                ),
            },
            view.region,
        )


def locks(view: View) -> Iterator[Live]:
    """Vaults that are locked. One with a date is in compliance mode: from then on nobody takes it off."""
    for vault in view.pages("backup", "list_backup_vaults", "BackupVaultList"):
        if vault.get("Locked"):
            yield Live(
                _LOCK,
                vault["BackupVaultName"],
                {
                    "backupVaultName": vault["BackupVaultName"],
                    "minRetentionDays": vault.get("MinRetentionDays"),
                    "maxRetentionDays": vault.get("MaxRetentionDays"),
                    "compliance": vault.get("LockDate") is not None,
                },
                view.region,
            )


def _declared_lock(_: Declared, lock: Resource) -> Mapping[str, Any]:
    return {**lock.inputs, "compliance": lock.inputs.get("changeableForDays") is not None}


def plans(view: View) -> Iterator[Live]:
    """Backup plans (ListBackupPlans, GetBackupPlan)."""
    for listed in view.pages("backup", "list_backup_plans", "BackupPlansList"):
        answer = view.ask("backup", "get_backup_plan", BackupPlanId=listed["BackupPlanId"])
        yield Live(
            _PLAN,
            listed["BackupPlanId"],
            {
                "name": answer["BackupPlan"]["BackupPlanName"],
                "rules": [_live_rule(rule) for rule in answer["BackupPlan"].get("Rules") or ()],
                "tags": view.tags(
                    listed["BackupPlanArn"],
                    "backup",
                    "list_tags",
                    "Tags",
                    ResourceArn=listed["BackupPlanArn"],
                ),
            },
            view.region,
        )


def _live_rule(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "name": rule.get("RuleName"),
        "vault": rule.get("TargetBackupVaultName"),
        "schedule": rule.get("ScheduleExpression"),
        "days": _days(rule),
        "copies": [
            f"{each['DestinationBackupVaultArn']} {_days(each)}" for each in rule.get("CopyActions") or ()
        ],
    }


def _days(rule: Mapping[str, Any]) -> Any:
    return number((rule.get("Lifecycle") or {}).get("DeleteAfterDays"))


def _declared_plan(_: Declared, plan: Resource) -> Mapping[str, Any]:
    return {**plan.inputs, "rules": [_declared_rule(rule) for rule in blocks(plan.inputs.get("rules"))]}


def _declared_rule(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "name": rule.get("ruleName"),
        "vault": rule.get("targetVaultName"),
        "schedule": rule.get("schedule"),
        "days": number(block(rule, "lifecycle").get("deleteAfter")),
        "copies": [
            f"{each['destinationVaultArn']} {number(block(each, 'lifecycle').get('deleteAfter'))}"
            for each in blocks(rule.get("copyActions"))
        ],
    }


def selections(view: View) -> Iterator[Live]:
    """What each plan selects (ListBackupSelections, GetBackupSelection)."""
    for plan in view.pages("backup", "list_backup_plans", "BackupPlansList"):
        of = {"BackupPlanId": plan["BackupPlanId"]}
        for listed in view.pages("backup", "list_backup_selections", "BackupSelectionsList", **of):
            answer = view.ask("backup", "get_backup_selection", SelectionId=listed["SelectionId"], **of)
            found = answer["BackupSelection"]
            yield Live(
                _SELECTION,
                listed["SelectionId"],
                {
                    "name": found["SelectionName"],
                    "planId": plan["BackupPlanId"],
                    "iamRoleArn": found.get("IamRoleArn"),
                    "resources": found.get("Resources"),
                    "notResources": found.get("NotResources"),
                    "selectionTags": [_tagged(each) for each in found.get("ListOfTags") or ()],
                    "conditions": [
                        _condition(test, each.get("ConditionKey"), each.get("ConditionValue"))
                        for test, several in (found.get("Conditions") or {}).items()
                        for each in several or ()
                    ],
                },
                view.region,
            )


def _tagged(found: Mapping[str, Any]) -> str:
    return _condition(found.get("ConditionType"), found.get("ConditionKey"), found.get("ConditionValue"))


def _condition(test: Any, key: Any, value: Any) -> str:
    """What a resource has to have to be copied: `StringEquals key value`."""
    return f"{str(test)[:1].upper()}{str(test)[1:]} {key} {value}"


def _declared_selection(_: Declared, selection: Resource) -> Mapping[str, Any]:
    inputs = selection.inputs
    return {
        **inputs,
        "selectionTags": [
            _condition(each.get("type"), each.get("key"), each.get("value"))
            for each in blocks(inputs.get("selectionTags"))
        ],
        "conditions": [
            _condition(test, each.get("key"), each.get("value"))
            for one in blocks(inputs.get("conditions"))
            for test, several in one.items()
            for each in blocks(several)
        ],
    }


READERS: Final = (
    ResourceReader(
        type=_VAULT,
        service="backup",
        read=vaults,
        key=by("name"),
        fields=(protection("kmsKeyArn", last_part), setting("name"), TAGS),
    ),
    ResourceReader(
        type=_LOCK,
        service="backup",
        read=locks,
        key=by("backupVaultName"),
        declare=_declared_lock,
        fields=(
            protection("minRetentionDays", number),
            protection("maxRetentionDays", number),
            protection("compliance"),
        ),
        # AWS says when the lock closes for good, and not how many days that was from the start.
        identity=("backupVaultName", "changeableForDays"),
    ),
    ResourceReader(
        type=_PLAN,
        service="backup",
        read=plans,
        declare=_declared_plan,
        fields=(protection("rules", unordered), setting("name"), TAGS),
    ),
    ResourceReader(
        type=_SELECTION,
        service="backup",
        read=selections,
        declare=_declared_selection,
        fields=(
            protection("resources", unordered),
            protection("notResources", unordered, default=()),
            protection("selectionTags", unordered, default=()),
            protection("conditions", unordered, default=()),
            exposure("iamRoleArn"),
            setting("planId"),
            setting("name"),
        ),
    ),
)
