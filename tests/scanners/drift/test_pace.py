"""How fast AWS is asked: within the low quotas of each region, and no service waits for another."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.drift.pace import Bucket, Pace, Patience


@dataclass
class Clock:
    """A time of its own, in seconds."""

    time: float = 0.0
    waits: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds


def test_so_many_pass_at_once_and_the_next_waits_for_its_turn() -> None:
    clock = Clock()
    bucket = Bucket(8.0, 4, clock.now, clock.wait)
    for _ in range(4):
        bucket.take()
    assert clock.waits == []
    bucket.take()
    assert clock.waits == [pytest.approx(0.125)]


@given(
    pauses=st.lists(st.floats(min_value=0, max_value=3), min_size=1, max_size=60),
    size=st.integers(min_value=1, max_value=9),
)
def test_no_second_ever_has_more_requests_than_the_rate_and_one_burst(pauses: list[float], size: int) -> None:
    clock, taken = Clock(), []
    bucket = Bucket(4.0, size, clock.now, clock.wait)
    for pause in pauses:
        clock.time += pause
        bucket.take()
        taken.append(clock.time)
    for first in taken:
        assert len([one for one in taken if first <= one < first + 1]) <= size + 4


def test_only_what_has_a_low_quota_is_paced_and_each_region_by_itself() -> None:
    pace = Pace()
    for service, operation in (("ec2", "DescribeVpcs"), ("secretsmanager", "ListSecrets")):
        pace.before_send(service, "eu-central-1")(f"before-send.{service}.{operation}")
    assert pace.buckets == {}
    for region in ("eu-central-1", "eu-west-1"):
        pace.before_send("apigateway", region)("before-send.api-gateway.GetStages")
        pace.before_send("secretsmanager", region)("before-send.secrets-manager.GetResourcePolicy")
    assert set(pace.buckets) == {
        (name, region)
        for name in ("apigateway", "secretsmanager.GetResourcePolicy")
        for region in ("eu-central-1", "eu-west-1")
    }


THROTTLED = (None, {"Error": {"Code": "ThrottlingException"}})
DENIED = (None, {"Error": {"Code": "AccessDenied"}})


def tries(patience: Patience, clock: Clock, operation: str, seconds: float) -> bool:
    """Whether a call that is throttled for so long gets its answer in the end."""
    attempts, end = 1, clock.time + seconds
    while clock.time < end:
        pause = patience.needs_retry(operation, attempts, THROTTLED)
        if not pause:
            return False
        clock.wait(pause)
        attempts += 1
    return patience.needs_retry(operation, attempts, DENIED) is None


def test_what_throttles_for_a_minute_is_asked_until_it_answers_and_never_more_than_five_seconds_late() -> (
    None
):
    clock = Clock()
    patience = Patience(180, clock.now)
    for _ in range(4):
        assert tries(patience, clock, "ListKeys", 60)
    assert max(clock.waits) == 5
    assert clock.time < 4 * 66


def test_what_only_throttles_is_given_up_once_and_the_rest_of_the_service_is_left_to_botocore() -> None:
    clock = Clock()
    patience = Patience(180, clock.now)
    assert not tries(patience, clock, "ListKeys", 600)
    assert 180 <= clock.time < 186
    assert patience.needs_retry("ListKeys", 1, THROTTLED) is False
    assert patience.needs_retry("ListAliases", 1, THROTTLED) is None


def test_what_is_not_throttled_is_none_of_patience() -> None:
    patience = Patience(180)
    for response in (None, DENIED, (None, {"Error": {"Code": "LimitExceededException"}}), (None, {})):
        assert patience.needs_retry("ListKeys", 1, response) is None
