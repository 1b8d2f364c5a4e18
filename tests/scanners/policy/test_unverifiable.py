"""What cannot be known is an error, and never a pass; what nobody wrote is a failure."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hardening.checks import Check, Status
from scanners.policy.checks import stack_checks
from scanners.policy.checks.administrators import administrators_use_mfa
from scanners.policy.checks.cloudtrail import a_trail_of_all_regions_is_running
from scanners.policy.checks.dynamodb import ledgers_are_backed_up
from scanners.policy.samples.identity import ACCESS
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import SECRET, UNKNOWN, Stack
from tests.scanners.policy.hollow_stacks import as_previewed, of_unknowns, with_nothing_written

CHECKS = stack_checks()

# What these ask for is AWS's own default: they fail where somebody wrote another value.
RIGHT_UNLESS_WRITTEN = {
    "zones-and-images-are-not-deleted-unasked",  # forceDestroy, forceDelete: off
    "ledgers-go-back-a-month",  # 35 days
    "tables-have-no-stream",
    "deployments-keep-tasks-running",  # 100 percent
    "answers-are-not-cached",
    "secrets-stay-in-their-region",  # no replica
    "alarms-do-not-stay-as-they-are",  # missing
    "references-stay-within-the-quota",  # a rule that refers to nothing needs none of the quota
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_preview_is_judged_like_the_deployment_or_not_at_all(check: Check[Stack]) -> None:
    statuses = {finding.status for finding in check.run(as_previewed(check.good))}
    assert statuses <= {Status.PASS, Status.ERROR}
    assert statuses


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_stack_of_unknowns_never_passes(check: Check[Stack]) -> None:
    for case, bad in check.bad.items():
        assert {f.status for f in check.run(of_unknowns(bad))} != {Status.PASS}, case


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_stack_on_which_nothing_is_written_never_passes(check: Check[Stack]) -> None:
    for case, bad in check.bad.items():
        statuses = {f.status for f in check.run(with_nothing_written(bad))}
        assert (statuses == {Status.PASS}) == (check.name in RIGHT_UNLESS_WRITTEN), case


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_an_empty_stack_is_not_applicable(check: Check[Stack]) -> None:
    assert {f.status for f in check.run(Stack("empty", "empty", ()))} == {Status.NOT_APPLICABLE}


@given(value=some.sampled_from([UNKNOWN, SECRET]))
def test_an_unknown_value_is_an_error_that_names_the_property(value: Any) -> None:
    findings = a_trail_of_all_regions_is_running.run(weaken(AUDIT, "trail-1", "isMultiRegionTrail", value))
    error = findings[-1]
    assert error.status is Status.ERROR
    assert error.where.endswith("#isMultiRegionTrail")
    assert "isMultiRegionTrail" in error.detail


def test_what_was_found_before_an_unknown_is_kept() -> None:
    findings = a_trail_of_all_regions_is_running.run(weaken(AUDIT, "trail-1", "isMultiRegionTrail", UNKNOWN))
    assert [f.status for f in findings] == [Status.PASS, Status.ERROR]


@given(
    value=some.one_of(
        some.none(),
        some.integers(),
        some.text(),
        some.lists(some.text()),
        some.dictionaries(some.text(), some.text()),
    )
)
def test_only_true_passes_where_true_must_be_written(value: Any) -> None:
    from scanners.policy.samples.data import DATA

    findings = ledgers_are_backed_up.run(weaken(DATA, "table-cdrs", "pointInTimeRecovery", value))
    judged = [f for f in findings if "table-cdrs" in f.where]
    assert {f.status for f in judged} <= {Status.FAIL, Status.ERROR}
    assert judged


def test_a_second_factor_that_nothing_proves_is_an_error() -> None:
    tags = {"rampart:duty": "admin"}
    (last,) = [f for f in administrators_use_mfa.run(weaken(ACCESS, "role-admin", "tags", tags)) if f.detail]
    assert last.status is Status.ERROR
    assert "nothing says where" in last.detail
