"""The egress guard: where it is in the VPC, and what its callers are told.

It alone holds the tokens that we call partners with, and opens TLS to them. Who calls a partner asks it over
TLS 1.3, by the certificate of a private authority, and signs the call with a key of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pulumi

from hardening.egress.callers import certificate_secret, client_certificate_secret, key_secret
from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from infra.compute.ecs import HEALTH, Container
from infra.environment import Environment
from infra.identity.iam_policies import Statement, allow
from infra.network.ports import EGRESS_PORT


def internal_domain(environment: Environment) -> str:
    """The private domain in which our services find each other."""
    return f"{environment.name('ocpi')}.internal"


def egress_host(environment: Environment) -> str:
    """The name that the egress guard's certificate is for."""
    return f"egress.{internal_domain(environment)}"


def caller_environment(environment: Environment, authority: str, caller: str) -> Mapping[str, str]:
    """The environment variables of what calls partners as `caller`; `authority` is PEM."""
    return {
        "RAMPART_EGRESS_CALLER": caller,
        "RAMPART_EGRESS_URL": f"https://{egress_host(environment)}:{EGRESS_PORT}",
        "RAMPART_EGRESS_CA": authority,
    }


def egress_container(
    environment: Environment, image: str, registry: Mapping[str, pulumi.Input[str]], authority: str
) -> Container:
    """The egress guard, which is in the policy service's image; `registry` are the variables that name it.

    `authority` (PEM) issued its certificate: it says when either ends.
    """
    return Container(
        "egress",
        image,
        HEALTH,
        EGRESS_PORT,
        ("python3", "-m", "infra.runtime.egress"),
        {
            **place(environment),
            **registry,
            "RAMPART_EGRESS_HOST": "0.0.0.0",  # noqa: S104  (its security group says who gets here)
            "RAMPART_EGRESS_PORT": str(EGRESS_PORT),
            "RAMPART_EGRESS_CERTIFICATE_ID": certificate_secret(environment.label),
            "RAMPART_EGRESS_CA": authority,
        },
    )


def shown_certificates(partners: Iterable[Partner]) -> tuple[str, ...]:
    """The names of the certificates that we show these partners."""
    return tuple(sorted({one.client_certificate_out for one in partners} - {""}))


def refuse_unread(partners: Iterable[Partner]) -> None:
    """Raise ConfigError for a partner with an authority whose certificates nobody has read."""
    for one in partners:
        if one.tls_ca_file and not one.tls_authority:
            raise ConfigError(
                f"{one.name}: tls_ca_file: {one.tls_ca_file}: was not read with the registry",
                "`rampart up` reads it, beside the partner's file",
            )


def egress_use(
    environment: Environment, secrets_key: pulumi.Input[str], shown: tuple[str, ...] = ()
) -> list[Statement]:
    """What the egress guard may do: read the tokens that go out, its callers' keys and its certificates.

    `shown` are the names of those that it shows partners: no other can be read.
    """
    label = environment.label
    certificates = [certificate_secret(label), *(client_certificate_secret(label, name) for name in shown)]
    # Secrets Manager ends each ARN with a hyphen and six letters.
    names = (*(f"{name}-??????" for name in certificates), key_secret(label, "*"))
    own = [environment.arn("secretsmanager", f"secret:{name}") for name in names]
    read, describe = "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"
    return [
        allow("OutboundTokens", [describe, read], [partner_secrets(environment, "outbound")]),
        allow("CertificateAndKeys", [read], own),
        allow("SecretKey", ["kms:Decrypt"], [secrets_key]),
    ]


def partner_secrets(environment: Environment, direction: str) -> str:
    """The ARN of all partners' secrets of a direction: Secrets Manager ends each name with six letters."""
    return environment.arn("secretsmanager", f"secret:rampart/{environment.label}/*/{direction}-*")


def place(environment: Environment) -> Mapping[str, str]:
    """Where a container runs: the variables of all of them."""
    return {"AWS_REGION": environment.region, "RAMPART_ENVIRONMENT": environment.label}
