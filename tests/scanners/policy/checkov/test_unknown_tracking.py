"""Whatever way a rule reads a value that is not known, it is noted; reading anything else is not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import dpath
import pytest

from scanners.policy.checkov.unknown_tracking import TrackedValues
from scanners.policy.plan_values import UNKNOWN_VALUE

CONFIGURATION = {
    "policy": [UNKNOWN_VALUE],
    "environment": [{"variables": [{"TOKEN": [UNKNOWN_VALUE]}]}],
    "name": ["x"],
}


@pytest.mark.parametrize(
    "read",
    [
        lambda c: c["policy"],
        lambda c: c.get("policy"),
        lambda c: c["environment"][0]["variables"][0]["TOKEN"],
        lambda c: [value for _, value in c.items()],
        lambda c: list(c.values()),
        lambda c: str(c["environment"]),
        lambda c: json.dumps(c),
        lambda c: dict(c),
        lambda c: {**c},
        lambda c: copy.deepcopy(c),
        lambda c: c["environment"][0]["variables"] == [{"TOKEN": ["x"]}],
        lambda c: dpath.get(c, "environment/0/variables/0/TOKEN"),
    ],
)
def test_a_read_of_an_unknown_value_is_noted(read: Callable[[TrackedValues], Any]) -> None:
    tracked = TrackedValues.over(CONFIGURATION, in_search=True)
    read(tracked)
    assert tracked.touched


@pytest.mark.parametrize("read", [lambda c: c["name"], lambda c: c.get("other"), lambda c: "policy" in c])
def test_a_read_of_anything_else_is_not(read: Callable[[TrackedValues], Any]) -> None:
    tracked = TrackedValues.over(CONFIGURATION, in_search=True)
    read(tracked)
    assert not tracked.touched


def test_a_search_that_only_walks_past_does_not_count_where_told_so() -> None:
    tracked = TrackedValues.over(CONFIGURATION, in_search=False)
    assert dpath.search(tracked, "name/*")
    assert not tracked.touched
