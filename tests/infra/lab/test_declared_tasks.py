"""The lab's containers and functions are what is declared: without a part of it, the exchange fails."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hardening.errors import CollectError
from hardening.registry.reader import read_registry
from infra.lab.certificates import Certificate, Certificates
from infra.lab.credentials_exchange import Exchange, register_and_rotate
from infra.lab.processes import Children
from infra.lab.tasks.definition import declared_containers
from infra.lab.tasks.start import PROCESSES, Site, Tasks, start_tasks
from tests.beds.lab import DeployedLab
from tests.infra.compute.test_boundary import BOUNDARY_SETTINGS

Definitions = dict[str, list[dict[str, Any]]]
ROTATION = "rampart-test-rotation"
TASKS = "aws:ecs/taskDefinition:TaskDefinition"
# Without these an exchange works, as a guard without them does less: it counts as if it were the only task,
# and takes no stage off, which only API Gateway puts on.
MAY_BE_MISSING = (
    {
        ("guard", "policy", name)
        for name in (
            "RAMPART_GUARD_TASKS",
            # What it counts, it tells nobody.
            "RAMPART_METRICS_NAMESPACE",
            "RAMPART_STATISTICS_PORT",
            "RAMPART_REPLAY_TABLE",
            "RAMPART_STAGE",
        )
    }
    | {
        # Tried without a lab: tests/infra/compute/test_boundary.py.
        ("guard", "boundary", name)
        for name in BOUNDARY_SETTINGS
    }
    | {
        # This machine's loopback is its default; in a task nobody would reach it.
        ("egress", "egress", "RAMPART_EGRESS_HOST"),
        ("service", "service", "RAMPART_LISTEN_HOST"),
        # Without it the end of the authority is not watched, and every call is served.
        ("egress", "egress", "RAMPART_EGRESS_CA"),
    }
)


@pytest.fixture
def folder(lab: DeployedLab, tmp_path: Path) -> Path:
    """A folder of one's own beside the session's lab, with its deployment."""
    (tmp_path / "stack.json").write_text((lab.folder / "stack.json").read_text())
    (tmp_path / "logs").mkdir()
    return tmp_path


def site(lab: DeployedLab, folder: Path, change: Callable[[Definitions], None]) -> Site:
    """What the lab's containers would be started from, after `change` of the declared definitions by task."""
    resources = copy.deepcopy(lab.resources)
    declared = {r["urn"].rpartition("::")[2]: r for r in resources if r["type"] == TASKS}
    definitions = {
        task: json.loads(resource["inputs"]["containerDefinitions"]) for task, resource in declared.items()
    }
    change(definitions)
    for task, resource in declared.items():
        resource["inputs"]["containerDefinitions"] = json.dumps(definitions[task])
    made = lab.folder / "certificates"
    leaves = {
        name: Certificate(made / f"{name}.pem", made / f"{name}.key")
        for name in ("emulator", "guard", "service", "egress", "partner")
    }
    return Site(
        folder=folder,
        resources=tuple(resources),
        environment="test",
        region=lab.details["region"],
        domain=lab.details["server_name"],
        emulator_port=int(lab.details["aws_endpoint"].rpartition(":")[2]),
        certificates=Certificates(made / "ca.pem", leaves),
        partners=tuple(read_registry(lab.folder / "partners")),
        partners_folder=lab.folder / "partners",
    )


def exchange(lab: DeployedLab, at: Site, tasks: Tasks) -> Exchange:
    return Exchange(
        clients=lab.clients,
        folder=at.folder,
        network=tasks.network,
        port=tasks.guard_port,
        label="test",
        # One is enough here.
        partners=tuple(partner for partner in at.partners if partner.name == "example-emsp"),
        tokens=json.loads(Path(lab.details["tokens_file"]).read_text()),
        partner_tokens=tasks.partner_tokens,
    )


def exchanged(lab: DeployedLab, folder: Path, change: Callable[[Definitions], None] = lambda _: None) -> int:
    """Start the changed containers beside the lab, and let a partner register and its tokens rotate."""
    children = Children(folder)
    at = site(lab, folder, change)
    # Before its registration, a partner's outbound secret has no value.
    _forget(lab, "rampart/test/example-emsp/outbound")
    try:
        return register_and_rotate(exchange(lab, at, start_tasks(children, at)))
    finally:
        children.stop_all()


def _forget(lab: DeployedLab, secret: str) -> None:
    secrets = lab.clients.get("secretsmanager")
    for version, stages in secrets.describe_secret(SecretId=secret)["VersionIdsToStages"].items():
        if "AWSCURRENT" in stages:
            secrets.update_secret_version_stage(
                SecretId=secret, VersionStage="AWSCURRENT", RemoveFromVersionId=version
            )


def without_variable(task: str, container: str, name: str) -> Callable[[Definitions], None]:
    def change(definitions: Definitions) -> None:
        [definition] = [d for d in definitions[task] if d["name"] == container]
        kept = [variable for variable in definition["environment"] if variable["name"] != name]
        assert len(kept) == len(definition["environment"]) - 1
        definition["environment"] = kept

    return change


def without(task: str, container: str, key: str) -> Callable[[Definitions], None]:
    def change(definitions: Definitions) -> None:
        [definition] = [d for d in definitions[task] if d["name"] == container]
        assert definition.pop(key)

    return change


@contextmanager
def function_without(lab: DeployedLab, name: str) -> Iterator[None]:
    """The rotation function as the emulator has it, without one of its variables; put back afterwards."""
    functions = lab.clients.get("lambda")
    declared = functions.get_function(FunctionName=ROTATION)["Configuration"]["Environment"]["Variables"]
    fewer = {key: value for key, value in declared.items() if key != name}
    assert len(fewer) == len(declared) - 1
    functions.update_function_configuration(FunctionName=ROTATION, Environment={"Variables": fewer})
    try:
        yield
    finally:
        functions.update_function_configuration(FunctionName=ROTATION, Environment={"Variables": declared})


@pytest.mark.slow
def test_the_declared_containers_and_functions_exchange_credentials(lab: DeployedLab, folder: Path) -> None:
    assert exchanged(lab, folder) == 1
    calls = [json.loads(line) for line in (folder / "logs" / "partner.log").read_text().splitlines()]
    methods = [call["method"] for call in calls if call["path"].endswith("credentials")]
    assert methods.count("PUT") == 2, "one for each direction"
    assert methods[-1] == "GET", "and the new token is tried"
    ended = [call["method"] for call in calls].index("DELETE")
    # A token that ended may be asked about; what changes something has one that the partner honours.
    assert all(call["known"] for call in calls[:ended] if call["method"] != "GET")
    again = [(call["method"], call["known"]) for call in calls[ended + 1 :] if call["method"] != "GET"]
    assert again == [("POST", False)], "then we register, with the partner's registration token"
    egress = [json.loads(line) for line in (folder / "logs" / "egress.log").read_text().splitlines()]
    left = [one for one in egress if one["event"] == "egress"]
    assert len(left) == len(calls), "every call to the partner went through the egress guard"
    assert {(one["caller"], one["fate"]) for one in left} == {
        ("credentials", "answered"),
        ("rotation", "answered"),
    }


VARIABLES = (
    "RAMPART_EGRESS_CALLER RAMPART_EGRESS_CA RAMPART_EGRESS_URL RAMPART_TOKEN_TABLE RAMPART_ENVIRONMENT "
    "RAMPART_OVERLAP_MINUTES RAMPART_ROTATION_DAYS RAMPART_REGISTRY RAMPART_REGISTRY_DIGEST"
)


@pytest.mark.slow
@pytest.mark.parametrize("name", VARIABLES.split())
def test_a_rotation_needs_every_variable_of_its_function(lab: DeployedLab, folder: Path, name: str) -> None:
    with function_without(lab, name), pytest.raises(CollectError, match=ROTATION):
        exchanged(lab, folder)


def test_every_variable_of_the_rotation_function_is_tried(lab: DeployedLab) -> None:
    found = lab.clients.get("lambda").get_function(FunctionName=ROTATION)["Configuration"]["Environment"]
    assert set(found["Variables"]) == set(VARIABLES.split())


SERVICE = """
egress egress AWS_REGION
egress egress RAMPART_EGRESS_CERTIFICATE_ID
egress egress RAMPART_EGRESS_PORT
egress egress RAMPART_ENVIRONMENT
egress egress RAMPART_REGISTRY
egress egress RAMPART_REGISTRY_DIGEST
guard boundary RAMPART_REGISTRY
guard policy AWS_REGION
guard policy RAMPART_ENVIRONMENT
guard policy RAMPART_HOP_KEY_ID
guard policy RAMPART_POLICY_PORT
guard policy RAMPART_REGISTRY
guard policy RAMPART_REGISTRY_DIGEST
guard policy RAMPART_TOKEN_TABLE
service service AWS_REGION
service service RAMPART_EGRESS_CA
service service RAMPART_EGRESS_CALLER
service service RAMPART_EGRESS_URL
service service RAMPART_ENVIRONMENT
service service RAMPART_HOP_KEY_ID
service service RAMPART_LISTEN
service service RAMPART_ORIGIN
service service RAMPART_PAGE_LIMIT
service service RAMPART_REGISTRY
service service RAMPART_REGISTRY_DIGEST
service service RAMPART_REPLAY_TABLE
service service RAMPART_SERVICE_CERTIFICATE_ID
service service RAMPART_TOKEN_TABLE
"""


def test_every_variable_of_the_task_definitions_is_tried(lab: DeployedLab) -> None:
    declared = {
        (container.task, container.name, name)
        for container in declared_containers(lab.resources).values()
        for name in container.environment
    }
    assert declared == {tuple(row.split()) for row in SERVICE.strip().splitlines()} | MAY_BE_MISSING


@pytest.mark.slow
@pytest.mark.parametrize("row", SERVICE.strip().splitlines())
def test_the_exchange_needs_every_variable_of_the_task_definitions(
    lab: DeployedLab, folder: Path, row: str
) -> None:
    with pytest.raises(CollectError):
        exchanged(lab, folder, without_variable(*row.split()))


@pytest.mark.parametrize(
    ("task", "container", "key"),
    [
        ("guard", "envoy", "command"),
        ("egress", "egress", "command"),
        ("egress", "egress", "portMappings"),
        ("guard", "envoy", "portMappings"),
        *((*title.split("/"), "healthCheck") for title in PROCESSES),
    ],
)
def test_the_containers_need_their_command_port_and_health_check(
    lab: DeployedLab, folder: Path, task: str, container: str, key: str
) -> None:
    with pytest.raises(CollectError, match=f"{task}/{container}|nothing here answers"):
        exchanged(lab, folder, without(task, container, key))
