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


def _route(rewrite: str, **match: Any) -> dict[str, Any]:
    return {"match": match, "route": {"cluster": "ocpi_service", "prefix_rewrite": rewrite}}


def _task(stage: str, prefix: str, rewrite: str, *more: Mapping[str, Any]) -> str:
    environment = [{"name": _PORT, "value": "9000"}, {"name": "RAMPART_STAGE", "value": stage}]
    routes = [_route(rewrite, prefix=prefix), *more]
    command = ["envoy", _CONFIGURATION, json.dumps({"routes": routes})]
    return json.dumps([{"name": "envoy", "command": command}, {"name": "policy", "environment": environment}])


_STAGED = stack_of(
    aws(STAGE.removeprefix("aws:"), "live", stageName="live"),
    aws(_TASK.removeprefix("aws:"), "guard", containerDefinitions=_task("live", "/live/ocpi/", "/ocpi/")),
)


def _with(stage: str, prefix: str, rewrite: str) -> Stack:
    return weaken(_STAGED, "guard", "containerDefinitions", _task(stage, prefix, rewrite))


def _beside(rewrite: str, **match: Any) -> Stack:
    """One more route, beside those that are sound."""
    task = _task("live", "/live/ocpi/", "/ocpi/", _route(rewrite, **match))
    return weaken(_STAGED, "guard", "containerDefinitions", task)


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
        "one route of several does": _beside("", prefix="/live/ocpi/", headers=[{"name": ":method"}]),
        "a route of all paths does": _beside("", prefix="/"),
        "a route of one path does": _beside("", path="/live/ocpi/versions"),
    },
    also_good={
        "a shorter path is rewritten too": _beside("/", prefix="/live/"),
        "another path": _beside("", prefix="/ocpi/"),
    },
    unverifiable={
        "a route by pattern": _beside("/ocpi/", safe_regex={"regex": "/live/.*"}),
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
                rewritten = list(_rewritten(task.urn, own))
                for stage in stages:
                    judged = variables.get("RAMPART_STAGE") == stage
                    yield verdict(f"{task.urn}#RAMPART_STAGE", judged, f"is not the stage {stage!r}")
                    known = any(path == f"/{stage}/ocpi/" for path, _ in rewritten)
                    off = all(_takes_off(stage, *each) for each in rewritten)
                    yield verdict(f"{task.urn}#command", known and off, f"Envoy hands the stage {stage!r} on")


def _takes_off(stage: str, path: str, rewrite: str) -> bool:
    """Whether a route of `path` takes the stage off whatever it may be given of the stage's paths."""
    if path.startswith(f"/{stage}/"):
        return rewrite == path.removeprefix(f"/{stage}")
    return not f"/{stage}/ocpi/".startswith(path)


def _rewritten(where: str, task: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Each path that an Envoy of the task rewrites, and into what."""
    for configuration in envoy_configurations(where, task):
        for match, rewrite in _routes(configuration):
            path = match.get("prefix") or match.get("path")
            if path is None:
                raise Unverifiable(f"{where}#command", "a route's path is neither a prefix nor written out")
            yield path, rewrite


def envoy_configurations(where: str, task: list[Mapping[str, Any]]) -> Iterator[Any]:
    """The configuration of each Envoy among a task's containers. Raises Unverifiable where there is none."""
    commands = [container.get("command") or [] for container in task]
    texts = [each[each.index(_CONFIGURATION) + 1] for each in commands if _CONFIGURATION in each]
    if not texts:
        raise Unverifiable(f"{where}#command", "no configuration of Envoy is written")
    for text in texts:
        yield YAML(typ="safe").load(text)


def _routes(value: Any) -> Iterator[tuple[Mapping[str, Any], str]]:
    if isinstance(value, Mapping):
        if "route" in value:
            yield value["match"], (value["route"].get("prefix_rewrite") or "")
        for item in value.values():
            yield from _routes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _routes(item)
