"""Reads the environment variables that containers and functions are declared with, for checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanners.policy.checks.ecs import each_container
from scanners.policy.checks.lambda_functions import FUNCTION
from scanners.policy.checks.reading import read
from scanners.policy.stack import Stack


def of_container(container: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of one container definition; what ECS fetches for it (`secrets`) is none of them."""
    return {each["name"]: each.get("value") for each in container.get("environment") or ()}


def of_containers(stack: Stack) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every container of the stack as (`URN#name`, its variables). Raises Unverifiable."""
    for where, container in each_container(stack):
        yield where, of_container(container)


def of_workloads(stack: Stack) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every container and function as (where, its variables). Raises Unverifiable."""
    yield from of_containers(stack)
    for function in stack.of_type(FUNCTION):
        yield f"{function.urn}#environment", read(function, "environment.variables") or {}
