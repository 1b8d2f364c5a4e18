"""The component context: environment, keys, and how log groups and roles are made in every component."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.data.kms import EncryptionKeys
from infra.environment import Environment
from infra.identity.iam_policies import Statement, document, same_account, service, trust

# These services send `aws:SourceAccount` when they assume a role. For the others AWS documents no such
# key, and a condition on an absent key would shut them out (IAM User Guide, "The confused deputy problem").
_SEND_SOURCE_ACCOUNT = (
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)


@dataclass(frozen=True, slots=True)
class Role:
    """A role as other resources name it. `arn` is known once the role's policy is in place.

    A function, task or log that is created with the role itself would start without any right, and not all
    that fails then is tried again (Amazon ECS does not retry an image pull that was denied).
    """

    name: pulumi.Output[str]
    arn: pulumi.Output[str]


@dataclass(frozen=True, slots=True)
class ComponentContext:
    """What every component is given.

    `boundary` is the ARN of every role's permission boundary; `retention_days` is how long each log is kept;
    `reserve_concurrency` says whether functions reserve executions of the account's quota.
    """

    environment: Environment
    keys: EncryptionKeys
    boundary: pulumi.Output[str]
    retention_days: int
    reserve_concurrency: bool

    def log_group(
        self, name: str, opts: pulumi.ResourceOptions, physical: pulumi.Input[str] = ""
    ) -> aws.cloudwatch.LogGroup:
        """A log group under our key; `physical` is its name where an AWS service dictates one."""
        return aws.cloudwatch.LogGroup(
            name,
            name=physical or f"/{self.environment.name(name).replace('-', '/', 2)}",
            kms_key_id=self.keys.logs.arn,
            retention_in_days=self.retention_days,
            skip_destroy=False,
            tags=self.environment.tags(name, data_class="confidential"),
            opts=opts,
        )

    def role(
        self,
        name: str,
        principal: str,
        statements: Sequence[Statement],
        opts: pulumi.ResourceOptions,
    ) -> Role:
        """A role for the AWS service `principal`, with an inline policy, under the boundary.

        Without `statements` it may do nothing until a policy is attached.
        """
        account = same_account(self.environment.account) if principal in _SEND_SOURCE_ACCOUNT else None
        role = aws.iam.Role(
            name,
            name=self.environment.name(name),
            assume_role_policy=trust(service(principal), account),
            permissions_boundary=self.boundary,
            max_session_duration=3600,
            force_detach_policies=True,
            tags=self.environment.tags(name),
            opts=opts,
        )
        if not statements:
            return Role(role.name, role.arn)
        policy = aws.iam.RolePolicy(
            name,
            name=self.environment.name(name),
            role=role.name,
            policy=document(*statements),
            opts=opts,
        )
        return Role(role.name, pulumi.Output.all(role.arn, policy.id).apply(lambda known: str(known[0])))
