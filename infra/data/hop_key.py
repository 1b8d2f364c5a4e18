"""The key with which the guard proves to the OCPI service that a call came through it.

The rotation function makes each version, so no key is ever part of the program or its state, and nobody has
to renew one by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from hardening.requests.hop_signature import hop_secret
from infra.component_context import ComponentContext
from infra.data.secrets_manager import PartnerSecrets
from infra.identity.iam_policies import Statement, allow, deny, deny_plaintext, document


@dataclass(frozen=True, slots=True)
class HopKeyArgs:
    """`rotator` has the rotation function; `readers` are the roles (ARNs) of guard and OCPI service."""

    context: ComponentContext
    rotator: PartnerSecrets
    readers: Sequence[pulumi.Input[str]]
    days: int


class HopKey(pulumi.ComponentResource):
    """`arn` is the secret's. Guard and service know it by its name, so neither waits for it."""

    def __init__(self, name: str, args: HopKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:data:HopKey", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        environment, rotation = args.context.environment, args.rotator.rotation
        secret = aws.secretsmanager.Secret(
            "hop-key",
            name=hop_secret(environment.label),
            description="Key of the hop from guard to OCPI service",
            kms_key_id=args.context.keys.secrets.arn,
            recovery_window_in_days=30,
            tags=environment.tags("hop-key", data_class="restricted"),
            opts=child,
        )
        others = {"ArnNotEquals": {"aws:PrincipalArn": [rotation.role.arn, *args.readers]}}
        not_rotation = {"ArnNotEquals": {"aws:PrincipalArn": [rotation.role.arn]}}
        aws.secretsmanager.SecretPolicy(
            "hop-key",
            secret_arn=secret.arn,
            block_public_policy=True,
            policy=document(
                deny("ReadersOnly", ["secretsmanager:GetSecretValue"], ["*"], "*", others),
                # The service may write partners' secrets, and none that proves who called it.
                deny("RotationOnly", ["secretsmanager:PutSecretValue"], ["*"], "*", not_rotation),
                deny_plaintext(["secretsmanager:*"], ["*"]),
            ),
            opts=child,
        )
        aws.secretsmanager.SecretRotation(
            "hop-key",
            secret_id=secret.id,
            rotation_lambda_arn=rotation.arn,
            rotation_rules={"automatically_after_days": args.days},
            rotate_immediately=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.rotator.permission]),
        )
        self.arn = secret.arn
        self.register_outputs({"arn": self.arn})


def hop_key_use(context: ComponentContext) -> tuple[Statement, ...]:
    """The right of guard and OCPI service to read the key: by its name, as they are made before it."""
    environment = context.environment
    secret = environment.arn("secretsmanager", f"secret:{hop_secret(environment.label)}-*")
    return (
        allow("HopKey", ["secretsmanager:GetSecretValue"], [secret]),
        allow("HopKeyKey", ["kms:Decrypt"], [context.keys.secrets.arn]),
    )
