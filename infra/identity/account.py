"""Defaults of the account: what AWS leaves open in a new one, closed once for everything in it.

AWS Security Reference Architecture, "Account-wide settings"; AWS Security Hub S3.1, EC2.7, IAM.15, Account.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.environment import Environment

_CONTACTS = ("SECURITY", "OPERATIONS")


@dataclass(frozen=True, slots=True)
class AccountDefaultsArgs:
    """`emails` hear of costs, and the first is who AWS writes to; `phone` is whom AWS calls (E.164).

    `dollars` a month are expected: at four fifths of it, and when it will be passed, people are told.
    """

    environment: Environment
    emails: tuple[str, ...]
    phone: str
    dollars: int


class AccountDefaults(pulumi.ComponentResource):
    """No public bucket, no plain volume, no weak password; contacts, a budget, and images always scanned."""

    def __init__(
        self, name: str, args: AccountDefaultsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("rampart:identity:AccountDefaults", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        aws.s3.AccountPublicAccessBlock(
            "all",
            account_id=args.environment.account,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._child,
        )
        aws.ebs.EncryptionByDefault("all", enabled=True, opts=self._child)
        # No user exists, and should one ever: IAM.15 and following of Security Hub.
        aws.iam.AccountPasswordPolicy(
            "all",
            minimum_password_length=14,
            require_lowercase_characters=True,
            require_uppercase_characters=True,
            require_numbers=True,
            require_symbols=True,
            allow_users_to_change_password=True,
            password_reuse_prevention=24,
            max_password_age=90,
            opts=self._child,
        )
        self._contacts()
        self._budget()
        self._scanning()
        self.register_outputs({})

    def _contacts(self) -> None:
        for kind in _CONTACTS:
            aws.account.AlternativeContact(
                kind.lower(),
                alternate_contact_type=kind,
                name=f"{kind.title()} on call",
                title=f"{kind.title()} on call",
                email_address=self._args.emails[0],
                phone_number=self._args.phone,
                opts=self._child,
            )

    def _budget(self) -> None:
        environment, emails = self._args.environment, list(self._args.emails)
        aws.budgets.Budget(
            "month",
            name=environment.name("month"),
            budget_type="COST",
            limit_amount=str(self._args.dollars),
            limit_unit="USD",
            time_unit="MONTHLY",
            notifications=[
                {
                    "comparison_operator": "GREATER_THAN",
                    "notification_type": kind,
                    "threshold": threshold,
                    "threshold_type": "PERCENTAGE",
                    "subscriber_email_addresses": emails,
                }
                for kind, threshold in (("ACTUAL", 80), ("FORECASTED", 100))
            ],
            tags=environment.tags("month"),
            opts=self._child,
        )

    def _scanning(self) -> None:
        """Amazon Inspector looks at images and functions again whenever a weakness becomes known."""
        enabled = aws.inspector2.Enabler(
            "all",
            account_ids=[self._args.environment.account],
            resource_types=["ECR", "LAMBDA"],
            opts=self._child,
        )
        aws.ecr.RegistryScanningConfiguration(
            "all",
            scan_type="ENHANCED",
            rules=[
                {
                    "scan_frequency": "CONTINUOUS_SCAN",
                    "repository_filters": [{"filter": "*", "filter_type": "WILDCARD"}],
                }
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[enabled]),
        )
