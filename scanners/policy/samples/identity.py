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


def boundary(*denied: str) -> str:
    """A permission boundary that denies `denied`."""
    return policy(
        {"Effect": "Allow", "Action": ["logs:*", "s3:*", "ecs:*"], "Resource": "*"},
        {"Effect": "Deny", "Action": list(denied), "Resource": "*"},
    )


def trust(principal: dict[str, Any], **condition: Any) -> str:
    """A trust policy."""
    rule = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return policy({**rule, **({"Condition": condition} if condition else {})})


_PEOPLE = {"AWS": "arn:aws:iam::111122223333:role/people"}
WITH_MFA = trust(
    _PEOPLE,
    Bool={"aws:MultiFactorAuthPresent": "true"},
    NumericLessThan={"aws:MultiFactorAuthAge": "3600"},
)
WITHOUT_MFA = trust(_PEOPLE)


def _duty(duty: str, managed: str, *actions: str) -> Iterator[Resource]:
    yield aws(
        "iam/role:Role",
        f"role-{duty}",
        assumeRolePolicy=WITH_MFA,
        permissionsBoundary="arn:boundary",
        maxSessionDuration=3600,
        tags={"rampart:environment": "production", "rampart:duty": duty},
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
