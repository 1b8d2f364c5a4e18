"""Run all scanners against one target, side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from hardening.checks import Finding, Status
from hardening.cli import say
from hardening.controls import CONTROLS
from hardening.errors import RampartError
from hardening.registry.reader import read_registry
from hardening.registry.shares import as_document
from scanners.drift.scan import scan as scan_drift
from scanners.intent.scan import scan as scan_intent
from scanners.policy.scan import scan as scan_policy
from scanners.policy.stack import as_json
from scanners.policy.stack_file import read_stack
from scanners.probe.permission import asked_probe
from scanners.progress import steps
from scanners.selection import Selection
from scanners.target import Scan, Target
from scanners.tls.scan import scan as scan_tls

CONTROL = "every-audit-completes"


def scan_all(
    target: Target, selection: Selection | None = None, only: tuple[str, ...] = ()
) -> Mapping[str, Scan]:
    """Every scanner's result by name: policy, intent, tls, drift, probe; and the declared stack.

    A scanner that `selection` leaves out, or that judges nothing of `only`, is not run; its result says so.
    Raises ConfigError if the target's stack cannot be read, since nothing can be judged then.
    """
    chosen = selection or Selection()
    stack = read_stack(Path(target.stack_file))
    every: dict[str, Callable[[], Scan]] = {
        "policy": lambda: scan_policy(target, stack),
        "intent": lambda: scan_intent(target, stack),
        "tls": lambda: scan_tls(target, deep=True),
        "drift": lambda: scan_drift(target, stack),
        "probe": lambda: asked_probe(target, attack_production=chosen.attack_production),
    }
    unasked = chosen.left_out(only)
    scanners = {name: scanner for name, scanner in every.items() if name not in unasked}
    left_out = {name: _left_out(name, option) for name, option in unasked.items()}
    with ThreadPoolExecutor(len(every)) as pool, steps([*scanners]) as done:
        running = {pool.submit(guarded, name, scanner): name for name, scanner in scanners.items()}
        for future in as_completed(running):
            done(running[future])
        results = {name: future.result() for future, name in running.items()}
    told = {"declared": Scan((), {"stack.json": as_json(stack)}), "shares": _shares(target)}
    return {**told, **results, **left_out}


def _shares(target: Target) -> Scan:
    """What of our drivers goes to whom, and why, for whoever reads the evidence; nothing is judged by it."""
    try:
        shared = as_document(read_registry(Path(target.partners)))
    except RampartError as error:
        detail = f"nobody knows what is shared with partners: {error.message}"
        return Scan((_about("shares", Status.ERROR, detail),))
    return Scan((), {"shares.json": json.dumps(shared, indent=1) + "\n"})


def guarded(name: str, scanner: Callable[[], Scan]) -> Scan:
    """A scanner that cannot look, or found nothing to judge, gives an error finding; the others go on."""
    try:
        result = scanner()
    except RampartError as error:  # no credentials, no gateway: the others have all that they need
        say(f"error: {name}: {error.message}")
        if error.hint:
            say(f"hint: {error.hint}")
        return Scan((_about(name, Status.ERROR, f"the {name} audit could not look: {error.message}"),))
    if result.findings:
        return result
    return Scan((_about(name, Status.ERROR, f"the {name} audit judged nothing"),), result.subjects)


def _left_out(name: str, option: str) -> Scan:
    say(f"warning: {name} was left out ({option}): this run says nothing of it")
    return Scan((_about(name, Status.NOT_APPLICABLE, f"left out with {option}"),))


def _about(name: str, status: Status, detail: str) -> Finding:
    return Finding(CONTROL, name, status, name, detail, CONTROLS[CONTROL].severity)
