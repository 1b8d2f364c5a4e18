"""What a policy scan covered, and what it did not, with the reason: a record beside the findings."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from scanners.policy.checkov.job import Verdicts
from scanners.policy.plan import Plan
from scanners.policy.plan_tables import aws_tables
from scanners.policy.stack import Stack


def coverage(stack: Stack, plan: Plan, verdicts: Verdicts | None) -> str:
    """The record as JSON: resources, properties and rules; `verdicts` is None if checkov gave none."""
    record = {
        "stack": f"{stack.project}/{stack.name}",
        "tables": f"pulumi-aws {aws_tables().sdk_version}",
        "resources": _resources(stack, plan),
        "properties": _properties(plan),
        "rules": _rules(plan, verdicts)
        if verdicts
        else {"evaluated": 0, "reason": "checkov gave no verdicts"},
    }
    return json.dumps(record, indent=2, sort_keys=True) + "\n"


def _resources(stack: Stack, plan: Plan) -> dict[str, Any]:
    return {
        "all": len(stack.resources),
        "mapped": len(plan.resources),
        "not_mapped": Counter(plan.left_out.values()),
        "not_mapped_urns": dict(sorted(plan.unjudged.items())),
    }


def _properties(plan: Plan) -> dict[str, Any]:
    return {
        "mapped": sum(r.mapped for r in plan.resources),
        "named_by_rule": {r.resource.urn: list(r.unmapped) for r in plan.resources if r.unmapped},
        "not_known": {r.resource.urn: list(r.unknown) for r in plan.resources if r.unknown},
    }


def _rules(plan: Plan, verdicts: Verdicts) -> dict[str, Any]:
    urns = {r.address: r.resource.urn for r in plan.resources}
    types = {r.type for r in plan.resources}
    reached = {v.rule for v in verdicts.verdicts}
    idle = [rule.id for rule in verdicts.rules if rule.id not in reached]
    decided = {v.rule for v in verdicts.verdicts if v.status in ("passed", "failed")}
    return {
        "checkov": verdicts.checkov,
        "known": len(verdicts.rules),
        "evaluated": len(decided),
        "verdicts": Counter(v.status for v in verdicts.verdicts),
        "not_applicable": {
            rule.id: "the stack has no resource of its types"
            if not types.intersection(rule.types)
            else "no resource meets the rule's own condition"
            for rule in verdicts.rules
            if rule.id in idle
        },
        "not_evaluable": [
            {"rule": v.rule, "where": urns.get(v.address, ""), "reason": v.reason}
            for v in verdicts.verdicts
            if v.status in ("unknown", "crashed", "undecided")
        ],
    }
