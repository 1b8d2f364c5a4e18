"""Runs a small Pulumi program in process and gives what the engine would have recorded."""

from __future__ import annotations

import hashlib
import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.program_run.deployment import Deployment
from infra.program_run.monitor import Created, StackName
from infra.program_run.provision import run_program
from scanners.policy.plan_tables import aws_tables
from scanners.policy.stack import Stack
from scanners.policy.stack_file import read_stack

# Ids in the form that AWS gives them, for the types that have one of their own.
PREFIXES = {"Vpc": "vpc", "Subnet": "subnet", "SecurityGroup": "sg", "NetworkAcl": "acl", "Instance": "i"}


class Imagined:
    """A cloud that creates nothing, and answers as the provider does: an id and an ARN."""

    def create(self, urn: str, kind: str, inputs: Mapping[str, Any]) -> Created:
        _, module, name = kind.split(":")
        digest = hashlib.sha256(urn.encode()).hexdigest()[:17]
        title = urn.split("::")[-1]
        identifier = f"{PREFIXES[name]}-{digest}" if name in PREFIXES else f"{title}-{digest[:7]}"
        answers = {
            "arn": f"arn:aws:{module.split('/')[0]}:eu-central-1:123456789012:{name}/{title}",
            "name": f"{title}-{digest[:7]}",
            "zoneId": identifier,
        }
        known = aws_tables().types[kind][1]
        return Created(
            identifier,
            {k: v for k, v in answers.items() if k not in inputs and aws_tables().property(known, k)},
        )

    def read(self, kind: str, identifier: str) -> Created:
        return Created(identifier, {})

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return {}


def deployment_text(program: Path) -> str:
    """The deployment of a program, as `pulumi stack export` prints it."""
    deployment = Deployment(None, {})
    run_program(
        lambda: void(runpy.run_path(str(program))),
        StackName("parity", "test"),
        Imagined(),
        deployment,
        root=program.parent,
    )
    return deployment.text()


def void(_: object) -> None:
    """A Pulumi program returns nothing."""


def recorded(program: Path, folder: Path) -> Stack:
    """The stack of a program, read back from its deployment file in `folder`."""
    file = folder / f"{program.parent.name}.json"
    file.write_text(deployment_text(program), encoding="utf-8")
    json.loads(file.read_text(encoding="utf-8"))
    return read_stack(file)
