"""The checks, one module for each layer or topic; listed lazily, since their samples take time to build."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from hardening.checks import Check, checks_in
from scanners.stack import Stack

if TYPE_CHECKING:
    from scanners.checks.separation import Stacks

# In the order in which a request meets what they judge.
STACK_MODULES: Final = (
    "certificates",
    "firewall",
    "api",
    "plans",
    "network",
    "security_groups",
    "egress",
    "secrets",
    "stores",
    "trail",
    "alarms",
    "detection",
    "access",
    "keys",
    "workloads",
    "environments",
)


def stack_checks() -> tuple[Check[Stack], ...]:
    """Every check that judges one stack."""
    return checks_in(*(import_module(f"scanners.checks.{name}") for name in STACK_MODULES))


def separation_checks() -> tuple[Check[Stacks], ...]:
    """Every check that holds two stacks, production and test, side by side."""
    return checks_in(import_module("scanners.checks.separation"))
