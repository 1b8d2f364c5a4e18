"""The boundary's two keys: of drivers' pseudonyms, and of receipts. They are made once, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from hardening.ledger.kept_keys import pseudonym_secret, receipt_secret
from infra.component_context import ComponentContext
from infra.data.service_key import Rotator, ServiceKey, service_key
from infra.identity.iam_policies import Statement, allow


@dataclass(frozen=True, slots=True)
class BoundaryKeysArgs:
    """`readers` is the role (ARN) of the guard, whose task the boundary is in."""

    rotator: Rotator
    readers: Sequence[pulumi.Input[str]]


class BoundaryKeys(pulumi.ComponentResource):
    """The guard knows both by their names, so neither waits for the other.

    Each rotation writes the key that there is once more. A new one would give each partner another name for
    each of our drivers, and nobody could check yesterday's receipts by it.
    """

    def __init__(self, name: str, args: BoundaryKeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:data:BoundaryKeys", name, None, opts)
        label = args.rotator.context.environment.label
        for key in (
            ServiceKey("pseudonym-key", pseudonym_secret(label), "Key of drivers' pseudonyms", args.readers),
            ServiceKey("receipt-key", receipt_secret(label), "Key that signs receipts", args.readers),
        ):
            service_key(key, args.rotator, self, protect=True)
        self.register_outputs({})


def boundary_keys_use(context: ComponentContext) -> Statement:
    """The right to read both, by their names. What decrypts them is granted with the key of the hop."""
    environment = context.environment
    names = (pseudonym_secret(environment.label), receipt_secret(environment.label))
    kept = [environment.arn("secretsmanager", f"secret:{name}-??????") for name in names]
    return allow("BoundaryKeys", ["secretsmanager:GetSecretValue"], kept)
