"""The policy scan: checkov's AWS rules and our own checks on a declared stack.

If checkov is missing, crashes, is too slow or judges nothing, the finding is an error; it is never silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from hardening.checks import Finding, Status, judge
from hardening.controls import CONTROLS
from hardening.errors import CollectError
from scanners.policy.checkov.job import Verdict, Verdicts
from scanners.policy.checkov.process import CHECKOV, Tool, ask_checkov
from scanners.policy.checkov.severity import severity_of
from scanners.policy.checks import stack_checks
from scanners.policy.coverage import coverage
from scanners.policy.places import Places
from scanners.policy.plan import Plan, Planned, plan_of
from scanners.policy.stack import Stack
from scanners.target import Scan, Target

CONTROL: Final = "aws-baseline"
# The check's name for a resource that no rule can judge; `--skip` takes it.
UNJUDGED: Final = "every-resource-judged"


def scan(target: Target, stack: Stack, tool: Tool = CHECKOV, *, own_checks: bool = True) -> Scan:
    """Judge the stack. What could not be judged is an error finding.

    Without `own_checks` each of them is not applicable: they know what an OCPI deployment needs.
    """
    plan, places = plan_of(stack), Places(stack)
    verdicts: Verdicts | None = None
    with ThreadPoolExecutor(1) as waiting:
        asked = waiting.submit(ask_checkov, plan, tool)
        judged = judge(stack_checks(), stack) if own_checks else _not_asked()
        own = [places.placed(finding) for finding in judged]
        try:
            verdicts = asked.result()
            baseline = [places.placed(f) for f in baseline_findings(stack, plan, verdicts)]
        except CollectError as error:
            severity = CONTROLS[CONTROL].severity
            baseline = [Finding(CONTROL, "checkov", Status.ERROR, target.name, error.message, severity)]
    gaps = [places.placed(finding) for finding in unjudged_findings(plan, stack.pending)]
    return Scan((*baseline, *gaps, *own), {"policy-coverage.json": coverage(stack, plan, verdicts)})


def _not_asked() -> Iterator[Finding]:
    detail = "nothing in the stack is marked as OCPI's; `--ocpi` asks all the same"
    for check in stack_checks():
        severity = CONTROLS[check.control].severity
        yield Finding(check.control, check.name, Status.NOT_APPLICABLE, "", detail, severity)


def unjudged_findings(plan: Plan, pending: Mapping[str, str] | None = None) -> Iterator[Finding]:
    """An `error` for each resource that no rule can judge: silence about it would look like a pass."""
    severity = CONTROLS[CONTROL].severity
    for urn, reason in sorted({**(pending or {}), **plan.unjudged}.items()):
        yield Finding(CONTROL, UNJUDGED, Status.ERROR, urn, f"not judged: {reason}", severity)


def baseline_findings(stack: Stack, plan: Plan, verdicts: Verdicts) -> Iterator[Finding]:
    """checkov's verdicts as findings, with URNs in place of addresses."""
    by_address = {r.address: r for r in plan.resources}
    names = {rule.id: rule.name for rule in verdicts.rules}
    for verdict in verdicts.verdicts:
        planned = by_address.get(verdict.address)
        yield Finding(
            control=CONTROL,
            check=verdict.rule,
            status=_STATUSES[verdict.status],
            where=planned.resource.urn if planned else f"{stack.project}/{stack.name}",
            detail=_detail(verdict, names.get(verdict.rule, ""), planned, stack),
            severity=severity_of(verdict.rule),
        )


_STATUSES: Final[Mapping[str, Status]] = {
    "passed": Status.PASS,
    "failed": Status.FAIL,
    "undecided": Status.NOT_APPLICABLE,
    "unknown": Status.ERROR,
    "crashed": Status.ERROR,
}


def _detail(verdict: Verdict, name: str, planned: Planned | None, stack: Stack) -> str:
    parts = [name]
    if verdict.status == "failed" and planned:
        parts += [f"property {p}" for p in _properties(verdict.attributes, planned)[:1]]
        component = stack.component_of(planned.resource)
        parts += [f"in {component}"] if component else []
    if verdict.reason:
        parts.append(verdict.reason)
    return "; ".join(part for part in parts if part)


def _properties(attributes: Iterable[str], planned: Planned) -> list[str]:
    """The Pulumi properties behind checkov's attribute paths (`ingress/[0]/from_port`)."""
    tops = sorted({path.split("/")[0] for path in attributes})
    return [planned.properties[top] for top in tops if top in planned.properties]
