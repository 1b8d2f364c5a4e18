"""Whose a stack is: whether our own checks are meant for it, and whether the waivers at hand are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hardening.yaml_file import read_yaml
from scanners.policy.stack import Stack

# The tags and the component types of an OCPI deployment begin so.
MARK: Final = "rampart:"


def is_marked(stack: Stack) -> bool:
    """Whether something in the stack says that it is OCPI's: a tag, or a component of ours."""
    return any(
        resource.type.startswith(MARK) or any(str(key).startswith(MARK) for key in _tags(resource.inputs))
        for resource in stack.resources
    )


def _tags(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    tags = inputs.get("tags")
    return tags if isinstance(tags, Mapping) else {}


def is_of_project_in(folder: Path, stack: Stack) -> bool:
    """Whether `folder` is that of the stack's project. Without a Pulumi.yaml it is anyone's.

    Raises ConfigError when that file cannot be read.
    """
    file = folder / "Pulumi.yaml"
    if not file.is_file():
        return True
    read: Any = read_yaml(file).data
    return not isinstance(read, Mapping) or read.get("name") in (None, stack.project)
