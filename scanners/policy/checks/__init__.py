"""The checks, one module for each AWS service or topic; loaded lazily, since samples take time.

A new module needs no registration: every module of this folder is read, in the order of their names.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

from hardening.checks import Check, checks_in
from scanners.policy.stack import Stack

if TYPE_CHECKING:
    from scanners.policy.checks.separation import Stacks


def stack_checks() -> tuple[Check[Stack], ...]:
    """Every check that judges one stack, module by module, as written."""
    modules = (import_module(f"{__name__}.{name}") for name in module_names())
    return tuple(check for check in checks_in(*modules) if isinstance(check.good, Stack))


def module_names() -> tuple[str, ...]:
    """The modules of this folder, in the order of their names."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def separation_checks() -> tuple[Check[Stacks], ...]:
    """Every check that holds two stacks, production and test, side by side."""
    return checks_in(import_module(f"{__name__}.separation"))
