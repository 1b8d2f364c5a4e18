"""The certificates that authorities outside issue: of egress guard and service, and those shown to partners.

Nothing here makes them: chain and key are put into their secrets by who holds the key. The secrets stand in
the first phase, so the tasks of the second find them.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from hardening.egress.callers import (
    certificate_secret,
    client_certificate_secret,
    service_certificate_secret,
)
from infra.component_context import ComponentContext
from infra.data.secrets_manager import as_described, readers_only


@dataclass(frozen=True, slots=True)
class InternalCertificateArgs:
    """`shown` are the names of the certificates that partners are shown."""

    context: ComponentContext
    shown: tuple[str, ...] = ()


class InternalCertificate(pulumi.ComponentResource):
    """A secret for chain and key of each, in PEM. Whose it is reads it, and nobody else."""

    def __init__(
        self, name: str, args: InternalCertificateArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("rampart:data:InternalCertificate", name, None, opts)
        self._context = args.context
        self._child = pulumi.ResourceOptions(parent=self)
        label = args.context.environment.label
        about = "Certificate and key of the egress guard, from the internal authority (PEM)"
        self._secret("egress-certificate", certificate_secret(label), about)
        about = "Certificate and key of the OCPI service, from the authority that the guard's image has (PEM)"
        self._secret("service-certificate", service_certificate_secret(label), about, "service")
        for shown in args.shown:
            about = f"Certificate and key that partners are shown as {shown} (PEM)"
            self._secret(f"client-certificate-{shown}", client_certificate_secret(label, shown), about)
        self.register_outputs({})

    def _secret(self, name: str, known_as: str, about: str, reader: str = "egress") -> None:
        environment = self._context.environment
        secret = aws.secretsmanager.Secret(
            name,
            name=known_as,
            description=about,
            kms_key_id=self._context.keys.secrets.arn,
            recovery_window_in_days=30,
            tags=environment.tags(name, data_class="restricted"),
            opts=as_described(self._child),
        )
        # The role is made in the next phase.
        role = environment.arn("iam", f"role/{environment.name(reader)}")
        readers_only(name, secret, [role], self._child)
