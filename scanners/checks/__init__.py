"""The checks, one module for each layer or topic; listed lazily, since their samples take time to build."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from hardening.checks import Check, checks_in
from scanners.stack import Stack

STACK_MODULES: Final = (
    "network",
    "security_groups",
    "certificates",
    "firewall",
    "api",
    "plans",
    "secrets",
    "stores",
    "trail",
    "alarms",
    "detection",
    "workloads",
)


def stack_checks() -> tuple[Check[Stack], ...]:
    """Every check that judges one stack, in the order of the layers."""
    return checks_in(*(import_module(f"scanners.checks.{name}") for name in STACK_MODULES))
