"""What the program tells the boundary in the guard's task, and what that one may do there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hardening.errors import ConfigError
from infra.lab.certificates import make_certificates
from infra.runtime.boundary.settings import boundary_from, keys_from
from infra.runtime.policy_service.environment import port_of
from tests.own_stack import ROOT, own_stack

# The declared variables without which it does not start.
BOUNDARY_SETTINGS = (
    *("AWS_REGION", "RAMPART_BOUNDARY_PORT", "RAMPART_CDR_TABLE", "RAMPART_ENVIRONMENT"),
    *("RAMPART_HOP_KEY_ID", "RAMPART_PSEUDONYM_KEY_ID", "RAMPART_RECEIPT_KEY_ID", "RAMPART_REGISTRY_DIGEST"),
    *("RAMPART_SERVER_NAMES", "RAMPART_SERVICE", "RAMPART_SERVICE_CA"),
)


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of the declared container, with a CA of this machine's and the registry's folder."""
    (guard,) = (
        one
        for one in own_stack("test").of_type("aws:ecs/taskDefinition:TaskDefinition")
        if one.name == "guard"
    )
    (own,) = (one for one in json.loads(guard.inputs["containerDefinitions"]) if one["name"] == "boundary")
    assert own["portMappings"] == [], "nobody beyond the task asks it"
    made = make_certificates(tmp_path_factory.mktemp("tls"), {"service": ("service.internal",)})
    found = {one["name"]: one["value"] for one in own["environment"]}
    assert found["RAMPART_SERVICE_CA"] == "/etc/rampart/service-ca.pem"
    return {**found, "RAMPART_SERVICE_CA": str(made.ca_file)}


def start(variables: dict[str, str]) -> None:
    keys_from(variables)
    boundary_from(variables)
    port_of(variables, "RAMPART_BOUNDARY_PORT")


@pytest.mark.parametrize("name", BOUNDARY_SETTINGS)
def test_the_boundary_does_not_start_without_one_of_its_settings(
    name: str, declared: dict[str, str], tmp_path: Path
) -> None:
    served = {**declared, "RAMPART_PARTNERS": str(ROOT / "partners")}
    if name != "RAMPART_REGISTRY_DIGEST":
        del served["RAMPART_REGISTRY"]
        start(served)
    with pytest.raises(ConfigError):
        start({key: value for key, value in served.items() if key != name})


def test_the_guards_role_reads_and_writes_single_entries_of_the_ledger_and_reads_its_own_keys() -> None:
    granted: dict[str, set[str]] = {}
    for one in own_stack("test").of_type("aws:iam/rolePolicy:RolePolicy"):
        for statement in json.loads(one.inputs["policy"])["Statement"]:
            for resource in statement["Resource"] if isinstance(statement["Resource"], list) else ():
                if "rampart-test-cdrs" in resource or "pseudonym-key" in resource:
                    granted.setdefault(one.name, set()).update(statement["Action"])
    assert granted["guard"] == {"dynamodb:GetItem", "dynamodb:PutItem", "secretsmanager:GetSecretValue"}
    assert "service" not in granted
    assert "egress" not in granted
