"""The cases that the checks of requests and the rules of messages carry, held as the spine holds them.

The spine imports all that judges stacks; a mutation of these two is tried without. Collected by name alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from hardening.checks import Check, Status
from hardening.ocpi.rules import CHECKS
from hardening.ocpi.rules.fast_path import fast_path
from hardening.ocpi.rules.rule import Message, rule_of
from hardening.requests.policy import request_checks
from tests.edited import case_of, edited, verdict

EVERY: tuple[Check[Any], ...] = (*request_checks(), *CHECKS)


NAMED: Mapping[str, Mapping[str, Check[Any]]] = {
    "request": {check.name: check for check in request_checks()},
    "message": {check.name: check for check in CHECKS},
}
LISTED: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent.parent / "cases.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind in NAMED for name in NAMED[kind] if name in LISTED[kind]]
)
def test_a_listed_case_gives_what_is_listed(kind: str, name: str) -> None:
    for case in LISTED[kind][name]:
        subject = edited(case_of(NAMED[kind][case.get("of", name)], case["from"]), case["with"])
        findings = NAMED[kind][name].run(subject)
        assert verdict(findings) == case["gives"], (case, findings)
        if isinstance(subject, Message) and case["gives"] == "fail":
            quick = fast_path(subject.version, subject.object_type)
            assert not quick(subject.value) or rule_of(NAMED[kind][name]).needs


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.name)
def test_a_check_tells_its_cases_apart(check: Check[Any]) -> None:
    for good in (check.good, *check.also_good.values()):
        assert not _statuses(check, good) & {Status.FAIL, Status.ERROR}
    assert Status.PASS in _statuses(check, check.good)
    for bad in check.bad.values():
        assert _statuses(check, bad) >= {Status.FAIL}
        assert Status.ERROR not in _statuses(check, bad)
    for unclear in check.unverifiable.values():
        assert Status.ERROR in _statuses(check, unclear)


def _statuses(check: Check[Any], subject: Any) -> set[Status]:
    return {finding.status for finding in check.run(subject)}
