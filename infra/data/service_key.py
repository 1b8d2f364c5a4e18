"""A key that services of ours prove themselves with: a secret that the rotation function alone fills.

No key is ever part of the program, its configuration or its state, and nobody has to renew one by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.data.secrets_manager import PartnerSecrets, as_described, readers_only, writers_only


@dataclass(frozen=True, slots=True)
class Rotator:
    """`secrets` has the function that makes each key, every `days`."""

    context: ComponentContext
    secrets: PartnerSecrets
    days: int


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """`logical_name` is the program's, `name` Secrets Manager's. `marks` become tags.

    `readers` are the roles (ARNs) that read the key, besides the function that makes it.
    """

    logical_name: str
    name: str
    description: str
    readers: Sequence[pulumi.Input[str]]
    marks: tuple[tuple[str, str], ...] = ()


def service_key(
    key: ServiceKey, rotator: Rotator, parent: pulumi.Resource, *, protect: bool = False
) -> aws.secretsmanager.Secret:
    """The secret for `key`, below the component `parent`, with its policy and its rotation.

    `protect`: the stack must be told before it deletes the key, which nothing makes anew.
    """
    environment, rotation = rotator.context.environment, rotator.secrets.rotation
    name, child = key.logical_name, pulumi.ResourceOptions(parent=parent)
    secret = aws.secretsmanager.Secret(
        name,
        name=key.name,
        description=key.description,
        kms_key_id=rotator.context.keys.secrets.arn,
        recovery_window_in_days=30,
        tags=environment.tags(name, data_class="restricted", **dict(key.marks)),
        opts=as_described(pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(protect=protect))),
    )
    # The service may write partners' secrets, and none that proves who called.
    written = writers_only(rotation.role.arn)
    readers_only(name, secret, [rotation.role.arn, *key.readers], child, *written)
    aws.secretsmanager.SecretRotation(
        name,
        secret_id=secret.id,
        rotation_lambda_arn=rotation.arn,
        rotation_rules={"automatically_after_days": rotator.days},
        rotate_immediately=True,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[rotator.secrets.permission]),
    )
    return secret
