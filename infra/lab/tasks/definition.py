"""The containers that the stack declares, as they are registered with ECS."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hardening.errors import CollectError

_TYPE = "aws:ecs/taskDefinition:TaskDefinition"


@dataclass(frozen=True, slots=True)
class Container:
    """One container: `task` is its definition's name in the program, `health` ends with 0 when it is well.

    `command` is empty where the image's own entry point runs.
    """

    task: str
    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ports: tuple[int, ...]
    health: tuple[str, ...]

    @property
    def title(self) -> str:
        """`task/container`."""
        return f"{self.task}/{self.name}"


def declared_containers(resources: Iterable[Mapping[str, Any]]) -> dict[str, Container]:
    """The containers of a deployment's resources, by title. Raises CollectError for a broken one."""
    found: dict[str, Container] = {}
    for resource in resources:
        if resource["type"] != _TYPE:
            continue
        task = resource["urn"].rpartition("::")[2]
        try:
            for definition in json.loads(resource["inputs"]["containerDefinitions"]):
                container = _container(task, definition)
                found[container.title] = container
        except (KeyError, TypeError, ValueError) as error:
            raise CollectError(f"the task definition {task!r} cannot be read: {error!r}") from None
    return found


def _container(task: str, definition: Mapping[str, Any]) -> Container:
    return Container(
        task,
        definition["name"],
        tuple(definition.get("command") or ()),
        {variable["name"]: variable["value"] for variable in definition.get("environment") or ()},
        tuple(mapping["containerPort"] for mapping in definition.get("portMappings") or ()),
        tuple((definition.get("healthCheck") or {}).get("command") or ()),
    )
