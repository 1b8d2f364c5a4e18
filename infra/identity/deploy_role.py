"""The role that a pipeline deploys a stack with: taken over OIDC, and scoped to one environment.

The stack cannot make it: it is what makes the stack. A person deploys it once, as a CloudFormation template.
IAM User Guide, "Create a role for OpenID Connect federation" and "Delegating responsibility to others using
permissions boundaries".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.environment import Environment
from infra.identity.iam_policies import Statement, allow, deny, deny_elsewhere

# Services whose resources carry the environment in their names, and the forms of their ARNs' last part.
_NAMED: Mapping[str, tuple[str, ...]] = {
    # The id of a plan is AWS's to give; a recovery point is none of a deployment's business.
    "backup": ("backup-vault:{own}*", "backup-plan:*"),
    # AWS names target tracking's alarms, and makes them with the caller's rights (its guide, "Identity").
    "cloudwatch": ("alarm:{own}*", "alarm:TargetTracking-service/{own}*", "dashboard/{own}*"),
    "dynamodb": ("table/{own}*",),
    "ecr": ("repository/{own}*",),
    "ecs": ("cluster/{own}*", "service/{own}*", "task-definition/{own}*"),
    "events": ("rule/{own}*",),
    "lambda": ("function:{own}*", "code-signing-config:*"),
    "secretsmanager": ("secret:rampart/{label}/*",),
    "signer": ("/signing-profiles/*", "/signing-jobs/*"),
    "sns": ("{own}*",),
    "sqs": ("{own}*",),
    "ssm": ("parameter/rampart/{label}/*",),
}
# Services whose resources have ids that AWS gives: the region limits them, and what is denied below.
_BY_REGION = (
    "access-analyzer",
    "acm",
    "apigateway",
    "application-autoscaling",
    "backup-storage",
    "cloudtrail",
    "config",
    "ec2",
    "elasticloadbalancing",
    "guardduty",
    "inspector2",
    "kms",
    "logs",
    "route53resolver",
    "securityhub",
    "servicediscovery",
    "wafv2",
)
# What belongs to the account or to no region.
_GLOBAL = (
    "account:*AlternateContact",
    "backup:DescribeRegionSettings",
    "backup:List*",
    "budgets:*",
    "cloudwatch:Describe*",
    "cloudwatch:PutCompositeAlarm",  # of no use but for all alarms (CloudWatch API Reference)
    "dynamodb:List*",
    "ecr:GetAuthorizationToken",
    "ecr:*RegistryScanningConfiguration",
    "ecs:Describe*",
    "ecs:List*",
    "ecs:*TaskDefinition",
    "lambda:List*",
    "route53:*",
    "s3:*AccountPublicAccessBlock",
    "s3:ListAllMyBuckets",
    "secretsmanager:ListSecrets",
    "servicequotas:Get*",
    "signer:List*",
    "sns:List*",
    "ssm:DescribeParameters",
    "sts:GetCallerIdentity",
)
# Roles are made under a boundary of this environment, or not at all.
_MAKE_ROLES = ("iam:CreateRole", "iam:PutRolePermissionsBoundary")
_CHANGE_ROLES = (
    "iam:AttachRolePolicy",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePolicy",
)
_KEEP_ROLES = (
    "iam:DeleteRole",
    "iam:PassRole",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
)
_OWN_POLICIES = (
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:TagPolicy",
)
# Who changes or remakes the boundary of its roles has none: after the first deployment a person does.
_CHANGE_BOUNDARIES = (
    "iam:CreatePolicyVersion",
    "iam:DeletePolicy",
    "iam:DeletePolicyVersion",
    "iam:SetDefaultPolicyVersion",
)
# A deployment needs no token, makes none, runs nothing but rotations. It takes no copy of a table away, and
# makes no table of one: both would be all tokens' digests, out of sight.
_NEVER = (
    "backup:DeleteBackupVault*",
    "backup:DeleteRecoveryPoint",
    "backup:StartRestoreJob",
    "backup:UpdateRecoveryPointLifecycle",
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteBackup",
    "dynamodb:DeleteItem",
    "dynamodb:ExportTable*",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:PartiQL*",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:RestoreTable*",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
    "ecs:ExecuteCommand",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "organizations:*",
    "s3:BypassGovernanceRetention",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecret*",
)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Who deploys: the OIDC provider's host, and the subject that its tokens carry for this environment.

    `audience` is what the tokens are made for. `state_bucket` and `state_key` (an ARN) keep the state.
    """

    provider: str
    subject: str
    audience: str
    state_bucket: str
    state_key: str


def template(environment: Environment, regions: tuple[str, ...], pipeline: Pipeline) -> dict[str, Any]:
    """A CloudFormation template of the role and its policies; each fits into 6,144 characters."""
    name = environment.name("deploy")
    policies = {"Build": _building(environment, regions), "Limits": _limits(environment, pipeline)}
    made = {part: _policy(f"{name}-{part.lower()}", statements) for part, statements in policies.items()}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": name,
            "AssumeRolePolicyDocument": _document([_trust(environment, pipeline)]),
            "ManagedPolicyArns": [{"Ref": part} for part in made],
            "MaxSessionDuration": 3600,
        },
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"The role that deploys the environment {environment.label}",
        "Resources": {"Role": role, **made},
        "Outputs": {"Role": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}},
    }


def _trust(environment: Environment, pipeline: Pipeline) -> Statement:
    wanted = {f"{pipeline.provider}:aud": pipeline.audience, f"{pipeline.provider}:sub": pipeline.subject}
    return {
        "Sid": "Pipeline",
        "Effect": "Allow",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": environment.arn("iam", f"oidc-provider/{pipeline.provider}")},
        "Condition": {"StringEquals": wanted},
    }


def _building(environment: Environment, regions: tuple[str, ...]) -> list[Statement]:
    here = {"StringEquals": {"aws:RequestedRegion": list(regions)}}
    own = {"own": environment.name(""), "label": environment.label}
    named = [
        f"arn:aws:{service}:*:{environment.account}:{form.format(**own)}"
        for service, forms in _NAMED.items()
        for form in forms
    ]
    return [
        allow("Named", [f"{service}:*" for service in _NAMED], named, None, here),
        allow("Buckets", ["s3:*"], [f"arn:aws:s3:::{own['own']}*"]),
        allow("InRegion", [f"{service}:*" for service in _BY_REGION], ["*"], None, here),
        allow("Global", _GLOBAL, ["*"]),
    ]


def _limits(environment: Environment, pipeline: Pipeline) -> list[Statement]:
    roles, policies = (
        environment.arn("iam", f"{kind}/{environment.name('*')}") for kind in ("role", "policy")
    )
    own = [environment.arn("iam", f"{kind}/{environment.name('deploy*')}") for kind in ("role", "policy")]
    boundaries = [
        environment.arn("iam", f"policy/{environment.name(name)}") for name in ("boundary", "people-boundary")
    ]
    rotation = environment.arn("lambda", f"function:{environment.name('rotation')}")
    state = f"arn:aws:s3:::{pipeline.state_bucket}"
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundaries}}
    return [
        allow("MakeRoles", (*_MAKE_ROLES, *_CHANGE_ROLES), [roles], None, bounded),
        allow("KeepRoles", _KEEP_ROLES, [roles]),
        allow("OwnPolicies", _OWN_POLICIES, [policies]),
        allow("Account", ["iam:*AccountPasswordPolicy", "iam:CreateServiceLinkedRole"], ["*"]),
        allow("Read", ["iam:Get*", "iam:List*"], ["*"]),
        allow("State", ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"], [f"{state}/*"]),
        allow("StateList", ["s3:ListBucket"], [state]),
        allow("StateKey", ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], [pipeline.state_key]),
        deny("OwnRole", ["iam:*"], own),
        deny("Boundaries", _CHANGE_BOUNDARIES, boundaries),
        # Who gives a secret its rotation needs the right to invoke the function, says RotateSecret's page
        # (Secrets Manager API Reference); the function makes exchanges, and tells nobody a token.
        deny_elsewhere("RotationOnly", ["lambda:Invoke*"], [rotation]),
        deny("Never", _NEVER, ["*"]),
        # A deleted secret keeps its name, so none of that name with a value of one's own is made meanwhile.
        _undeletable("Forced", {"Bool": {"secretsmanager:ForceDeleteWithoutRecovery": "true"}}),
        _undeletable("Soon", {"NumericLessThan": {"secretsmanager:RecoveryWindowInDays": "30"}}),
    ]


def _undeletable(sid: str, condition: Mapping[str, Any]) -> Statement:
    return deny(sid, ["secretsmanager:DeleteSecret"], ["*"], None, condition)


def _policy(name: str, statements: list[Statement]) -> dict[str, Any]:
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"ManagedPolicyName": name, "PolicyDocument": _document(statements)},
    }


def _document(statements: list[Statement]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}
