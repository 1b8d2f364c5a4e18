"""Run all scanners against one target, side by side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from hardening.checks import Finding, Status
from hardening.cli import say
from hardening.controls import CONTROLS
from hardening.errors import CollectError
from scanners.drift.scan import scan as scan_drift
from scanners.intent.scan import scan as scan_intent
from scanners.policy.scan import scan as scan_policy
from scanners.policy.stack import as_json
from scanners.policy.stack_file import read_stack
from scanners.probe.scan import scan as scan_probe
from scanners.progress import steps
from scanners.target import Scan, Target
from scanners.tls.scan import scan as scan_tls

CONTROL = "every-audit-completes"


def scan_all(target: Target, without: Collection[str] = ()) -> Mapping[str, Scan]:
    """Every scanner's result by name: policy, intent, tls, drift, probe; and the declared stack.

    A scanner of `without` is left out, and its result says so. Raises ConfigError if the target's
    stack cannot be read, since nothing can be judged then.
    """
    stack = read_stack(Path(target.stack_file))
    every: dict[str, Callable[[], Scan]] = {
        "policy": lambda: scan_policy(target, stack),
        "intent": lambda: scan_intent(target, stack),
        "tls": lambda: scan_tls(target, deep=True),
        "drift": lambda: scan_drift(target, stack),
        "probe": lambda: scan_probe(target),
    }
    scanners = {name: scanner for name, scanner in every.items() if name not in without}
    left_out = {name: _left_out(name) for name in every if name in without}
    with ThreadPoolExecutor(len(every)) as pool, steps([*scanners]) as done:
        running = {pool.submit(guarded, name, scanner): name for name, scanner in scanners.items()}
        for future in as_completed(running):
            done(running[future])
        results = {name: future.result() for future, name in running.items()}
    return {"declared": Scan((), {"stack.json": as_json(stack)}), **results, **left_out}


def guarded(name: str, scanner: Callable[[], Scan]) -> Scan:
    """A scanner that cannot look, or found nothing to judge, gives an error finding; the others go on."""
    try:
        result = scanner()
    except CollectError as error:
        say(f"error: {name}: {error.message}")
        if error.hint:
            say(f"hint: {error.hint}")
        return Scan((_about(name, Status.ERROR, f"the {name} audit could not look: {error.message}"),))
    if result.findings:
        return result
    return Scan((_about(name, Status.ERROR, f"the {name} audit judged nothing"),), result.subjects)


def _left_out(name: str) -> Scan:
    say(f"warning: {name} was left out (--without {name}): this run says nothing of it")
    return Scan((_about(name, Status.NOT_APPLICABLE, f"left out with --without {name}"),))


def _about(name: str, status: Status, detail: str) -> Finding:
    return Finding(CONTROL, name, status, name, detail, CONTROLS[CONTROL].severity)
