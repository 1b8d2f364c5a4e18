"""What nobody declared, held against the policy checks: what is weak beside the stack is found. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from hardening.checks import Check, Finding, Status
from scanners.drift.live_stack import ASKED, translated
from scanners.drift.records import Drift, Live, NotCompared, Reading, Unmanaged
from scanners.policy.stack import Stack

# No URN of Pulumi's: what it names is in no stack.
_PREFIX: Final = "live::"


def judged(stack: Stack, drift: Drift, reading: Reading) -> Iterator[Finding]:
    """What the policy checks find at each undeclared resource, among the resources of the stack."""
    pairs = _translatable(drift, reading)
    if not pairs:
        return
    from scanners.policy.checks import stack_checks  # with their samples, which an account as declared spares

    checks = {check.name: check for check in stack_checks()}
    for one, live in pairs:
        yield from _judged_one(stack, one, live, (checks[name] for name in ASKED[live.type]))


def _translatable(drift: Drift, reading: Reading) -> list[tuple[Unmanaged, Live]]:
    rows = {
        (live.type, live.region, live.key): live
        for everything in reading.live.values()
        for live in everything
        if live.type in ASKED
    }
    found = ((one, (one.type, one.region, one.key)) for one in drift.unmanaged)
    return [(one, rows[row]) for one, row in found if row in rows]


def _judged_one(
    stack: Stack, one: Unmanaged, live: Live, checks: Iterable[Check[Stack]]
) -> Iterator[Finding]:
    urn = f"{_PREFIX}{live.type}::{live.key}"
    # Its own first: what cannot be verified of the others ends a check behind it.
    among = replace(stack, resources=(*translated(live, urn), *stack.resources))
    for check in checks:
        findings = check.run(among)
        own = [finding for finding in findings if finding.where.startswith(urn)]
        # A crash names no place: it may have been at this one, whatever was judged before.
        ended = [f for f in findings if f.status is Status.ERROR and (not own or not f.where)]
        for finding in (*own, *ended):
            yield replace(finding, where=f"{one.where}{_place(finding.where, urn)}")


def _place(where: str, urn: str) -> str:
    """`#PROPERTY` of the resource, for a finding at a part of it too; empty for one elsewhere."""
    if not where.startswith(urn):
        return ""
    part, _, prop = where.removeprefix(urn).partition("#")
    name = part.strip("/") or prop
    return f"#{name}" if name else ""


def unjudged(drift: Drift) -> tuple[NotCompared, ...]:
    """The undeclared resources that no policy check is asked of."""
    why = "nobody declared it, and the policy checks are not asked of its type"
    return tuple(
        NotCompared(one.type, one.where, "", why) for one in drift.unmanaged if one.type not in ASKED
    )
