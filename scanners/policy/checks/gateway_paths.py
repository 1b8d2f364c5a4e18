"""Checks of the paths that the API hands on: the guard judges them as the partner sent them.

Source: API Gateway Developer Guide, "Private integrations for REST APIs" (the stage is part of the path that
a private integration is called with).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ruamel.yaml import YAML

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.api_gateway import STAGE
from scanners.policy.checks.reading import containers, read, verdict
from scanners.policy.checks.variables import of_container
from scanners.policy.samples.sample_stack import aws, weaken
from scanners.policy.samples.sample_stack import stack as stack_of
from scanners.policy.stack import Stack

_TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
# The policy service has it, and nothing else.
_PORT: Final = "RAMPART_POLICY_PORT"
_CONFIGURATION: Final = "--config-yaml"


def _task(stage: str, prefix: str, rewrite: str) -> str:
    environment = [{"name": _PORT, "value": "9000"}, {"name": "RAMPART_STAGE", "value": stage}]
    routes = [{"match": {"prefix": prefix}, "route": {"cluster": "ocpi_service", "prefix_rewrite": rewrite}}]
    command = ["envoy", _CONFIGURATION, json.dumps({"routes": routes})]
    return json.dumps([{"name": "envoy", "command": command}, {"name": "policy", "environment": environment}])


_STAGED = stack_of(
    aws(STAGE.removeprefix("aws:"), "live", stageName="live"),
    aws(_TASK.removeprefix("aws:"), "guard", containerDefinitions=_task("live", "/live/ocpi/", "/ocpi/")),
)


def _with(stage: str, prefix: str, rewrite: str) -> Stack:
    return weaken(_STAGED, "guard", "containerDefinitions", _task(stage, prefix, rewrite))


def _weakened(old: str, new: str) -> Stack:
    text = _task("live", "/live/ocpi/", "/ocpi/").replace(old, new)
    return weaken(_STAGED, "guard", "containerDefinitions", text)


@check(
    "guard-takes-stage-off",
    good=_STAGED,
    bad={
        "the policy service judges another path": _with("test", "/live/ocpi/", "/ocpi/"),
        "Envoy knows no such path": _with("live", "/ocpi/", "/ocpi/"),
        "Envoy hands the stage on": _with("live", "/live/ocpi/", "/live/ocpi/"),
    },
    unverifiable={
        "no configuration of Envoy": _weakened(_CONFIGURATION, "--config-path"),
        "no YAML": _weakened('{\\"routes', '}\\"routes'),
    },
)
def the_guard_takes_the_stage_off(stack: Stack) -> Verdicts:
    """Policy service and Envoy take the stage's name off: one judges, and one hands on, the path as sent."""
    stages = [str(read(stage, "stageName")) for stage in stack.of_type(STAGE)]
    for task in stack.of_type(_TASK):
        own = containers(task)
        for variables in map(of_container, own):
            if _PORT in variables and stages:
                rewritten = set(_rewritten(task.urn, own))
                for stage in stages:
                    judged = variables.get("RAMPART_STAGE") == stage
                    yield verdict(f"{task.urn}#RAMPART_STAGE", judged, f"is not the stage {stage!r}")
                    handed_on = (f"/{stage}/ocpi/", "/ocpi/") in rewritten
                    yield verdict(f"{task.urn}#command", handed_on, f"Envoy hands the stage {stage!r} on")


def _rewritten(where: str, task: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Each path that an Envoy of the task rewrites, and into what."""
    commands = [container.get("command") or [] for container in task]
    texts = [each[each.index(_CONFIGURATION) + 1] for each in commands if _CONFIGURATION in each]
    if not texts:
        raise Unverifiable(f"{where}#command", "no configuration of Envoy is written")
    for text in texts:
        yield from _routes(YAML(typ="safe").load(text))


def _routes(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        if "route" in value:
            yield value["match"].get("prefix", ""), value["route"].get("prefix_rewrite", "")
        for item in value.values():
            yield from _routes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _routes(item)
