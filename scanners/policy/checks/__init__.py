"""The checks, one module for each layer or topic; listed lazily, since their samples take time to build."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from hardening.checks import Check, checks_in
from scanners.policy.stack import Stack

if TYPE_CHECKING:
    from scanners.policy.checks.separation import Stacks

# In the order in which a request meets what they judge.
STACK_MODULES: Final = (
    "declared_tls",
    "waf",
    "api_gateway",
    "usage_plans",
    "vpc",
    "security_groups",
    "dns_firewall",
    "secrets_manager",
    "dynamodb",
    "cloudtrail",
    "cloudwatch",
    "detection",
    "iam",
    "kms",
    "ecs",
    "environments",
)


def stack_checks() -> tuple[Check[Stack], ...]:
    """Every check that judges one stack."""
    return checks_in(*(import_module(f"scanners.policy.checks.{name}") for name in STACK_MODULES))


def separation_checks() -> tuple[Check[Stacks], ...]:
    """Every check that holds two stacks, production and test, side by side."""
    return checks_in(import_module("scanners.policy.checks.separation"))
