"""The policy scan: checkov's AWS rules and our own checks on a declared stack.

checkov runs as a program: pinned, offline, with a deadline, in a folder of its own. If it is missing,
crashes, is too slow or judges nothing, the finding is an error; it is never silence.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec

from hardening.checks import Finding, Status, judge
from hardening.controls import CONTROLS
from hardening.errors import CollectError
from scanners.policy.checkov_job import Job, Verdict, Verdicts
from scanners.policy.checkov_severity import severity_of
from scanners.policy.checks import stack_checks
from scanners.policy.coverage import coverage
from scanners.policy.plan import Plan, Planned, plan_of
from scanners.policy.stack import Resource, Stack
from scanners.target import Scan, Target

CONTROL: Final = "aws-baseline"
# The check's name for a resource that no rule can judge; `--skip` takes it.
UNJUDGED: Final = "every-resource-judged"


@dataclass(frozen=True, slots=True)
class Tool:
    """How checkov is called: `command` takes the job's and the result's file; `deadline` in seconds."""

    command: tuple[str, ...] = (sys.executable, "-P", "-m", "scanners.policy.checkov_run")
    deadline: float = 300.0


def scan(target: Target, stack: Stack, tool: Tool = Tool()) -> Scan:
    """Judge the stack. What could not be judged is an error finding."""
    plan = plan_of(stack)
    verdicts: Verdicts | None = None
    with ThreadPoolExecutor(1) as waiting:
        asked = waiting.submit(ask_checkov, plan, tool)
        own = [placed(finding, stack) for finding in judge(stack_checks(), stack)]
        try:
            verdicts = asked.result()
            baseline = list(baseline_findings(stack, plan, verdicts))
        except CollectError as error:
            severity = CONTROLS[CONTROL].severity
            baseline = [Finding(CONTROL, "checkov", Status.ERROR, target.name, error.message, severity)]
    gaps = [placed(finding, stack) for finding in unjudged_findings(plan)]
    return Scan((*baseline, *gaps, *own), {"policy-coverage.json": coverage(stack, plan, verdicts)})


def unjudged_findings(plan: Plan) -> Iterator[Finding]:
    """An `error` for each resource that no rule can judge: silence about it would look like a pass."""
    severity = CONTROLS[CONTROL].severity
    for urn, reason in sorted(plan.unjudged.items()):
        yield Finding(CONTROL, UNJUDGED, Status.ERROR, urn, f"not judged: {reason}", severity)


def placed(finding: Finding, stack: Stack) -> Finding:
    """The finding with the place in the program that declares its resource, where it is known."""
    resource = stack.get(finding.where.split("#")[0])
    return replace(finding, source=source_of(resource, stack)) if resource else finding


def source_of(resource: Resource, stack: Stack) -> str:
    """`file:line` of the resource, or of the nearest component around it that has one."""
    seen: Resource | None = resource
    while seen is not None:
        if seen.source:
            return seen.source
        seen = stack.get(seen.parent)
    return ""


def ask_checkov(plan: Plan, tool: Tool) -> Verdicts:
    """checkov's verdicts on the plan. Raises CollectError when there are none, or not for all of it."""
    if not plan.resources:
        raise CollectError("the stack has no AWS resource to judge", "is it the right stack?")
    job = Job(plan.document(), {r.address: list(r.unknown) for r in plan.resources if r.unknown})
    with tempfile.TemporaryDirectory(prefix="rampart-policy-") as folder:
        job_file, result_file = Path(folder, "job.json"), Path(folder, "result.json")
        job_file.write_bytes(msgspec.json.encode(job))
        _run(tool, job_file, result_file)
        try:
            verdicts = msgspec.json.decode(result_file.read_bytes(), type=Verdicts)
        except (OSError, msgspec.DecodeError) as error:
            raise CollectError(f"checkov gave no readable result: {type(error).__name__}") from None
    if verdicts.resources != len(plan.resources):
        raise CollectError(f"checkov judged {verdicts.resources} of {len(plan.resources)} resources")
    if not verdicts.verdicts:
        raise CollectError("checkov judged nothing")
    return verdicts


def _run(tool: Tool, job: Path, result: Path) -> None:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(job.parent),
        "LOG_LEVEL": "CRITICAL",
        "PYTHONHASHSEED": "0",
    }
    try:
        done = subprocess.run(  # noqa: S603  (our own command, no shell)
            [*tool.command, str(job), str(result)],
            cwd=job.parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=tool.deadline,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise CollectError(f"checkov took longer than {tool.deadline:.0f} s") from None
    except OSError as error:
        raise CollectError(f"checkov could not be started: {error.strerror}", "run `uv sync`") from None
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        # The exception's type says enough; its message may quote the plan.
        last = lines[-1].split(":")[0] if lines else "no message"
        raise CollectError(f"checkov ended with code {done.returncode} ({last})", "run `rampart doctor`")


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
            source=source_of(planned.resource, stack) if planned else "",
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
