"""The boundary in the guard's task: between Envoy, which asks it over loopback, and the OCPI service."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi

from hardening.ledger.kept_keys import pseudonym_secret, receipt_secret
from infra.component_context import ComponentContext
from infra.compute.ecs import HEALTH, Container
from infra.compute.egress_guard import internal_domain
from infra.data.boundary_keys import boundary_keys_use
from infra.environment import Environment
from infra.identity.iam_policies import Statement, allow
from infra.network.ports import BOUNDARY_PORT, SERVICE_PORT
from infra.settings import Settings

# What the build of the policy service's image put there: the authority of the OCPI service's certificate.
_SERVICE_AUTHORITY = "/etc/rampart/service-ca.pem"


def service_host(environment: Environment) -> str:
    """The name that the OCPI service's certificate is for."""
    return f"service.{internal_domain(environment)}"


def boundary_container(
    environment: Environment,
    settings: Settings,
    ledger: pulumi.Input[str],
    variables: Mapping[str, pulumi.Input[str]],
) -> Container:
    """The boundary, which is in the policy service's image. `ledger` is the name of its table.

    `variables` say where it runs, name the registry, and the key of the hop.
    """
    return Container(
        "boundary",
        settings.policy_image,
        HEALTH,
        0,
        ("python3", "-m", "infra.runtime.boundary"),
        {
            **variables,
            "RAMPART_BOUNDARY_PORT": str(BOUNDARY_PORT),
            "RAMPART_CDR_TABLE": ledger,
            "RAMPART_PSEUDONYM_KEY_ID": pseudonym_secret(environment.label),
            "RAMPART_RECEIPT_KEY_ID": receipt_secret(environment.label),
            "RAMPART_SERVER_NAMES": settings.domain,
            "RAMPART_SERVICE": f"https://{service_host(environment)}:{SERVICE_PORT}",
            "RAMPART_SERVICE_CA": _SERVICE_AUTHORITY,
        },
    )


def boundary_use(context: ComponentContext, ledger: pulumi.Input[str]) -> tuple[Statement, ...]:
    """What the boundary may do: read and write single entries of the ledger (its ARN), and read its keys.

    It lists nothing and deletes nothing: an entry ends by its time alone.
    """
    return (
        allow("Ledger", ["dynamodb:GetItem", "dynamodb:PutItem"], [ledger]),
        boundary_keys_use(context),
    )
