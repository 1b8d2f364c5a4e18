"""The certificate of the egress guard, which a private authority issues: the secret that it is kept in.

Nothing here makes it: chain and key are put there by who holds the authority. It stands in the first phase,
so the egress guard of the second finds it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from hardening.egress.callers import certificate_secret
from infra.component_context import ComponentContext
from infra.data.secrets_manager import readers_only


@dataclass(frozen=True, slots=True)
class InternalCertificateArgs:
    """`context` of the environment."""

    context: ComponentContext


class InternalCertificate(pulumi.ComponentResource):
    """The secret for chain and key, in PEM. The egress guard reads it, and nobody else."""

    def __init__(
        self, name: str, args: InternalCertificateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("rampart:data:InternalCertificate", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        environment = args.context.environment
        secret = aws.secretsmanager.Secret(
            "egress-certificate",
            name=certificate_secret(environment.label),
            description="Certificate and key of the egress guard, from the internal authority (PEM)",
            kms_key_id=args.context.keys.secrets.arn,
            recovery_window_in_days=30,
            tags=environment.tags("egress-certificate", data_class="restricted"),
            opts=child,
        )
        # The role is made in the next phase.
        guard = environment.arn("iam", f"role/{environment.name('egress')}")
        readers_only("egress-certificate", secret, [guard], child)
        self.register_outputs({})
