"""The keys with which our services sign their calls of the egress guard: a rotated secret for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from hardening.egress.callers import CHANGE_TOKENS, key_secret
from infra.component_context import ComponentContext
from infra.data.secrets_manager import PartnerSecrets, readers_only


@dataclass(frozen=True, slots=True)
class CallerKeysArgs:
    """`readers` maps a caller to the roles that read its key, besides the function that rotates it.

    `secrets` has that function, `days` is how often it runs.
    """

    context: ComponentContext
    secrets: PartnerSecrets
    days: int
    readers: Mapping[str, Sequence[pulumi.Input[str]]]


class CallerKeys(pulumi.ComponentResource):
    """A key of its own for each caller: none is part of the program, its configuration or its state."""

    def __init__(self, name: str, args: CallerKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:data:CallerKeys", name, None, opts)
        self._args = args
        self._child = pulumi.ResourceOptions(parent=self)
        for caller in CHANGE_TOKENS:
            self._key(caller)
        self.register_outputs({})

    def _key(self, caller: str) -> None:
        args, name = self._args, f"egress-{caller}"
        environment, rotation = args.context.environment, args.secrets.rotation
        secret = aws.secretsmanager.Secret(
            name,
            name=key_secret(environment.label, caller),
            description=f"Key with which {caller} signs its calls of the egress guard",
            kms_key_id=args.context.keys.secrets.arn,
            recovery_window_in_days=30,
            tags=environment.tags(name, data_class="restricted", caller=caller),
            opts=self._child,
        )
        readers_only(name, secret, [rotation.role.arn, *args.readers[caller]], self._child)
        aws.secretsmanager.SecretRotation(
            name,
            secret_id=secret.id,
            rotation_lambda_arn=rotation.arn,
            rotation_rules={"automatically_after_days": args.days},
            rotate_immediately=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[args.secrets.permission]),
        )
