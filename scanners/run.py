"""Run all scanners against one target, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from hardening.checks import Finding, Status
from hardening.cli import say
from hardening.controls import Severity
from hardening.errors import CollectError
from scanners.drift.scan import scan as scan_drift
from scanners.policy.scan import scan as scan_policy
from scanners.policy.stack import as_json
from scanners.policy.stack_file import read_stack
from scanners.probe.scan import scan as scan_probe
from scanners.progress import steps
from scanners.target import Scan, Target
from scanners.tls.scan import scan as scan_tls


def scan_all(target: Target) -> Mapping[str, Scan]:
    """Every scanner's result by name: policy, tls, drift, probe; and the declared stack that they judged.

    Raises ConfigError if the target's stack cannot be read, since nothing can be judged then.
    """
    stack = read_stack(Path(target.stack_file))
    scanners: dict[str, Callable[[], Scan]] = {
        "policy": lambda: scan_policy(target, stack),
        "tls": lambda: scan_tls(target, deep=True),
        "drift": lambda: scan_drift(target, stack),
        "probe": lambda: scan_probe(target),
    }
    with ThreadPoolExecutor(len(scanners)) as pool, steps([*scanners]) as done:
        running = {pool.submit(_run, name, scanner): name for name, scanner in scanners.items()}
        for future in as_completed(running):
            done(running[future])
        results = {name: future.result() for future, name in running.items()}
    return {"declared": Scan((), {"stack.json": as_json(stack)}), **results}


def _run(name: str, scanner: Callable[[], Scan]) -> Scan:
    """A scanner that cannot look, or found nothing to judge, gives an error finding; the others go on."""
    try:
        result = scanner()
    except CollectError as error:
        say(f"error: {name}: {error.message}")
        return Scan((_incomplete(name, f"the {name} audit could not look: {error.message}"),))
    if result.findings:
        return result
    return Scan((_incomplete(name, f"the {name} audit judged nothing"),), result.subjects)


def _incomplete(name: str, detail: str) -> Finding:
    return Finding("every-audit-completes", name, Status.ERROR, name, detail, Severity.HIGH)
