"""IAM: three administrator roles that need MFA, and the permission boundaries of every role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.data.token_store import token_state_only
from infra.environment import Environment
from infra.identity.boundaries import certificates, people_boundary, workload_boundary
from infra.identity.iam_policies import Statement, allow, assume, deny, document
from infra.runtime.functions.secrets_vault import REGISTRATION

# `rampart audit tokens` reads policies too.
_ROTATING = ("RotateSecret", "DescribeSecret", "GetResourcePolicy")
_MANAGED = "arn:aws:iam::aws:policy/"


@dataclass(frozen=True, slots=True)
class AdministratorsArgs:
    """`regions` are those with resources of the stack; `trusted` are ARNs that may assume the roles.

    `identity_provider_mfa` says where the second factor of those is proved that are roles: a session of a
    role carries no `aws:MultiFactorAuthPresent` (IAM User Guide, "Secure API access with MFA").
    """

    environment: Environment
    regions: tuple[str, ...]
    trusted: tuple[str, ...]
    identity_provider_mfa: str


class Administrators(pulumi.ComponentResource):
    """Roles `reader`, `operator` and `admin`, with MFA, for one hour.

    `boundary` is the ARN of the permission boundary of every role that a program takes; people have a
    narrower one. `operator` is the ARN of the role for runbooks.
    """

    def __init__(
        self, name: str, args: AdministratorsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("rampart:identity:Administrators", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        environment, regions = args.environment, args.regions
        self.boundary = self._boundary("boundary", workload_boundary(environment, regions))
        self._people = self._boundary("people-boundary", people_boundary(environment, regions))
        reader = self._duty("reader", [self._no_secrets()])
        self._attach("reader", reader, "SecurityAudit")
        operator = self._duty("operator", self._operations())
        self.operator = operator.arn
        self._attach("operator", operator, "job-function/ViewOnlyAccess")
        admin = self._duty("admin", [self._no_secrets(), self._no_exchanges()])
        self._attach("admin", admin, "PowerUserAccess")
        self.register_outputs({"boundary": self.boundary})

    def _boundary(self, name: str, statements: Sequence[Statement]) -> pulumi.Output[str]:
        environment = self._args.environment
        return aws.iam.Policy(
            name,
            name=environment.name(name),
            description="The most that a role of this environment can do",
            policy=document(*statements),
            tags=environment.tags(name),
            opts=self._child,
        ).arn

    def _duty(self, duty: str, statements: Sequence[Statement]) -> aws.iam.Role:
        environment = self._args.environment
        proof = self._args.identity_provider_mfa
        role = aws.iam.Role(
            duty,
            name=environment.name(duty),
            description=f"Administrators: {duty}",
            assume_role_policy=self._trust(),
            permissions_boundary=self._people,
            max_session_duration=3600,
            force_detach_policies=True,
            tags=environment.tags(duty, duty=duty, **({"mfa": proof} if proof else {})),
            opts=self._child,
        )
        aws.iam.RolePolicy(
            duty, name=environment.name(duty), role=role.name, policy=document(*statements), opts=self._child
        )
        return role

    def _trust(self) -> pulumi.Output[str]:
        """Users bring their second factor in the call; a role's session (SSO, chains) had it before."""
        users = [arn for arn in self._args.trusted if ":user/" in arn]
        roles = [arn for arn in self._args.trusted if ":user/" not in arn]
        with_mfa = {
            "Bool": {"aws:MultiFactorAuthPresent": "true"},
            "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
        }
        statements = [assume("Users", {"AWS": users}, with_mfa)] if users else []
        return document(*statements, *([assume("Roles", {"AWS": roles})] if roles else []))

    def _attach(self, duty: str, role: aws.iam.Role, policy: str) -> None:
        aws.iam.RolePolicyAttachment(duty, role=role.name, policy_arn=_MANAGED + policy, opts=self._child)

    def _no_secrets(self) -> Statement:
        """Tokens are for programs: no person reads them, not even an administrator."""
        return deny(
            "NoTokens",
            ["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue", "ssm:GetParameter*"],
            ["*"],
        )

    def _no_exchanges(self) -> Statement:
        """What the boundary leaves to one duty: the operator's."""
        return deny("NoExchanges", ["lambda:Invoke*", "secretsmanager:PutSecretValue"], ["*"])

    def _operations(self) -> list[Statement]:
        """What the runbooks need: rotate and revoke tokens, restart the guard, read the logs."""
        environment = self._args.environment
        secrets = environment.arn("secretsmanager", f"secret:rampart/{environment.label}/*")
        services = environment.arn("ecs", f"service/{environment.name('guard')}/*")
        inbound = environment.arn("secretsmanager", f"secret:rampart/{environment.label}/*/inbound-*")
        logs = environment.arn("logs", f"log-group:/rampart/{environment.label}/*")
        tokens = environment.arn("dynamodb", f"table/{environment.name('tokens')}")
        here = {"StringEquals": {"aws:RequestedRegion": environment.region}}
        registration = {"StringEquals": {"secretsmanager:VersionStage": REGISTRATION}}
        return [
            allow("RotateTokens", [f"secretsmanager:{name}" for name in _ROTATING], [secrets]),
            *self._exchanges(),
            # A query goes to the index, which has an ARN of its own.
            allow(
                "FindTokens", ["dynamodb:GetItem", "dynamodb:Query"], [tokens, f"{tokens}/index/by-partner"]
            ),
            self._key("TableKey", "aws:dynamodb:tableName", environment.name("tokens")),
            token_state_only("RevokeTokens", tokens),
            allow("RestartTasks", ["ecs:DescribeServices", "ecs:UpdateService"], [services]),
            allow("ReadLogs", ["logs:FilterLogEvents", "logs:GetLogEvents", "logs:StartQuery"], [logs]),
            # The results of a query belong to no log group (Service Authorization Reference).
            allow("ReadQueries", ["logs:GetQueryResults", "logs:StopQuery"], ["*"], None, here),
            # The operator hands a new partner its registration token, and sees no token that is in use.
            allow("RegistrationTokens", ["secretsmanager:GetSecretValue"], [inbound], None, registration),
            self._key("TokenKey", "SecretARN", inbound),
            deny(
                "NoOutboundTokens",
                ["secretsmanager:GetSecretValue"],
                [environment.arn("secretsmanager", f"secret:rampart/{environment.label}/*/outbound-*")],
            ),
        ]

    def _exchanges(self) -> list[Statement]:
        """Registration, rotation and an end, which the function makes; and certificates from outside."""
        environment = self._args.environment
        rotation = environment.arn("lambda", f"function:{environment.name('rotation')}")
        issued = certificates(environment)
        return [
            allow("Exchanges", ["lambda:InvokeFunction"], [rotation]),
            allow("RenewCertificates", ["secretsmanager:PutSecretValue"], issued),
            self._key("CertificateKey", "SecretARN", *issued, writes=True),
        ]

    def _key(self, sid: str, name: str, *values: str, writes: bool = False) -> Statement:
        """The use of keys for what has one of `values` as `name` of its encryption context."""
        actions = ["kms:Decrypt", *(["kms:GenerateDataKey"] if writes else [])]
        context = {"StringLike": {f"kms:EncryptionContext:{name}": list(values)}}
        return allow(sid, actions, [self._args.environment.arn("kms", "key/*")], None, context)
