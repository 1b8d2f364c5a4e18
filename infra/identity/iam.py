"""IAM: three administrator roles that need MFA, and the permission boundary of every role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.environment import Environment
from infra.identity.iam_policies import Statement, allow, deny, document, trust

_MANAGED = "arn:aws:iam::aws:policy/"

# Denied to every role under the boundary, whatever a policy grants: stop the audit, change its stores,
# loosen the boundary, or create identities outside of it.
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
_IDENTITIES = (
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteUserPermissionsBoundary",
    "organizations:LeaveOrganization",
)
# The services of this stack; the boundary allows these and no others.
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


@dataclass(frozen=True, slots=True)
class AdministratorsArgs:
    """`regions` are those with resources of the stack; `trusted` are ARNs that may assume the roles."""

    environment: Environment
    regions: tuple[str, ...]
    trusted: tuple[str, ...]


class Administrators(pulumi.ComponentResource):
    """Roles `reader`, `operator` and `admin`, with MFA, for one hour.

    `boundary` is the ARN of the permission boundary of every role of the stack; `operator` the ARN of the
    role for runbooks (IAM User Guide, "Permissions boundaries for IAM entities").
    """

    def __init__(
        self, name: str, args: AdministratorsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("rampart:identity:Administrators", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.boundary = self._boundary().arn
        reader = self._duty("reader", [self._no_secrets()])
        self._attach("reader", reader, "SecurityAudit")
        operator = self._duty("operator", self._operations())
        self.operator = operator.arn
        self._attach("operator", operator, "job-function/ViewOnlyAccess")
        admin = self._duty("admin", [self._no_secrets()])
        self._attach("admin", admin, "PowerUserAccess")
        self.register_outputs({"boundary": self.boundary})

    def _boundary(self) -> aws.iam.Policy:
        environment = self._args.environment
        own = [
            environment.arn("iam", f"role/{environment.name('*')}"),
            environment.arn("iam", f"policy/{environment.name('*')}"),
        ]
        here = {"StringEquals": {"aws:RequestedRegion": list(self._args.regions)}}
        return aws.iam.Policy(
            "boundary",
            name=environment.name("boundary"),
            description="The most that any role of this environment can do",
            policy=document(
                allow("OwnServices", [f"{service}:*" for service in _SERVICES], ["*"], None, here),
                allow("OwnRoles", ["iam:GetRole", "iam:PassRole"], own),
                deny("Untouchable", _UNTOUCHABLE, ["*"]),
                deny("Identities", _IDENTITIES, ["*"]),
            ),
            tags=environment.tags("boundary"),
            opts=self._child,
        )

    def _duty(self, duty: str, statements: Sequence[Statement]) -> aws.iam.Role:
        environment = self._args.environment
        role = aws.iam.Role(
            duty,
            name=environment.name(duty),
            description=f"Administrators: {duty}",
            assume_role_policy=trust(
                {"AWS": list(self._args.trusted)},
                {
                    "Bool": {"aws:MultiFactorAuthPresent": "true"},
                    "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
                },
            ),
            permissions_boundary=self.boundary,
            max_session_duration=3600,
            force_detach_policies=True,
            tags=environment.tags(duty, duty=duty),
            opts=self._child,
        )
        aws.iam.RolePolicy(
            duty, name=environment.name(duty), role=role.name, policy=document(*statements), opts=self._child
        )
        return role

    def _attach(self, duty: str, role: aws.iam.Role, policy: str) -> None:
        aws.iam.RolePolicyAttachment(duty, role=role.name, policy_arn=_MANAGED + policy, opts=self._child)

    def _no_secrets(self) -> Statement:
        """Tokens are for programs: no person reads them, not even an administrator."""
        return deny(
            "NoTokens",
            ["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue", "ssm:GetParameter*"],
            ["*"],
        )

    def _operations(self) -> list[Statement]:
        """What the runbooks need: rotate and revoke tokens, restart the guard, read the logs."""
        environment = self._args.environment
        secrets = environment.arn("secretsmanager", f"secret:rampart/{environment.label}/*")
        services = environment.arn("ecs", f"service/{environment.name('guard')}/*")
        inbound = environment.arn("secretsmanager", f"secret:rampart/{environment.label}/*/inbound-*")
        logs = environment.arn("logs", f"log-group:/rampart/{environment.label}/*")
        return [
            allow(
                "RotateTokens", ["secretsmanager:RotateSecret", "secretsmanager:DescribeSecret"], [secrets]
            ),
            allow(
                "RevokeTokens",
                ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"],
                [environment.arn("dynamodb", f"table/{environment.name('tokens')}")],
            ),
            allow("RestartTasks", ["ecs:DescribeServices", "ecs:UpdateService"], [services]),
            allow("ReadLogs", ["logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery"], [logs]),
            # The operator hands a new partner its registration token, and sees no token of ours.
            allow("RegistrationTokens", ["secretsmanager:GetSecretValue"], [inbound]),
            allow(
                "TokenKey",
                ["kms:Decrypt"],
                [environment.arn("kms", "key/*")],
                None,
                {"StringLike": {"kms:EncryptionContext:SecretARN": inbound}},
            ),
            deny(
                "NoOutboundTokens",
                ["secretsmanager:GetSecretValue"],
                [environment.arn("secretsmanager", f"secret:rampart/{environment.label}/*/outbound-*")],
            ),
        ]
