"""Cases: AWS Backup: vaults, their locks, and plans."""

from __future__ import annotations

from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.case import Case
from tests.scanners.drift.kms_cases import key_case

COPY = f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:records-copy"


def vault_case(account: Account) -> list[Resource]:
    key = key_case(account)[0]
    account.backup.create_backup_vault(
        BackupVaultName="records", EncryptionKeyArn=key.outputs["arn"], BackupVaultTags={"owner": "ops"}
    )
    inputs = {"name": "records", "kmsKeyArn": key.outputs["arn"], "tags": {"owner": "ops"}}
    return [declare("aws:backup/vault:Vault", "records", inputs), key]


def untag(account: Account, resource: Resource) -> object:
    arn = account.backup.describe_backup_vault(BackupVaultName=resource.id)["BackupVaultArn"]
    return account.backup.untag_resource(ResourceArn=arn, TagKeyList=["owner"])


def forgotten_vault(account: Account) -> str:
    return str(account.backup.create_backup_vault(BackupVaultName="forgotten")["BackupVaultName"])


def lock(account: Account, **change: int) -> object:
    days = {"MinRetentionDays": 35, "MaxRetentionDays": 100, "ChangeableForDays": 3, **change}
    return account.backup.put_backup_vault_lock_configuration(BackupVaultName="records", **days)


def unlock(account: Account, _: Resource) -> object:
    return account.backup.delete_backup_vault_lock_configuration(BackupVaultName="records")


def governance(account: Account, resource: Resource) -> object:
    """Taken off and put on again, in the mode that can be taken off again."""
    unlock(account, resource)
    return account.backup.put_backup_vault_lock_configuration(
        BackupVaultName="records", MinRetentionDays=35, MaxRetentionDays=100
    )


def lock_case(account: Account) -> list[Resource]:
    vault = vault_case(account)
    lock(account)
    inputs = {
        "backupVaultName": "records",
        "minRetentionDays": 35.0,
        "maxRetentionDays": 100.0,
        "changeableForDays": 3.0,
    }
    kind = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
    return [declare(kind, "records", inputs), *vault]


def plan(account: Account, name: str = "tables", days: int = 35) -> str:
    rule: dict[str, Any] = {
        "RuleName": "daily",
        "TargetBackupVaultName": "records",
        "ScheduleExpression": "cron(0 2 * * ? *)",
        "Lifecycle": {"DeleteAfterDays": days},
        "CopyActions": [{"DestinationBackupVaultArn": COPY, "Lifecycle": {"DeleteAfterDays": days}}],
    }
    made = account.backup.create_backup_plan(
        BackupPlan={"BackupPlanName": name, "Rules": [rule]}, BackupPlanTags={"owner": "ops"}
    )
    return str(made["BackupPlanId"])


def plan_case(account: Account) -> list[Resource]:
    identifier = plan(account)
    rule = {
        "ruleName": "daily",
        "targetVaultName": "records",
        "schedule": "cron(0 2 * * ? *)",
        "lifecycle": {"deleteAfter": 35.0},
        "copyActions": [{"destinationVaultArn": COPY, "lifecycle": {"deleteAfter": 35.0}}],
    }
    inputs = {"name": "tables", "rules": [rule], "tags": {"owner": "ops"}}
    return [declare("aws:backup/plan:Plan", identifier, inputs)]


def untag_plan(account: Account, resource: Resource) -> object:
    arn = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-plan:{resource.id}"
    return account.backup.untag_resource(ResourceArn=arn, TagKeyList=["owner"])


CASES = {
    "vault": Case(
        vault_case,
        {"tags": untag},
        lambda a, r: a.backup.delete_backup_vault(BackupVaultName=r.id),
        forgotten_vault,
    ),
    "lock": Case(
        lock_case,
        {
            "minRetentionDays": lambda a, _: lock(a, MinRetentionDays=1),
            "maxRetentionDays": lambda a, _: lock(a, MaxRetentionDays=36_000),
            "compliance": governance,
        },
        unlock,
    ),
    # The emulator cannot change a plan, nor keep what one selects.
    "plan": Case(
        plan_case,
        {"tags": untag_plan},
        lambda a, r: a.backup.delete_backup_plan(BackupPlanId=r.id),
        lambda a: plan(a, "another"),
    ),
}
