"""What differs between a declared container and the process that it is here: the table, and its use.

Everything else of the command and the environment is used as it is declared. What is not in the table is not
replaced, and an address that is not in it stops the lab.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hardening.errors import CollectError
from infra.lab import sandbox
from infra.lab.tasks.definition import Container

SANDBOX = Path(sandbox.__file__ or "").parent
_HOPS = "xff_num_trusted_hops"
# What listens on its task's loopback alone, by the variable with its port.
_OF_LOOPBACK = ("RAMPART_POLICY_PORT", "RAMPART_BOUNDARY_PORT")


@dataclass(frozen=True, slots=True)
class Here:
    """This machine: `addresses` maps a declared `host:port` to a port of 127.0.0.1, `files` a declared path.

    `programs` maps what starts a container (the first word of its command, `python3 -m MODULE`, or
    `image TASK/NAME`) to the words that start it here; `variables` are what AWS itself would give a
    container, and what trusts our CA; `of_image` are what the image of a container (by title) brings;
    `values` replace declared ones by name.
    """

    addresses: Mapping[str, int]
    files: Mapping[str, str]
    programs: Mapping[str, tuple[str, ...]]
    variables: Mapping[str, str]
    of_image: Mapping[str, Mapping[str, str]]
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Substitution:
    """A row of the table: what is declared, what stands here instead, and why."""

    declared: str
    here: str
    why: str


TABLE = (
    Substitution("the image, and its entry point", "the project's own Python, or Envoy's binary",
                 "this machine has no container runtime"),
    Substitution("`/usr/local/bin/health`", "`infra/lab/sandbox/health.py`", "it is a file of the image"),
    Substitution("`/etc/rampart/...`", "the lab's certificates", "they are files of the image"),
    Substitution("`RAMPART_REGISTRY`, `RAMPART_REGISTRY_DIGEST`", "the lab's copy, stored beside it",
                 "the copy adds loopback to the partners' networks"),
    Substitution("the policy service's supervisor", "one worker", "a process here may start no other"),
    Substitution("`0.0.0.0` and our own names and ports", "a free port of 127.0.0.1",
                 "several labs run on one machine"),
    Substitution("a partner's `host:port`", "the lab's partner on 127.0.0.1 (`RAMPART_EGRESS_ELSEWHERE`)",
                 "partners are not here"),
    Substitution("`RAMPART_EGRESS_CA`, also of functions", "the lab's CA",
                 "it issued the egress guard's certificate, which the lab puts into its secret"),
    Substitution("`xff_num_trusted_hops`", "0", "no API Gateway stands before the guard"),
    Substitution("the guard's host names", "these and 127.0.0.1", "the lab's callers know its address only"),
    Substitution("names of AWS that an endpoint of the VPC serves", "the emulator's port",
                 "private DNS and endpoints are not here"),
    Substitution("the task's role", "`AWS_ACCESS_KEY_ID=lab`", "the emulator checks no identity"),
    Substitution("the system's certificate authorities", "`AWS_CA_BUNDLE`, `SSL_CERT_FILE`: the lab's CA",
                 "emulator and partner have its certificates"),
)  # fmt: skip


def command_here(container: Container, here: Here) -> tuple[str, ...]:
    """The command of the process. Raises CollectError for what the table does not know."""
    words = container.command
    if words[:2] == ("python3", "-m"):
        words = (" ".join(words[:3]), *words[3:])
    first = words[0] if words else f"image {container.title}"
    if first not in here.programs:
        raise CollectError(
            f"{container.title}: nothing here runs {first!r}", "infra/lab/tasks/substitutions.py"
        )
    rest = [_argument(container, argument, here) for argument in words[1:]]
    return (*here.programs[first], *rest)


def health_here(container: Container, here: Here) -> tuple[str, ...]:
    """The health command of the process. Raises CollectError where none is declared."""
    kind, *words = container.health or ("NONE",)
    if kind != "CMD" or not words or words[0] not in here.programs:
        raise CollectError(
            f"{container.title}: no health command that can run here", "HealthCheck of the task"
        )
    return (*here.programs[words[0]], *words[1:], str(port_here(container, here)))


def port_here(container: Container, here: Here) -> int:
    """The port of 127.0.0.1 that the process listens on. Raises CollectError where none is declared."""
    if container.ports:
        return _port(container, f"{container.task}:{container.ports[0]}", here)
    own = (container.environment[name] for name in _OF_LOOPBACK if name in container.environment)
    return _port(container, f"127.0.0.1:{next(own, None)}", here)


def environment_here(container: Container, here: Here) -> dict[str, str]:
    """The environment of the process: what is declared and what AWS would add, and nothing of ours."""
    declared = {
        name: here.values.get(name, here.files.get(value, value))
        for name, value in container.environment.items()
    }
    for name, address in {
        **dict.fromkeys(_OF_LOOPBACK, "127.0.0.1:{}"),
        "RAMPART_STATISTICS_PORT": "127.0.0.1:{}",
        "RAMPART_LISTEN": f"{container.task}:{{}}",
        "RAMPART_EGRESS_PORT": f"{container.task}:{{}}",
    }.items():
        if name in declared:
            declared[name] = str(_port(container, address.format(declared[name]), here))
    return {**here.variables, **here.of_image.get(container.title, {}), **declared}


def python(module: str, network: Path, *arguments: str) -> tuple[str, ...]:
    """The command of a module of ours that is held to the names in the file `network`."""
    return (sys.executable, str(SANDBOX / "program.py"), str(network), module, *arguments)


def _argument(container: Container, argument: str, here: Here) -> str:
    """An argument as it is, or an Envoy configuration with this machine's addresses and files."""
    try:
        configuration = yaml.safe_load(argument)
    except yaml.YAMLError:
        return argument
    if not isinstance(configuration, dict):
        return here.files.get(argument, argument)
    return json.dumps(_configuration(container, configuration, here))


def _configuration(container: Container, value: Any, here: Here) -> Any:
    if isinstance(value, list):
        return [_configuration(container, item, here) for item in value]
    if isinstance(value, str):
        return here.files.get(value, value)
    if not isinstance(value, dict):
        return value
    if {"address", "port_value"} <= value.keys():
        port = _port(container, f"{value['address']}:{value['port_value']}", here)
        return {**value, "address": "127.0.0.1", "port_value": port}
    read = {key: _configuration(container, item, here) for key, item in value.items()}
    if _HOPS in read:
        read[_HOPS] = 0
    if container.task == "guard" and "domains" in read:
        read["domains"] = [*read["domains"], "127.0.0.1"]
    return read


def _port(container: Container, address: str, here: Here) -> int:
    if address not in here.addresses:
        raise CollectError(
            f"{container.title}: nothing here answers at {address}", "infra/lab/tasks/start.py: addresses"
        )
    return here.addresses[address]
