"""The spine: checks can pass and fail, controls are verified or explained, what builds them exists."""

from __future__ import annotations

from typing import Any

import pytest

from hardening.checks import Check, Status
from scanners.checks import separation_checks, stack_checks

CHECKS = (*stack_checks(), *separation_checks())


def _statuses(check: Check[Any], subject: Any) -> set[Status]:
    return {finding.status for finding in check.run(subject)}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_passes_its_good_subject(check: Check[Any]) -> None:
    assert _statuses(check, check.good) == {Status.PASS}, check.run(check.good)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_fails_its_bad_subject(check: Check[Any]) -> None:
    assert Status.FAIL in _statuses(check, check.bad), check.run(check.bad)
    assert Status.ERROR not in _statuses(check, check.bad), check.run(check.bad)
