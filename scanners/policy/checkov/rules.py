"""What checkov's AWS rules are. Only the process of checkov imports this.

    python -m scanners.policy.checkov.rules RESULT

RESULT becomes a list of `Rule` (JSON).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec

from scanners.policy.checkov.job import Rule

# Rules about the lifecycle of a resource, which a plan does not have (checkov leaves them out as well).
LIFECYCLE_RULES: Final = frozenset({"CKV_AWS_217", "CKV_AWS_233", "CKV_AWS_237"})


def rules_of(runner: Any) -> list[Rule]:
    """The rules of a runner, in the order of their ids."""
    types: dict[str, set[str]] = {}
    found: dict[str, Any] = {}
    for entity, rule in runner.block_type_registries["resource"].all_checks():
        types.setdefault(rule.id, set()).add(entity)
        found[rule.id] = rule
    for rule in runner.graph_registry.checks:
        types.setdefault(rule.id, set()).update(rule.resource_types)
        found[rule.id] = rule
    return [_rule(found[id], types[id]) for id in sorted(types) if id not in LIFECYCLE_RULES]


def _rule(rule: Any, types: Iterable[str]) -> Rule:
    from checkov.terraform.checks.resource.base_resource_negative_value_check import (
        BaseResourceNegativeValueCheck,
    )
    from checkov.terraform.checks.resource.base_resource_value_check import BaseResourceValueCheck

    own = sorted(t for t in types if t.startswith(("aws_", "*")))
    if isinstance(rule, BaseResourceValueCheck):
        expected = [_plain(value) for value in rule.get_expected_values()]
        return Rule(rule.id, rule.name, own, type(rule).__name__, rule.get_inspected_key(), expected)
    if isinstance(rule, BaseResourceNegativeValueCheck):
        forbidden = [_plain(value) for value in rule.get_forbidden_values()]
        return Rule(rule.id, rule.name, own, type(rule).__name__, rule.get_inspected_key(), [], forbidden)
    name = type(rule).__name__
    # A rule about connections is a file of data, not a class of its own.
    return Rule(rule.id, rule.name, own, "" if name == "BaseGraphCheck" else name)


def _plain(value: Any) -> Any:
    """A value that JSON has."""
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def main(result_file: str) -> None:
    """Write the rules."""
    from scanners.policy.checkov.run import leave_out_other_clouds, runner_over

    leave_out_other_clouds()
    runner = runner_over({"provider": [], "resource": [], "data": []})
    Path(result_file).write_bytes(msgspec.json.encode(rules_of(runner)))


if __name__ == "__main__":
    main(*sys.argv[1:])
