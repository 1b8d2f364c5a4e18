"""Permission boundaries: the most that workloads, people and the pipeline can do, whatever a policy grants.

IAM User Guide, "Permissions boundaries for IAM entities". A managed policy holds 6,144 characters.
"""

from __future__ import annotations

from hardening.egress.callers import (
    certificate_secret,
    client_certificate_secret,
    service_certificate_secret,
)
from infra.environment import Environment
from infra.identity.iam_policies import Statement, allow, deny, deny_elsewhere
from infra.runtime.functions.secrets_vault import REGISTRATION

# Denied to workloads and people: stop the audit, change its stores, or let its evidence go.
_UNTOUCHABLE = (
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "cloudwatch:DeleteAlarms",
    "cloudwatch:DisableAlarmActions",
    "config:DeleteConfigurationRecorder",
    "config:DeleteDeliveryChannel",
    "config:StopConfigurationRecorder",
    "guardduty:DeleteDetector",
    "guardduty:DisassociateFromAdministratorAccount",
    "guardduty:UpdateDetector",
    "ec2:DeleteFlowLogs",
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "logs:DeleteLogGroup",
    "logs:DeleteRetentionPolicy",
    "logs:PutRetentionPolicy",
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy",
    "securityhub:DisableSecurityHub",
    "wafv2:DeleteLoggingConfiguration",
)
# Denied to everyone: identities outside of the boundaries, and a way out of them.
_IDENTITIES = (
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "organizations:LeaveOrganization",
)
# Denied to people: what tells them that something is wrong.
_WATCH = (
    "backup:Delete*",
    "cloudwatch:PutCompositeAlarm",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:SetAlarmState",
    "config:DeleteConfigRule",
    "config:Put*",
    "events:DeleteRule",
    "events:DisableRule",
    "events:Put*",
    "events:RemoveTargets",
    "guardduty:Create*",
    "guardduty:UpdateFilter",
    "logs:DeleteLogStream",
    "logs:DeleteMetricFilter",
    "logs:PutMetricFilter",
    "s3:DeleteBucket",
    "s3:PutAccountPublicAccessBlock",
    "s3:PutBucket*",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutReplicationConfiguration",
    "securityhub:BatchDisableStandards",
    "securityhub:DeleteFindingAggregator",
    "securityhub:UpdateStandardsControl",
    "sns:AddPermission",
    "sns:DeleteTopic",
    "sns:RemovePermission",
    "sns:SetSubscriptionAttributes",
    "sns:SetTopicAttributes",
    "sns:Unsubscribe",
    "wafv2:DeleteWebACL",
    "wafv2:DisassociateWebACL",
    "wafv2:UpdateWebACL",
)
# Denied to people: tokens, and every way to have a program of theirs read or make one.
_TOKENS = (
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteTable",
    "dynamodb:ImportTable",
    "dynamodb:PartiQL*",
    "dynamodb:PutItem",
    "dynamodb:PutResourcePolicy",
    "dynamodb:RestoreTable*",
    "dynamodb:UpdateTable",
    "ecs:ExecuteCommand",
    "kms:CreateGrant",
    "lambda:Add*",
    "lambda:Create*",
    "lambda:Delete*",
    "lambda:Publish*",
    "lambda:Put*",
    "lambda:Update*",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:CancelRotateSecret",
    "secretsmanager:Delete*",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:Replicate*",
    "secretsmanager:Update*",
    "signer:Add*",
    "signer:Cancel*",
    "signer:Put*",
    "signer:Re*",
    "signer:Sign*",
    "signer:Start*",
    "ssm:GetParameter*",
)
# The services of this stack; the boundaries allow these and no others.
_SERVICES = (
    "acm",
    "apigateway",
    "cloudtrail",
    "cloudwatch",
    "config",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "elasticloadbalancing",
    "events",
    "guardduty",
    "kms",
    "lambda",
    "logs",
    "route53",
    "route53resolver",
    "s3",
    "secretsmanager",
    "securityhub",
    "servicediscovery",
    "signer",
    "sns",
    "sqs",
    "ssm",
    "wafv2",
    "xray",
)
# What an audit reads that belongs to no region, or to none of ours (managed policy SecurityAudit).
_READ = (
    "access-analyzer:Get*",
    "access-analyzer:List*",
    "account:Get*",
    "application-autoscaling:Describe*",
    "backup:Describe*",
    "backup:Get*",
    "backup:List*",
    "budgets:ViewBudget",
    "cloudtrail:DescribeTrails",
    "cloudtrail:Get*",
    "config:Describe*",
    "ec2:Describe*",
    "guardduty:Get*",
    "guardduty:List*",
    "iam:Generate*",
    "iam:Get*",
    "iam:List*",
    "iam:Simulate*",
    "inspector2:BatchGet*",
    "inspector2:Get*",
    "inspector2:List*",
    "organizations:Describe*",
    "s3:GetAccountPublicAccessBlock",
    "s3:ListAllMyBuckets",
    "securityhub:Describe*",
    "securityhub:Get*",
    "tag:Get*",
)


def workload_boundary(environment: Environment, regions: tuple[str, ...]) -> list[Statement]:
    """The boundary of every role that a program takes."""
    own = [environment.arn("iam", f"{kind}/{environment.name('*')}") for kind in ("role", "policy")]
    return [
        _own_services(regions),
        *copying(environment),
        allow("OwnRoles", ["iam:GetRole", "iam:PassRole"], own),
        deny("Untouchable", _UNTOUCHABLE, ["*"]),
        deny("Identities", _IDENTITIES, ["*"]),
    ]


def people_boundary(environment: Environment, regions: tuple[str, ...]) -> list[Statement]:
    """The boundary of administrators: they read everything but tokens, and pass no role to a program.

    `secretsmanager:VersionStage` is what a read asks for; without it the stage is AWSCURRENT, the token
    that is in use. A revocation changes a record's state, and nothing that would make a record. The rotation
    function makes exchanges for people, and tells them no token; certificates are issued by people.
    """
    rotation = environment.arn("lambda", f"function:{environment.name('rotation')}")
    state = {"ForAnyValue:StringNotEquals": {"dynamodb:Attributes": ["digest", "state"]}}
    stage = {"StringNotEquals": {"secretsmanager:VersionStage": REGISTRATION}}
    another = {
        "Null": {"secretsmanager:RotationLambdaARN": "false"},
        "ArnNotEquals": {"secretsmanager:RotationLambdaARN": rotation},
    }
    return [
        _own_services(regions),
        allow("Read", _READ, ["*"], None, {"StringEquals": {"aws:PrincipalAccount": environment.account}}),
        deny("Untouchable", (*_UNTOUCHABLE, *_IDENTITIES, *_WATCH, *_TOKENS), ["*"]),
        deny("TokensInUse", ["secretsmanager:GetSecretValue"], ["*"], None, stage),
        deny("OtherRotation", ["secretsmanager:RotateSecret"], ["*"], None, another),
        deny_elsewhere("OneFunction", ["lambda:Invoke*"], [rotation]),
        deny_elsewhere("CertificatesOnly", ["secretsmanager:PutSecretValue"], certificates(environment)),
        deny("RecordsAreNotMade", ["dynamodb:UpdateItem"], ["*"], None, state),
    ]


def copying(environment: Environment) -> list[Statement]:
    """What a copy of a recovery point, with its tags, needs (AWSBackupServiceRolePolicyForBackup).

    The boundary has it from here too: no role has more than both allow.
    """
    vaults, points = (
        f"arn:aws:backup:*:{environment.account}:{kind}"
        for kind in (f"backup-vault:{environment.name('*')}", "recovery-point:*")
    )
    return [
        allow("Vaults", ["backup:CopyIntoBackupVault", "backup:DescribeBackupVault"], [vaults]),
        # A recovery point has an id that AWS gives.
        allow("RecoveryPoints", ["backup:CopyFromBackupVault", "backup:TagResource"], [points]),
    ]


def certificates(environment: Environment) -> list[str]:
    """The secrets (ARNs) that people write: certificates that authorities outside issue."""
    label = environment.label
    own = (certificate_secret(label), service_certificate_secret(label))
    names = (*(f"{name}-??????" for name in own), f"{client_certificate_secret(label, '')}*")
    return [environment.arn("secretsmanager", f"secret:{name}") for name in names]


def _own_services(regions: tuple[str, ...]) -> Statement:
    here = {"StringEquals": {"aws:RequestedRegion": list(regions)}}
    return allow("OwnServices", [f"{service}:*" for service in _SERVICES], ["*"], None, here)
