"""Weakenings of our own stack: there are many, and our checks find those that are not listed."""

from __future__ import annotations

import random

import pytest

from hardening.controls import Severity
from tests.mutation import survivors
from tests.mutation.judged import STACK, all_weakenings, caught_by_own
from tests.mutation.stack_run import BY_CHECKOV, FILE, SURVIVING
from tests.mutation.weakening import GONE, Weakening, weakened
from tests.own_stack import own_stack

SAMPLE = 40  # weakenings that the suite judges; `python -m tests.mutation stack` judges all
SEED = 20261128


@pytest.fixture(scope="module")
def every() -> dict[str, Weakening]:
    return all_weakenings()


def test_a_thousand_weakenings_are_made_from_the_types_of_our_stack(every: dict[str, Weakening]) -> None:
    assert len(every) >= 1000


def test_each_of_a_seeded_sample_is_found_by_our_checks_or_listed(every: dict[str, Weakening]) -> None:
    listed = survivors.read(FILE)
    known = {*listed[BY_CHECKOV], *survivors.reasons_by_name(listed[SURVIVING])}
    drawn = random.Random(SEED).sample(sorted(every), SAMPLE)
    assert [name for name in drawn if not caught_by_own(every[name]) and name not in known] == []


def test_every_listed_survivor_is_a_weakening_and_has_a_reason(every: dict[str, Weakening]) -> None:
    listed = survivors.read(FILE)
    reasons = survivors.reasons_by_name(listed[SURVIVING])
    assert set(reasons) | set(listed[BY_CHECKOV]) <= set(every), "run `python -m tests.mutation stack`"
    assert survivors.NO_REASON not in reasons.values()


def test_what_has_no_reason_is_listed_as_such() -> None:
    found = survivors.sorted_by_reason(["new", "old"], {"old": "equal in effect: it was so before"})
    assert found == {"equal in effect: it was so before": ["old"], survivors.NO_REASON: ["new"]}


def test_what_is_taken_away_is_gone_from_inputs_and_outputs() -> None:
    stack = own_stack(STACK)
    function = stack.of_type("aws:lambda/function:Function")[0]
    one = Weakening(function.urn, ("deadLetterConfig",), GONE, Severity.MEDIUM, "taken away")
    changed = weakened(stack, one).get(function.urn)
    assert "deadLetterConfig" in function.inputs
    assert changed is not None
    assert "deadLetterConfig" not in {**changed.outputs, **changed.inputs}
