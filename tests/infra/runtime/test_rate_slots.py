"""Where rates are counted: a slot for each key, which it keeps, and which is nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.runtime.policy_service.rate_slots import MOST_KEYS, RateSlots


def _two_moments(slots: RateSlots, key: str) -> tuple[float, float]:
    place = slots.place(key)
    return slots.moments[place], slots.moments[place + 1]


@pytest.mark.parametrize("shared", [True, False])
def test_each_key_has_two_moments_of_its_own(shared: bool, tmp_path: Path) -> None:
    keys = [f"partner-{number}" for number in range(20)]
    slots = RateSlots(keys, tmp_path / "rates" if shared else None)
    assert {_two_moments(slots, key) for key in keys} == {(0.0, 0.0)}
    for number, key in enumerate(keys):
        place = slots.place(key)
        slots.moments[place], slots.moments[place + 1] = number + 0.25, number + 0.5
    assert [_two_moments(slots, key) for key in keys] == [(n + 0.25, n + 0.5) for n in range(20)]
    with pytest.raises(KeyError):
        slots.place("another")


def test_a_key_is_found_again_by_another_worker_and_after_its_partners_have_changed(tmp_path: Path) -> None:
    file = tmp_path / "rates"
    first = RateSlots(["b", "d"], file)
    first.moments[first.place("b")], first.moments[first.place("d")] = 1.0, 2.0
    second = RateSlots(["a", "b", "c", "d"], file)
    assert [_two_moments(second, key)[0] for key in "abcd"] == [0.0, 1.0, 0.0, 2.0]
    second.moments[second.place("a")] = 3.0
    assert _two_moments(RateSlots(["a"], file), "a") == (3.0, 0.0)
    assert first.moments[first.place("b")] == 1.0
    assert file.stat().st_size == MOST_KEYS * 32


def test_there_are_as_many_slots_as_said_and_no_more(tmp_path: Path) -> None:
    keys = [str(number) for number in range(65_535)]
    slots = RateSlots(keys, tmp_path / "rates")
    places = {slots.place(key) for key in keys}
    assert len(places) == 65_535
    assert 0 < min(places) < max(places) < len(slots.moments) - 1
    with pytest.raises(OverflowError, match="more than 65535 rates"):
        RateSlots([*keys, "one more"], tmp_path / "rates")
    again = RateSlots(keys, tmp_path / "rates")
    assert again.place("65534") == slots.place("65534")
