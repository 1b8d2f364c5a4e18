"""Explains our own controls and checks: a check's own cases say what fails it, and what mends that."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from hardening.checks import Check
from hardening.controls import CONTROLS, Control
from hardening.controls.address import address_of
from hardening.ocpi.rules.rule import Rule
from hardening.requests.request import Request
from scanners.catalogue import checks_by_subject
from scanners.explain.explanation import Explanation, why
from scanners.explain.pulumi_python import declaration
from scanners.policy.stack import Resource, Stack

_MEND = {
    "message": "send the object as the rule says it; `rampart validate FILE` shows each place",
    "tls": "change the server's configuration; `rampart audit tls --target HOST:PORT` shows it again",
    "intent": "deploy today's program (`rampart up`), or change the program to what is wanted",
    "drift": "deploy the program again (`rampart up`), or bring the change into the program",
    "exchange": "mend the OCPI service behind the gateway; the finding says what it answered",
    "two stacks": "give each environment resources of its own",
}


def explain_control(control: Control) -> Explanation:
    """The control, mended as the first check of it says that has an example."""
    related = [explain_check(kind, one) for kind, one in _all_checks() if one.control == control.id]
    best = max(related, key=lambda found: bool(found.example), default=None)
    by_hand = f"by hand: {control.manual}" if control.manual else "the finding says what to do, and where"
    return Explanation(
        id=control.id,
        title=title_of(control.id),
        what=control.promise,
        why=why(control),
        mend=best.mend if best else by_hand,
        example=best.example if best else "",
        citation=control.citation,
        address=address_of(control.citation),
        severity=control.severity,
        control=control.id,
    )


def explain_check(kind: str, one: Check[Any]) -> Explanation:
    """A check of ours on subjects of that kind (see `checks_by_subject`)."""
    control = CONTROLS[one.control]
    clauses = ", ".join(name for name in one.bad if name)
    return Explanation(
        id=one.name,
        title=title_of(one.name),
        what=_said(one) or control.promise,
        why=why(control),
        mend=_mended(kind, one) + (f"; it fails for: {clauses}" if clauses else ""),
        example=_example(one),
        citation=control.citation,
        address=address_of(control.citation),
        severity=control.severity,
        control=control.id,
    )


def named(name: str) -> Explanation | None:
    """The explanation of the control or check of that name, a control before a check."""
    if name in CONTROLS:
        return explain_control(CONTROLS[name])
    return next((explain_check(kind, one) for kind, one in _all_checks() if one.name == name), None)


def names() -> set[str]:
    """Every name that `named` knows."""
    return {*CONTROLS, *(one.name for _, one in _all_checks())}


def title_of(slug: str) -> str:
    """`token-a-only-registers` -> `Token a only registers`."""
    return slug.replace("-", " ").capitalize()


@cache
def _all_checks() -> tuple[tuple[str, Check[Any]], ...]:
    """Every check with its kind of subject; asked once for each rule that a report explains."""
    return tuple((kind, one) for kind, found in checks_by_subject().items() for one in found)


def _said(one: Check[Any]) -> str:
    """What the check's docstring says, of a business rule that of the function in it."""
    inner = next((value.find for value in vars(one.judge).values() if isinstance(value, Rule)), one.judge)
    return " ".join((inner.__doc__ or "").split())


def _mended(kind: str, one: Check[Any]) -> str:
    if isinstance(one.good, Request):
        return f"the partner sends what its contract covers, as in {one.good}"
    return _MEND.get(kind, "declare it so")


def _example(one: Check[Any]) -> str:
    """What the good stack declares, and some bad one does not."""
    if not isinstance(one.good, Stack):
        return ""
    found: dict[str, dict[str, Any]] = {}
    for bad in one.bad.values():
        for good in one.good.resources:
            for name in _differing(good, bad.get(good.urn)):
                found.setdefault(good.urn, {})[name] = good.inputs.get(name)
    declared = {good.urn: good for good in one.good.resources}
    return "\n".join(
        declaration(declared[urn].type, declared[urn].name, properties) for urn, properties in found.items()
    )


def _differing(good: Resource, bad: Resource | None) -> Iterator[str]:
    """The properties of a good resource that a bad stack has otherwise, or does not have."""
    for name, value in good.inputs.items():
        if bad is None or bad.inputs.get(name) != value:
            yield name
