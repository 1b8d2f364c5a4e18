"""The OCPI service's task: what its container is told, and what its role may do."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from hardening.egress.callers import key_secret, service_certificate_secret
from infra.compute.ecs import HEALTH, Container
from infra.compute.egress_guard import caller_environment, partner_secrets
from infra.environment import Environment
from infra.identity.iam_policies import Statement, allow
from infra.network.ports import SERVICE_PORT
from infra.settings import Settings


def service_container(
    environment: Environment, settings: Settings, variables: Mapping[str, pulumi.Input[str]]
) -> Container:
    """The service's container. `variables` are those of the stores and of the registry."""
    return Container(
        "service",
        settings.service_image,
        HEALTH,
        SERVICE_PORT,
        environment={
            **variables,
            **caller_environment(environment, settings.internal_authority, "credentials"),
            "RAMPART_ORIGIN": f"https://{settings.domain}",
            "RAMPART_SERVICE_CERTIFICATE_ID": service_certificate_secret(environment.label),
            "RAMPART_LISTEN_HOST": "0.0.0.0",  # noqa: S104  (its security group says who gets here)
            "RAMPART_LISTEN": str(SERVICE_PORT),
            "RAMPART_PAGE_LIMIT": str(settings.page_limit),
        },
    )


def service_use(
    environment: Environment, tokens: pulumi.Input[str], key: pulumi.Input[str]
) -> list[Statement]:
    """What the service's role may do beside its ledgers.

    `tokens` is the ARN of the table of token digests, `key` that of the key of the secrets.
    """
    certificate = f"secret:{service_certificate_secret(environment.label)}-??????"
    caller = f"secret:{key_secret(environment.label, 'credentials')}-*"
    shown = [environment.arn("secretsmanager", name) for name in (caller, certificate)]
    kept = [partner_secrets(environment, way) for way in ("inbound", "outbound")]
    return [
        # The credentials module: registration makes tokens, and revokes them.
        allow("Registration", ["dynamodb:PutItem", "dynamodb:UpdateItem"], [tokens]),
        allow("KeepTokens", ["secretsmanager:PutSecretValue"], kept),
        allow("EgressKeyAndCertificate", ["secretsmanager:GetSecretValue"], shown),
        allow("TokenSecrets", ["kms:Decrypt", "kms:GenerateDataKey"], [key]),
    ]
