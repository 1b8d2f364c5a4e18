"""The listed cases of checks, beside those that each check carries: each gives what the list says."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from hardening.checks import Check
from hardening.ocpi.rules.fast_path import fast_path
from hardening.ocpi.rules.rule import rule_of
from scanners.catalogue import checks_by_subject
from tests.edited import case_of, edited, verdict

LISTED = Path(__file__).with_name("cases.yaml")


@cache
def listed() -> Mapping[str, Mapping[str, list[dict[str, Any]]]]:
    """Kind of subject -> check -> its cases."""
    found: dict[str, Any] = yaml.safe_load(LISTED.read_text(encoding="utf-8"))
    return found


def subjects(kind: str) -> Mapping[str, tuple[Any, ...]]:
    """The subjects that are listed for the checks of a kind, by the check's name."""
    named = {one.name: one for one in checks_by_subject()[kind]}
    return {
        name: tuple(_subject(named, name, case) for case in cases)
        for name, cases in listed().get(kind, {}).items()
    }


def _subject(named: Mapping[str, Check[Any]], name: str, case: Mapping[str, Any]) -> Any:
    return edited(case_of(named[case.get("of", name)], case["from"]), case["with"])


CASES = [
    pytest.param(kind, name, case, id=f"{kind}-{name}-{case.get('case', number)}")
    for kind, checks in listed().items()
    for name, cases in checks.items()
    for number, case in enumerate(cases, 1)
]


def _is_faulty(name: str, case: Mapping[str, Any]) -> bool:
    """Whether a case is a message that a rule faults by itself."""
    rules = {one.name: one for one in checks_by_subject()["message"]}
    return case["gives"] == "fail" and not rule_of(rules[name]).needs


@pytest.mark.parametrize(("kind", "name", "case"), CASES)
def test_a_listed_case_gives_what_is_listed(kind: str, name: str, case: Mapping[str, Any]) -> None:
    named = {one.name: one for one in checks_by_subject()[kind]}
    findings = named[name].run(_subject(named, name, case))
    assert verdict(findings) == case["gives"], findings


FAULTY = [
    pytest.param(name, case, id=f"{name}-{number}")
    for name, cases in listed()["message"].items()
    for number, case in enumerate(cases, 1)
    if _is_faulty(name, case)
]


@pytest.mark.parametrize(("name", "case"), FAULTY)
def test_the_fast_path_asks_the_rules_about_a_faulty_message(name: str, case: Mapping[str, Any]) -> None:
    message = _subject({one.name: one for one in checks_by_subject()["message"]}, name, case)
    assert not fast_path(message.version, message.object_type)(message.value)
