"""The key with which the guard proves to the OCPI service that a call came through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from hardening.requests.hop_signature import hop_secret
from infra.component_context import ComponentContext
from infra.data.service_key import Rotator, ServiceKey, service_key
from infra.identity.iam_policies import Statement, allow


@dataclass(frozen=True, slots=True)
class HopKeyArgs:
    """`readers` are the roles (ARNs) of guard and OCPI service."""

    rotator: Rotator
    readers: Sequence[pulumi.Input[str]]


class HopKey(pulumi.ComponentResource):
    """`arn` is the secret's. Guard and service know it by its name, so neither waits for it."""

    def __init__(self, name: str, args: HopKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:data:HopKey", name, None, opts)
        label = args.rotator.context.environment.label
        key = ServiceKey(
            "hop-key", hop_secret(label), "Key of the hop from guard to OCPI service", args.readers
        )
        self.arn = service_key(key, args.rotator, self).arn
        self.register_outputs({"arn": self.arn})


def hop_key_use(context: ComponentContext) -> tuple[Statement, ...]:
    """The right of guard and OCPI service to read the key: by its name, as they are made before it."""
    environment = context.environment
    secret = environment.arn("secretsmanager", f"secret:{hop_secret(environment.label)}-*")
    return (
        allow("HopKey", ["secretsmanager:GetSecretValue"], [secret]),
        allow("HopKeyKey", ["kms:Decrypt"], [context.keys.secrets.arn]),
    )
