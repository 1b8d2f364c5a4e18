"""AWS Backup. Selections are among what the emulator does not support."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, Row, table
from infra.program_run.monitor import Created


def vault(desired: DesiredResource) -> Created:
    """CreateBackupVault. Whether it may be deleted with what is in it is the provider's question."""
    name = desired.physical_name()
    desired.take("forceDestroy")
    renames = {"kmsKeyArn": "EncryptionKeyArn", "tags": "BackupVaultTags"}
    made = desired.create("backup", "CreateBackupVault", renames, BackupVaultName=name)
    return Created(name, {"name": name, "arn": made["BackupVaultArn"]})


def plan(desired: DesiredResource) -> Created:
    """CreateBackupPlan: name and rules are inside of the plan, tags beside it."""
    name, tags = desired.physical_name(), desired.take("tags")
    inner = {"backupPlan": {"backupPlanName": name, "rules": desired.take("rules")}}
    made = desired.call(
        "backup", "CreateBackupPlan", inner, _RULE, **({"BackupPlanTags": tags} if tags else {})
    )
    return Created(
        made["BackupPlanId"],
        {"name": name, "arn": made["BackupPlanArn"], "version": made["VersionId"]},
    )


_RULE = {
    "targetVaultName": "TargetBackupVaultName",
    "schedule": "ScheduleExpression",
    "startWindow": "StartWindowMinutes",
    "completionWindow": "CompletionWindowMinutes",
    "destinationVaultArn": "DestinationBackupVaultArn",
    "deleteAfter": "DeleteAfterDays",
}


ADAPTERS: dict[str, Adapter] = {
    "aws:backup/plan:Plan": plan,
    "aws:backup/vault:Vault": vault,
} | table(
    [
        Row(
            type="aws:backup/vaultLockConfiguration:VaultLockConfiguration",
            service="backup",
            operation="PutBackupVaultLockConfiguration",
            id="=backupVaultName",
        ),
    ]
)
