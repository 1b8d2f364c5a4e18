"""No predicate of the fast path says that a rule holds where the rule finds a fault."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardening.ocpi.rules import rules_for
from hardening.ocpi.rules.facts import FACTS
from hardening.ocpi.rules.fast_path import fast_path
from hardening.ocpi.rules.rule import decode
from tests.hardening.ocpi.corpus_business import hours, image, mix
from tests.hardening.ocpi.messages import MESSAGES

_TIMES = [f"2026-03-01T{hour:02}:{minute:02}:00Z" for hour in range(9, 14) for minute in (0, 30)]
_AMOUNTS = [0, 0.001, 0.5, 1, 1.5, 2, 2.01, 4.8, 5.3, 5.31, 6.41, 10.7, 12, 12.04, 500, -0.5, -5.3]
_WORDS = [
    "EUR",
    "USD",
    "EUX",
    "NL",
    "XX",
    "NLD",
    "cdr-1",
    "x" * 37,
    "day",
    "ACTIVE",
    "COMPLETED",
    "UTC",
    "1",
    "",
]
_FLAGS = [True, False]
_POINTS = ["52.370216", "-90.00000", "91.000000", "181.00000"]
_KINDS = ["ENERGY", "TIME", "PARKING_TIME", "FLAT", "STATE_OF_CHARGE", "MAX_POWER"]


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    found = [leaf for key, member in members for leaf in _leaves(member, (*path, key))]
    return found or [path]


def _changed(random: Random, value: Any) -> None:
    path = random.choice(_leaves(value))
    if not path:
        return
    place = value
    for step in path[:-1]:
        place = place[step]
    if random.random() < 0.1 and isinstance(place, list) and place:
        place.append(json.loads(json.dumps(random.choice(place))))
        return
    old = place[path[-1]]
    if isinstance(old, bool):
        choices: list[Any] = _FLAGS
    elif isinstance(old, int | float):
        choices = [*_AMOUNTS, old * 1.001]
    elif isinstance(old, str) and old.endswith("Z"):
        choices = _TIMES
    elif path[-1] in ("latitude", "longitude"):
        choices = _POINTS
    elif path[-1] == "type" and "token" not in path[0]:
        choices = _KINDS
    else:
        choices = _WORDS
    place[path[-1]] = random.choice(choices)


def _set(value: Any, steps: list[str], member: Any) -> None:
    """Put `member` at a path, unless the message has lost the way there."""
    *way, last = steps
    for step in way:
        if not value:
            return
        value = value[int(step)] if isinstance(value, list) else value.get(step)
    if isinstance(value, dict):
        value[last] = member


_MORE: dict[str, list[tuple[str, Any]]] = {
    "CDR": [
        ("credit", True),
        ("credit_reference_id", "x"),
        ("total_energy_cost", {"excl_vat": 4.8, "incl_vat": 5.81}),
        ("total_fixed_cost", {"excl_vat": 0.5}),
        ("total_time_cost", {"excl_vat": 3.0, "incl_vat": 2.0}),
        ("tariffs", []),
        ("tariffs/0/tariff_alt_url", "file:///etc"),
        ("tariffs/0/energy_mix", mix(150)),
        ("tariffs/0/elements/1/price_components/0/type", "ENERGY"),
        ("tariffs/0/elements/0/price_components/0/vat", 200),
        ("total_parking_time", None),
    ],
    "Session": [("total_cost", None), ("end_date_time", None), ("charging_periods", [])],
    "Location": [
        ("opening_times", {"twentyfourseven": True}),
        ("opening_times", hours("20:00", "08:00")),
        ("energy_mix", mix(150)),
        ("images", [image("file:///etc")]),
        ("evses/0/images", [image("file:///etc")]),
        ("evses/0/connectors/0/terms_and_conditions", "file:///etc"),
        ("evses/0/connectors/0/max_electric_power", -1),
        ("owner", {"name": "CPO", "website": "file:///etc"}),
        ("related_locations", [{"latitude": "95.00000", "longitude": "4.895168"}]),
        ("evses", []),
    ],
}


@settings(max_examples=3000, deadline=None)
@given(seed=st.integers(0, 2**48), key=st.sampled_from(sorted(FACTS)))
def test_a_rule_that_certainly_holds_finds_no_fault(seed: int, key: tuple[str, str]) -> None:
    random = Random(seed)
    version, object_type = key
    value = json.loads(json.dumps(MESSAGES[version][object_type]))
    for name, member in _MORE[object_type] if version == "2.2.1" else ():
        if random.random() < 0.15:
            _set(value, name.split("/"), json.loads(json.dumps(member)))
    for _ in range(random.randint(0, 3)):
        _changed(random, value)
    try:
        decoded = decode(version, object_type, value)
    except ValueError:
        return  # the change broke its structure
    facts = FACTS[key](decoded)
    rules = [one for one in rules_for(*key) if not one.needs]
    wrong = [
        (one.control, one.find(decoded))
        for one in rules
        if object_type in one.holds and one.holds[object_type](decoded, facts) and one.find(decoded)
    ]
    assert wrong == []
    if fast_path(*key)(decoded):
        assert [one.control for one in rules if one.find(decoded)] == []


@pytest.mark.parametrize("key", sorted(FACTS))
def test_an_ordinary_message_takes_the_fast_path(key: tuple[str, str]) -> None:
    version, object_type = key
    assert fast_path(*key)(decode(version, object_type, MESSAGES[version][object_type]))
