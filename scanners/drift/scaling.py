"""The bounds in which Application Auto Scaling moves a service's number of tasks. Pure: it reads nothing."""

from __future__ import annotations

from typing import Final

from scanners.drift.allowances import Between
from scanners.policy.stack import Resource, Stack

TARGET: Final = "aws:appautoscaling/target:Target"


def bounds_of(stack: Stack, service: Resource) -> Between | None:
    """From how many to how many tasks the stack lets an ECS service have; None where it says one number."""
    for target in stack.of_type(TARGET):
        named = service.urn in target.property_dependencies.get("resourceId", ())
        least, most = target.inputs.get("minCapacity"), target.inputs.get("maxCapacity")
        if not isinstance(least, int | float) or not isinstance(most, int | float):
            continue
        if named or target.inputs.get("resourceId") == _resource_id(service):
            return Between(int(least), int(most))
    return None


def _resource_id(service: Resource) -> str:
    """`service/CLUSTER/NAME`, as Application Auto Scaling calls an ECS service."""
    cluster = str(service.inputs.get("cluster") or "").rpartition("/")[2]
    return f"service/{cluster}/{service.inputs.get('name')}"
