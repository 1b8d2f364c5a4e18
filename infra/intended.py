"""Writes the stack that program, settings and registry would declare today, beside what was deployed.

    python -m infra.intended FOLDER --declared stack.json > intended.json

The program of the project in FOLDER is run in process. Each resource that it registers is answered with
the outputs that the deployment file records for its URN, so every input that depends on one is known.
Nothing is created, and nothing is asked of AWS.
"""

from __future__ import annotations

import contextlib
import gc
import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from hardening.errors import ConfigError, RampartError
from hardening.registry.deployed import deployed_registry
from infra.program_run.configuration import stack_configuration
from infra.program_run.deployment import Deployment
from infra.program_run.monitor import PROVIDER_PREFIX, STACK_REFERENCE, STACK_TYPE, Created, StackName
from infra.program_run.property_values import ARCHIVE, ASSET, SECRET, SIGNATURE, UNKNOWN, Secret
from infra.program_run.provision import SOURCE_ROOT, Unplanned, run_program
from infra.program_run.record import crash_site, program_of
from infra.settings import load

# The inputs that the provider chose, not the program (Pulumi, `plugin.Check`).
_DEFAULTS = "__defaults"


class Recorded:
    """The cloud as it once answered: the outputs of a deployment file, by URN. The rest is unknown."""

    def __init__(self, states: Mapping[str, Mapping[str, Any]]) -> None:
        self._states = states

    def create(self, urn: str, kind: str, inputs: Mapping[str, Any]) -> Created:
        """The recorded id and outputs; all unknown for a resource that is not in the file."""
        state = self._states.get(urn)
        return _answered(state) if state else Created("", {})

    def read(self, kind: str, identifier: str) -> Created:
        """The recorded outputs of a resource outside of the stack, or of the stack itself."""
        if kind == STACK_REFERENCE:
            return Created(identifier, {"outputs": self._own_outputs()})
        for state in self._states.values():
            if state.get("external") and state["type"] == kind and state.get("id") == identifier:
                return _answered(state)
        return Created(identifier, {})

    def _own_outputs(self) -> Mapping[str, Any]:
        """What the stack exported; the program refers to no stack but its own."""
        own = (state for state in self._states.values() if state["type"] == STACK_TYPE)
        return next((_answered(state).outputs for state in own), {})

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """The account that most of the recorded ARNs name; the rest is unknown."""
        if token == "aws:index/getCallerIdentity:getCallerIdentity":  # noqa: S105  (a function's name)
            account = _account(self._states)
            return {
                "accountId": account,
                "arn": f"arn:aws:iam::{account}:root",
                "userId": account,
                "id": account,
            }
        return Unplanned().invoke(token, arguments)


def intended(folder: Path, declared: Path, *, lab: bool = False) -> str:
    """The intended stack as a deployment, in JSON. Raises ConfigError.

    The lab deploys `build` with the folder's settings and registry; any other stack is what the
    program of the folder's Pulumi.yaml declares.
    """
    states = _states(declared)
    stack, project = next(iter(states)).removeprefix("urn:pulumi:").split("::")[:2]
    deployment = Deployment(None, {})
    program = program_of(folder, stack) if not lab else None

    def declare() -> None:
        if program is not None:
            program.declare()
            return
        from infra.program import build

        build(load(stack, folder), deployed_registry(folder / "partners"))

    if program is not None and program.project != project:
        raise ConfigError(f"{folder}: the program of {program.project!r}, but {declared} is of {project!r}")
    configuration = program.configuration if program else stack_configuration(folder, stack)
    root = SOURCE_ROOT if program is None else folder
    with contextlib.chdir(folder), contextlib.redirect_stdout(sys.stderr):
        run_program(
            declare,
            StackName(project, stack),
            Recorded(states),
            deployment,
            root=root,
            configuration=configuration,
        )
    return _with_defaults(deployment.text(), states)


def _states(file: Path) -> dict[str, dict[str, Any]]:
    """The resources of a deployment file by URN, but those that await deletion. Raises ConfigError."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        resources = document["deployment"]["resources"]
        found = {r["urn"]: r for r in resources if not r.get("delete") and not r.get("pendingReplacement")}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise ConfigError(f"{file}: not a deployment", "expected what `pulumi stack export` writes") from None
    if not found:
        raise ConfigError(f"{file}: the stack has no resources", "deploy it first")
    return found


def _answered(state: Mapping[str, Any]) -> Created:
    # Assets are inputs, which the program gives itself.
    outputs = {name: _value(value) for name, value in state.get("outputs", {}).items() if name[:2] != "__"}
    return Created(str(state.get("id", "")), {n: v for n, v in outputs.items() if not _has_asset(v)})


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        # A secret stays one, and unknown: its value is never read.
        if value.get(SIGNATURE) == SECRET:
            return Secret(UNKNOWN)
        return {name: _value(item) for name, item in value.items()}
    return [_value(item) for item in value] if isinstance(value, list) else value


def _has_asset(value: Any) -> bool:
    if isinstance(value, dict):
        return value.get(SIGNATURE) in (ASSET, ARCHIVE) or any(map(_has_asset, value.values()))
    return isinstance(value, list) and any(map(_has_asset, value))


def _account(states: Mapping[str, Mapping[str, Any]]) -> str:
    """The account id of 12 digits in most of the recorded ARNs; unknown if there is none."""
    arns = (str(state.get("outputs", {}).get("arn", "")).split(":") for state in states.values())
    found = Counter(parts[4] for parts in arns if len(parts) > 4 and parts[4].isdigit())
    return found.most_common(1)[0][0] if found else UNKNOWN


def _with_defaults(text: str, states: Mapping[str, Mapping[str, Any]]) -> str:
    """The deployment with the inputs that the provider chose when it was deployed."""
    document = json.loads(text)
    for resource in document["deployment"]["resources"]:
        state = states.get(resource["urn"])
        # A provider's own settings are the stack's configuration, and nothing that another one chose.
        if state and not resource["type"].startswith(PROVIDER_PREFIX):
            _add_defaults(resource["inputs"], state.get("inputs", {}))
            _elide(resource["inputs"], state.get("inputs", {}))
    return json.dumps(document)


def _elide(own: dict[str, Any], deployed: Mapping[str, Any]) -> None:
    """Name an archive by its digest alone where the state does: a refresh leaves it without its members."""
    for name in own.keys() & deployed.keys():
        mine, theirs = own[name], deployed[name]
        if not all(isinstance(one, dict) and one.get(SIGNATURE) == ARCHIVE for one in (mine, theirs)):
            continue
        if "hash" in mine and not (theirs.get("assets") or theirs.get("path")):
            own[name] = {SIGNATURE: ARCHIVE, "hash": mine["hash"]}


def _add_defaults(own: Any, deployed: Any) -> None:
    if isinstance(own, dict) and isinstance(deployed, dict):
        for name in deployed.get(_DEFAULTS) or ():
            if name in deployed and _is_chosen(deployed[name]):
                own.setdefault(name, deployed[name])
        for name in own.keys() & deployed.keys():
            _add_defaults(own[name], deployed[name])
    elif isinstance(own, list) and isinstance(deployed, list) and len(own) == len(deployed):
        for mine, theirs in zip(own, deployed, strict=True):
            _add_defaults(mine, theirs)


def _is_chosen(value: Any) -> bool:
    """Whether a provider may have chosen it: a flag, a number or a word, and no list, document or ARN."""
    return not isinstance(value, dict | list) and not str(value).startswith(("{", "[", "arn:"))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--declared", type=click.Path(path_type=Path), required=True)
@click.option("--lab", is_flag=True, help="The stack is the lab's.")
def main(folder: Path, declared: Path, lab: bool) -> None:
    """Print the stack that the project in FOLDER would declare today."""
    gc.disable()  # this process ends with its answer: looking for garbage only costs it time
    try:
        text = intended(folder.resolve(), declared.resolve(), lab=lab)
    except RampartError as error:
        problems = error.problems if isinstance(error, ConfigError) else (error.message,)
        raise click.ClickException("; ".join(problems)) from None
    except Exception as crash:  # the outer edge of a program that may not be ours
        raise click.ClickException(f"the program failed: {crash_site(crash, folder)}") from None
    click.echo(text)


if __name__ == "__main__":
    main()
