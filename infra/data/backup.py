"""AWS Backup: a copy of the tables each day, in a vault that nobody can empty, and a second one elsewhere.

AWS Backup Developer Guide, "AWS Backup Vault Lock" (compliance mode), "Creating backup copies across AWS
Regions" and "Advanced DynamoDB backup", which accounts have from the start since November 2021.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext, Role
from infra.identity.boundaries import copying
from infra.identity.iam_policies import Statement, allow
from infra.observability.cloudwatch import Alarm

# Days that each copy is kept: as long as point-in-time recovery reaches back, and no personal data longer.
KEEP_DAYS = 35
# Nobody may ask the vault for copies that outlive this.
_MOST_DAYS = 100
# Days in which the lock can still be taken off, the least that AWS allows; then nobody can, root included.
_GRACE_DAYS = 3
_VAULT = "tables"
# Minutes within which a job begins, the least that AWS allows, and within which it then ends.
_BEGINS, _ENDS = 60, 360
_HOUR = 60 * 60  # seconds
# Hours between two copies at most, and two for the metric to arrive and for the hour to be over.
_GAP = 24 + (_BEGINS + _ENDS) // 60 + 2
# Hours more that a copy to the other region may take, which no window ends.
_COPYING = 12


@dataclass(frozen=True, slots=True)
class BackupsArgs:
    """`tables` are copied each day; `replica_region` is where the second copy is kept."""

    context: ComponentContext
    tables: tuple[aws.dynamodb.Table, ...]
    replica_region: str


class Backups(pulumi.ComponentResource):
    """`vault` and `copies` are the names of the vaults of this region and of the other one.

    Vaults outlive the stack: what is locked cannot go.
    """

    def __init__(self, name: str, args: BackupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:data:Backups", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self._kept = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        keys = args.context.keys
        here = self._vault(_VAULT, keys.backups.arn)
        copy = self._vault(f"{_VAULT}-copy", keys.replica.arn, args.replica_region)
        self.vault, self.copies = here.name, copy.name
        self._select(self._plan(here, copy), self._role())
        self.register_outputs({"vault": here.name})

    def _vault(self, name: str, key: pulumi.Input[str], region: str | None = None) -> aws.backup.Vault:
        environment = self._args.context.environment
        vault = aws.backup.Vault(
            name,
            name=environment.name(name),
            kms_key_arn=key,
            force_destroy=False,
            region=region,
            tags=environment.tags(name, tier="data", data_class="restricted"),
            opts=self._kept,
        )
        aws.backup.VaultLockConfiguration(
            name,
            backup_vault_name=vault.name,
            min_retention_days=KEEP_DAYS,
            max_retention_days=_MOST_DAYS,
            changeable_for_days=_GRACE_DAYS,
            region=region,
            opts=self._kept,
        )
        return vault

    def _plan(self, here: aws.backup.Vault, copy: aws.backup.Vault) -> aws.backup.Plan:
        environment = self._args.context.environment
        lifecycle: aws.backup.PlanRuleLifecycleArgsDict = {"delete_after": KEEP_DAYS}
        return aws.backup.Plan(
            _VAULT,
            name=environment.name(_VAULT),
            rules=[
                {
                    "rule_name": "daily",
                    "target_vault_name": here.name,
                    "schedule": "cron(0 2 * * ? *)",
                    "start_window": _BEGINS,
                    "completion_window": _ENDS,
                    "lifecycle": lifecycle,
                    "copy_actions": [
                        {"destination_vault_arn": copy.arn, "lifecycle": {"delete_after": KEEP_DAYS}}
                    ],
                }
            ],
            tags=environment.tags(_VAULT),
            opts=self._child,
        )

    def _select(self, plan: aws.backup.Plan, role: Role) -> None:
        """By ARN: so it is backed up whatever the account's opt-in for services says."""
        aws.backup.Selection(
            _VAULT,
            name=self._args.context.environment.name(_VAULT),
            plan_id=plan.id,
            iam_role_arn=role.arn,
            resources=[table.arn for table in self._args.tables],
            opts=self._child,
        )

    def _role(self) -> Role:
        return self._args.context.role("backup", "backup.amazonaws.com", self._use(), self._child)

    def _use(self) -> list[Statement]:
        """What a backup of a table and its copy need, of AWSBackupServiceRolePolicyForBackup; no restore."""
        keys, arns = self._args.context.keys, [table.arn for table in self._args.tables]
        under = [keys.data.arn, keys.backups.arn, keys.replica.arn]
        copies = [pulumi.Output.concat(arn, "/backup/*") for arn in arns]
        for_aws = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
        tables = ["CreateBackup", "DescribeTable", "ListTagsOfResource", "StartAwsBackupJob"]
        return [
            allow("Tables", [f"dynamodb:{action}" for action in tables], arns),
            allow("Copies", ["dynamodb:DeleteBackup", "dynamodb:DescribeBackup"], copies),
            *copying(self._args.context.environment),
            allow("Keys", ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*"], under),
            allow("Grants", ["kms:CreateGrant"], under, None, for_aws),
        ]


def missing_backups(backups: Backups) -> tuple[Alarm, ...]:
    """The alarms on a day without a copy here and elsewhere, also where no job begins. The first day is one.

    Of one job that fails detection tells. A window of a day would be empty whenever a job ends later than the
    day before (CloudWatch User Guide, "Alarm evaluation window"). A copy job counts here, under the name of
    the vault that it copies into (AWS Backup Developer Guide, "AWS Backup metrics with Amazon CloudWatch").
    """
    return (
        _missing("backups-missing", "made", "NumberOfBackupJobsCompleted", backups.vault, _GAP),
        _missing(
            "copies-missing",
            "brought to the other region",
            "NumberOfCopyJobsCompleted",
            backups.copies,
            _GAP + _COPYING,
        ),
    )


def _missing(name: str, what: str, metric: str, vault: pulumi.Input[str], hours: int) -> Alarm:
    return Alarm(
        name,
        f"no copy of the tables was {what} in {hours} hours",
        "AWS/Backup",
        metric,
        1,
        _HOUR,
        {"BackupVaultName": vault},
        comparison="LessThanThreshold",
        missing="breaching",
        periods=hours,
    )
