"""The cases that the checks of requests and the rules of messages carry, held as the spine holds them.

The spine imports all that judges stacks; a mutation of these two is tried without. Collected by name alone.
"""

from __future__ import annotations

from typing import Any

import pytest

from hardening.checks import Check, Status
from hardening.ocpi.rules import CHECKS
from hardening.requests.policy import request_checks

EVERY: tuple[Check[Any], ...] = (*request_checks(), *CHECKS)


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
