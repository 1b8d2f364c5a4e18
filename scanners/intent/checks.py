"""Checks on the intent: one for each control that a property of a resource serves, and for the inventory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hardening.checks import Check, Verdicts, check, named_cases
from scanners.intent.records import Compared, Difference, Intent, Replaced
from scanners.intent.serving import check_name, served_controls

_GROUP: Final = "urn:pulumi:test::example::aws:ec2/securityGroup:SecurityGroup::gateway"
_PLAN: Final = "urn:pulumi:test::example::aws:apigateway/usagePlan:UsagePlan::emsp"
_MOVED: Final = "urn:pulumi:test::example::rampart:edge:UsagePlans$aws:apigateway/usagePlan:UsagePlan::emsp"

COMPLETE: Final = Intent(present=(_GROUP, _PLAN))
# A partner that was deleted from the registry, and one that was never deployed.
STALE: Final = Intent(present=(_GROUP,), missing=(_PLAN,), extra=(_PLAN,))
MOVED: Final = Intent(present=(_GROUP,), replaced=(Replaced(_MOVED, _PLAN),))


@check("nothing-undeployed", good=COMPLETE, bad=STALE)
def nothing_undeployed(intent: Intent) -> Verdicts:
    """What program, settings and registry declare today is deployed."""
    for urn in intent.present:
        yield urn, None
    for urn in intent.missing:
        yield urn, "missing: today's program declares it, and the stack does not have it"


@check("nothing-left-over", good=COMPLETE, bad=STALE)
def nothing_left_over(intent: Intent) -> Verdicts:
    """What is deployed is declared today."""
    for urn in intent.present:
        yield urn, None
    for urn in intent.extra:
        yield urn, "extra: the stack has it, and today's program does not declare it"


@check("nothing-left-over", good=COMPLETE, bad=MOVED)
def nothing_replaced(intent: Intent) -> Verdicts:
    """What is deployed stands where today's program declares it."""
    for urn in intent.present:
        yield urn, None
    for each in intent.replaced:
        yield each.declared, f"replaced: today's program declares it as {each.intended}"


def _as_intended(control: str) -> Check[Intent]:
    """The check that every property that serves the control is deployed as intended."""
    compared = (Compared(_GROUP, control, ("ingress", "tags")),)
    changed = Difference(_GROUP, "ingress[0].cidrBlocks[0]", control, "10.0.0.0/16", "0.0.0.0/0")
    # What serves another control is another check's to tell.
    foreign = replace(changed, property="tags.owner", control="every-audit-completes")
    bad = Intent(compared=compared, differences=(changed, foreign))
    return Check(check_name(control), control, _judge(control), Intent(compared=compared), named_cases(bad))


def _judge(control: str) -> Callable[[Intent], Verdicts]:
    def judge(intent: Intent) -> Verdicts:
        differences = [each for each in intent.differences if each.control == control]
        differing = {each.urn for each in differences}
        for compared in intent.compared:
            if compared.control == control and compared.urn not in differing:
                yield compared.urn, None
        for each in differences:
            problem = f"changed: intended {each.intended}, declared {each.declared}"
            yield f"{each.urn}#{each.property}", problem

    return judge


def intent_checks() -> tuple[Check[Intent], ...]:
    """Every check that judges intent, the controls in the order of the catalogue."""
    ours = (nothing_undeployed, nothing_left_over, nothing_replaced)
    return (*map(_as_intended, served_controls()), *ours)
