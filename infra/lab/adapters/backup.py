"""AWS Backup. Selections are among what the emulator does not support."""

from __future__ import annotations

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, Row, table
from infra.lab.monitor import Created


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


ADAPTERS: dict[str, Adapter] = {"aws:backup/plan:Plan": plan} | table(
    [
        Row(
            type="aws:backup/vault:Vault",
            service="backup",
            operation="CreateBackupVault",
            named="name",
            renames={"name": "BackupVaultName", "kmsKeyArn": "EncryptionKeyArn", "tags": "BackupVaultTags"},
            id="=name",
            outputs={"arn": "BackupVaultArn"},
        ),
        Row(
            type="aws:backup/vaultLockConfiguration:VaultLockConfiguration",
            service="backup",
            operation="PutBackupVaultLockConfiguration",
            id="=backupVaultName",
        ),
    ]
)
