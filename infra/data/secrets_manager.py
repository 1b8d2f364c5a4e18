"""One secret for each partner, direction and environment, rotated by a function of our own.

No token is ever part of the program, its configuration or its state: the rotation function makes the
first version of an inbound secret, and registration stores the first outbound one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from hardening.registry.partners import Partner
from infra.component_context import ComponentContext
from infra.compute.lambda_functions import Attachment, LambdaFunction, LambdaFunctionArgs
from infra.compute.signer import SignedCode
from infra.data.registry_object import RegistryObject
from infra.identity.iam_policies import Statement, allow, deny, deny_plaintext, document

DIRECTIONS = ("inbound", "outbound")
_SECONDS = 60
_ROTATED = (
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
)


@dataclass(frozen=True, slots=True)
class RotationRule:
    """A token changes every `days`; the old one is accepted for `overlap_minutes` after that."""

    days: int
    overlap_minutes: int


@dataclass(frozen=True, slots=True)
class PartnerSecretsArgs:
    """`egress` are the environment variables of who calls partners.

    `readers` maps a direction to the role that may read it; `keeper` is the role that registers
    partners.
    """

    context: ComponentContext
    partners: tuple[Partner, ...]
    code: SignedCode
    attachment: Attachment
    tokens: aws.dynamodb.Table
    registry: RegistryObject
    rule: RotationRule
    egress: Mapping[str, str]
    readers: Mapping[str, pulumi.Input[str]]
    keeper: pulumi.Input[str]


class PartnerSecrets(pulumi.ComponentResource):
    """`arns` maps (partner, direction) to a secret's ARN; `rotation` is the function that rotates it.

    A rotation waits for `permission`, with which Secrets Manager may call the function.

    Partners present `inbound` tokens to us; we present `outbound` tokens to them.
    """

    def __init__(
        self, name: str, args: PartnerSecretsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("rampart:data:PartnerSecrets", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        self.rotation = self._rotation()
        self.permission = aws.lambda_.Permission(
            "rotation",
            function=self.rotation.name,
            action="lambda:InvokeFunction",
            principal="secretsmanager.amazonaws.com",
            source_account=args.context.environment.account,
            opts=self._child,
        )
        self.arns = {
            (partner.name, direction): self._secret(partner, direction)
            for partner in args.partners
            for direction in DIRECTIONS
        }
        self.register_outputs({})

    def _rotation(self) -> LambdaFunction:
        args = self._args
        context = args.context
        environment = context.environment
        return LambdaFunction(
            "rotation",
            LambdaFunctionArgs(
                context,
                args.code,
                "infra.runtime.functions.rotation.rotate",
                "Rotates credentials tokens, new beside old",
                args.attachment,
                {
                    **args.registry.variables,
                    "RAMPART_TOKEN_TABLE": args.tokens.name,
                    "RAMPART_ENVIRONMENT": environment.label,
                    "RAMPART_OVERLAP_MINUTES": str(args.rule.overlap_minutes),
                    "RAMPART_ROTATION_DAYS": str(args.rule.days),
                    **args.egress,
                },
                self._rotation_use(),
                # One at a time: a partner's two secrets change in one exchange with it.
                1,
                _SECONDS,
            ),
            self._child,
        )

    def _rotation_use(self) -> list[Statement]:
        """What the rotation function may do: change the secrets, and tell the token store."""
        environment, keys = self._args.context.environment, self._args.context.keys
        secrets = environment.arn("secretsmanager", f"secret:rampart/{environment.label}/*")
        tokens = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        return [
            *self._args.registry.use,
            allow("Secrets", _ROTATED, [secrets]),
            allow("SecretKey", ["kms:Decrypt", "kms:GenerateDataKey"], [keys.secrets.arn]),
            allow("Tokens", tokens, [self._args.tokens.arn]),
            allow("TokenKey", ["kms:Decrypt"], [keys.data.arn]),
        ]

    def _secret(self, partner: Partner, direction: str) -> pulumi.Output[str]:
        environment, name = self._args.context.environment, f"{partner.name}-{direction}"
        secret = aws.secretsmanager.Secret(
            name,
            name=f"rampart/{environment.label}/{partner.name}/{direction}",
            description=f"OCPI credentials token, {direction}, {partner.name}",
            kms_key_id=self._args.context.keys.secrets.arn,
            recovery_window_in_days=30,
            tags=environment.tags(name, data_class="restricted", partner=partner.name, direction=direction),
            opts=as_described(self._child),
        )
        rotation = self.rotation.role.arn
        written = writers_only(rotation, self._args.keeper)
        readers_only(name, secret, [rotation, self._args.readers[direction]], self._child, *written)
        aws.secretsmanager.SecretRotation(
            name,
            secret_id=secret.id,
            rotation_lambda_arn=self.rotation.arn,
            rotation_rules={"automatically_after_days": self._args.rule.days},
            # An outbound token comes from the partner: before registration there is none to rotate.
            rotate_immediately=direction == "inbound",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.permission]),
        )
        return secret.arn


def readers_only(
    name: str,
    secret: aws.secretsmanager.Secret,
    readers: Sequence[pulumi.Input[str]],
    opts: pulumi.ResourceOptions,
    *more: Statement,
) -> None:
    """Deny reading to all but the roles `readers` (ARNs), and `more`, whatever IAM policies grant."""
    aws.secretsmanager.SecretPolicy(
        name,
        secret_arn=secret.arn,
        block_public_policy=True,
        policy=document(
            deny("ReadersOnly", ["secretsmanager:GetSecretValue"], ["*"], "*", _all_but(*readers)),
            *more,
            deny_plaintext(["secretsmanager:*"], ["*"]),
        ),
        opts=opts,
    )


def as_described(opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """The options of a secret that keeps the description of its first day: UpdateSecret is nobody's."""
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(ignore_changes=["description"]))


def writers_only(rotation: pulumi.Input[str], *others: pulumi.Input[str]) -> tuple[Statement, ...]:
    """Deny a new value to all but the role `rotation` and `others`, and all else that sets one to all but it.

    UpdateSecret takes a value too, and UpdateSecretVersionStage makes an old one current (Secrets Manager
    API). So nobody changes the description or the key of a secret that stands: see `as_described`.
    """
    whole = ["secretsmanager:UpdateSecret", "secretsmanager:UpdateSecretVersionStage"]
    return (
        deny("WritersOnly", ["secretsmanager:PutSecretValue"], ["*"], "*", _all_but(rotation, *others)),
        deny("RotationOnly", whole, ["*"], "*", _all_but(rotation)),
    )


def _all_but(*roles: pulumi.Input[str]) -> Mapping[str, Any]:
    return {"ArnNotEquals": {"aws:PrincipalArn": list(roles)}}
