"""The number of tasks that AWS moves: no drift within its bounds, and drift outside of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scanners.drift.compare import compare
from scanners.drift.declared import Declared
from scanners.drift.readers import READERS
from scanners.drift.records import Change, Live, Reading
from scanners.policy.stack import Resource
from tests.beds.aws_account import REGION, declare, stack_of

ARN = "arn:aws:ecs:eu-central-1:111122223333:service/guard/guard"
SERVICE = "aws:ecs/service:Service"
LEAST, MOST = 2, 8


def service() -> Resource:
    return declare(SERVICE, ARN, {"name": "guard", "cluster": "guard", "desiredCount": 2})


def target(**inputs: Any) -> Resource:
    bounds = {"resourceId": "service/guard/guard", "minCapacity": 2.0, "maxCapacity": 8.0}
    return declare("aws:appautoscaling/target:Target", "service/guard/guard", {**bounds, **inputs})


def changes(count: object, *resources: Resource) -> tuple[Change, ...]:
    live = Live(SERVICE, ARN, {"name": "guard", "cluster": "guard", "desiredCount": count}, REGION)
    used = tuple(reader for reader in READERS if reader.type == SERVICE)
    reading = Reading({(SERVICE, REGION): (live,)})
    return compare(Declared(stack_of(*resources), REGION), reading, used).changes


@given(st.integers(LEAST, MOST))
def test_any_number_within_the_bounds_is_as_declared(count: int) -> None:
    assert changes(count, service(), target()) == ()


@given(st.integers(0, 50).filter(lambda count: not LEAST <= count <= MOST))
def test_any_number_outside_of_the_bounds_has_drifted(count: int) -> None:
    (found,) = changes(count, service(), target())
    assert (found.property, found.declared, found.live) == ("desiredCount", "2 to 8", str(count))


def test_a_number_that_nobody_answered_has_drifted() -> None:
    assert [one.property for one in changes(None, service(), target())] == ["desiredCount"]


def test_bounds_of_another_service_or_unknown_ones_allow_nothing() -> None:
    for other in (target(resourceId="service/guard/another"), target(minCapacity=None)):
        assert [one.live for one in changes(5, service(), other)] == ["5"]


def test_bounds_belong_to_the_service_that_the_program_named() -> None:
    named = service()
    by_reference = replace(target(resourceId=None), property_dependencies={"resourceId": (named.urn,)})
    assert changes(5, named, by_reference) == ()


def test_a_moment_is_the_same_in_whatever_zone_this_machine_is() -> None:
    (reader,) = (one for one in READERS if one.type == "aws:appautoscaling/scheduledAction:ScheduledAction")
    start = next(field for field in reader.fields if field.name == "startTime")
    read_in_berlin = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    assert start.normalize(read_in_berlin) == start.normalize("2026-01-01T00:00:00Z")
