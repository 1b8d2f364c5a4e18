"""Weakenings of our own stack: there are many, and our checks find most of a sample of the grave ones."""

from __future__ import annotations

import random

import pytest

from hardening.checks import Finding, Status
from hardening.controls import Severity
from scanners.policy.checks import stack_checks
from scanners.policy.stack import Stack
from tests.mutation.weakening import Weakening, weakened
from tests.mutation.weakenings import weakenings
from tests.own_stack import own_stack

SAMPLE = 30  # weakenings that the suite judges
SEED = 20261128
GRAVE = (Severity.CRITICAL, Severity.HIGH)


@pytest.fixture(scope="module")
def every() -> list[Weakening]:
    return list(weakenings(own_stack("test")))


def test_a_thousand_weakenings_are_made_from_the_types_of_our_stack(every: list[Weakening]) -> None:
    assert len(every) >= 1000
    assert len({(one.urn, one.label) for one in every}) >= 1000


def test_most_grave_weakenings_of_a_seeded_sample_are_found_by_our_checks(every: list[Weakening]) -> None:
    """checkov's rules are not asked here, so some survive; none of the least share may be lost."""
    grave = [one for one in every if one.severity in GRAVE]
    drawn = random.Random(SEED).sample(grave, SAMPLE)
    stack = own_stack("test")
    survived = [one.name for one in drawn if not _found(weakened(stack, one))]
    assert len(survived) <= SAMPLE // 5, survived


def _found(stack: Stack) -> list[Finding]:
    bad = (Status.FAIL, Status.ERROR)
    return [finding for check in stack_checks() for finding in check.run(stack) if finding.status in bad]
