"""The sample's roles: three duties under one boundary, and a role of a workload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from scanners.policy.samples.data import policy
from scanners.policy.samples.sample_stack import aws, stack
from scanners.policy.stack import Resource

# What no administrator may do, whatever else a policy grants: blind the audit, or loosen the boundary.
SILENCING: Final = (
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DisableAlarmActions",
    "config:StopConfigurationRecorder",
    "ec2:DeleteFlowLogs",
    "guardduty:DeleteDetector",
    "guardduty:UpdateDetector",
    "iam:DeleteRolePermissionsBoundary",
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "logs:DeleteLogGroup",
    "logs:PutRetentionPolicy",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy",
    "securityhub:DisableSecurityHub",
    "wafv2:DeleteLoggingConfiguration",
)


# What no person may do: read or make tokens by a program or a secret of theirs, or switch off what watches.
TOKEN_WAYS: Final = (
    "dynamodb:BatchWriteItem",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PutItem",
    "ecs:ExecuteCommand",
    "iam:PassRole",
    "lambda:CreateFunction",
    "lambda:DeleteCodeSigningConfig",
    "lambda:DeleteFunctionCodeSigningConfig",
    "lambda:InvokeFunction",
    "lambda:PutFunctionCodeSigningConfig",
    "lambda:UpdateCodeSigningConfig",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
    "signer:PutSigningProfile",
    "signer:SignPayload",
    "signer:StartSigningJob",
)
WATCHERS: Final = (
    "cloudwatch:PutMetricAlarm",
    "config:DeleteConfigRule",
    "config:PutConfigurationRecorder",
    "events:DeleteRule",
    "events:DisableRule",
    "events:PutRule",
    "events:RemoveTargets",
    "guardduty:CreateFilter",
    "logs:DeleteMetricFilter",
    "logs:PutMetricFilter",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
    "sns:DeleteTopic",
    "sns:SetTopicAttributes",
    "sns:Unsubscribe",
    "wafv2:DisassociateWebACL",
    "wafv2:UpdateWebACL",
)
# What an audit reads that has no region, or is not in one of ours (managed policy SecurityAudit).
AUDITED: Final = (
    "access-analyzer:ListFindings",
    "cloudtrail:GetTrailStatus",
    "ec2:DescribeRegions",
    "iam:GenerateCredentialReport",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetAccountPasswordPolicy",
    "iam:ListRoles",
    "s3:ListAllMyBuckets",
)
IN_USE: Final = {"StringNotEquals": {"secretsmanager:VersionStage": "REGISTRATION"}}


def all_but(actions: tuple[str, ...], left_out: str) -> tuple[str, ...]:
    """The actions without one of them."""
    return tuple(action for action in actions if action != left_out)


def boundary(*denied: str) -> str:
    """A permission boundary that denies `denied`."""
    return policy(
        {
            "Effect": "Allow",
            "Action": ["logs:*", "s3:*", "ecs:*"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}},
        },
        {"Effect": "Deny", "Action": list(denied), "Resource": "*"},
    )


def people_boundary(*denied: str, read: tuple[str, ...] = AUDITED, **in_use: Any) -> str:
    """A boundary of administrators: denies `denied`, and on the condition `in_use` to read a secret."""
    secrets = {"Effect": "Deny", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    return policy(
        {"Effect": "Allow", "Action": list(read), "Resource": "*"},
        {"Effect": "Deny", "Action": list(denied), "Resource": "*"},
        {**secrets, "Condition": in_use or IN_USE},
    )


def trust(principal: dict[str, Any], **condition: Any) -> str:
    """A trust policy."""
    rule = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return policy({**rule, **({"Condition": condition} if condition else {})})


_USER = {"AWS": "arn:aws:iam::111122223333:user/ada"}
_MFA: Final = {
    "Bool": {"aws:MultiFactorAuthPresent": "true"},
    "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
}
WITH_MFA = trust(_USER, **_MFA)
WITHOUT_MFA = trust(_USER)
# A session of a role carries no second factor: it is proved before, or nobody gets in.
_ROLE = {"AWS": "arn:aws:iam::111122223333:role/people"}
FROM_A_ROLE = trust(_ROLE)
FROM_A_ROLE_WITH_MFA = trust(_ROLE, **_MFA)


def _duty(duty: str, managed: str, *actions: str) -> Iterator[Resource]:
    yield aws(
        "iam/role:Role",
        f"role-{duty}",
        assumeRolePolicy=FROM_A_ROLE if duty == "admin" else WITH_MFA,
        permissionsBoundary="arn:people-boundary",
        maxSessionDuration=3600,
        tags={
            "rampart:environment": "production",
            "rampart:duty": duty,
            "rampart:mfa": "IAM Identity Center",
        },
    )
    yield aws(
        "iam/rolePolicy:RolePolicy",
        f"policy-{duty}",
        role=f"role-{duty}",
        policy=policy({"Effect": "Allow", "Action": list(actions), "Resource": "arn:table-tokens"}),
    )
    yield aws(
        "iam/rolePolicyAttachment:RolePolicyAttachment",
        f"attach-{duty}",
        role=f"role-{duty}",
        policyArn=f"arn:aws:iam::aws:policy/{managed}",
    )


ACCESS = stack(
    aws("iam/policy:Policy", "boundary", policy=boundary(*SILENCING), description="The most a role can do"),
    aws(
        "iam/policy:Policy",
        "people-boundary",
        policy=people_boundary(*SILENCING, *TOKEN_WAYS, *WATCHERS),
        description="The most a person can do",
    ),
    *_duty("reader", "SecurityAudit", "dynamodb:GetItem"),
    *_duty("operator", "job-function/ViewOnlyAccess", "dynamodb:UpdateItem"),
    *_duty("admin", "PowerUserAccess", "dynamodb:UpdateItem"),
    aws(
        "iam/role:Role",
        "role-guard",
        assumeRolePolicy=trust(
            {"Service": "ecs-tasks.amazonaws.com"}, StringEquals={"aws:SourceAccount": "111122223333"}
        ),
        permissionsBoundary="arn:boundary",
        maxSessionDuration=3600,
        tags={"rampart:environment": "production"},
    ),
    aws(
        "iam/rolePolicy:RolePolicy",
        "policy-guard",
        role="role-guard",
        policy=policy({"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:table-tokens"}),
    ),
)
