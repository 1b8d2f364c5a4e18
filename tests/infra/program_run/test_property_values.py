"""Values keep their meaning on Pulumi's wire, and secrets stay out of the state."""

import json

from hypothesis import given
from hypothesis import strategies as st

from infra.program_run.property_values import (
    SIGNATURE,
    Archive,
    Asset,
    Reference,
    Secret,
    contains_secret,
    from_wire,
    revealed,
    to_state,
    to_wire,
)

NAMES = st.text(min_size=1, max_size=8).filter(lambda name: name != SIGNATURE)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)
MARKED = st.recursive(
    PLAIN
    | st.builds(Secret, PLAIN)
    | st.builds(Asset, text=st.text(max_size=8))
    | st.builds(Archive, members=st.just({}), path=st.text(min_size=1, max_size=8))
    | st.builds(Reference, urn=NAMES, id=st.text(max_size=4)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, MARKED, max_size=4))
def test_any_properties_come_back_from_the_wire_as_they_were(properties: dict[str, object]) -> None:
    assert from_wire(to_wire(properties)) == properties


@given(st.dictionaries(NAMES, PLAIN, max_size=3), st.text(st.characters(categories=["L", "N"]), min_size=12))
def test_no_secret_is_ever_written_to_the_state(others: dict[str, object], token: str) -> None:
    written = json.dumps(to_state({**others, "a": Secret(token), "b": [{"c": Secret({"d": token})}]}))
    assert token not in written
    assert json.loads(written)["a"][SIGNATURE] == "1b47061264138c4ac30d75fd1eb44270"


def test_a_secret_is_not_shown_by_repr() -> None:
    assert "s3cret" not in repr(Secret("s3cret"))


def test_the_call_that_creates_gets_secrets_in_clear() -> None:
    assert revealed({"a": [Secret({"b": Secret("x")})]}) == {"a": [{"b": "x"}]}


def test_a_secret_is_found_however_deep_it_stands() -> None:
    assert contains_secret({"a": [{"b": Secret("x")}]})
    assert not contains_secret({"a": [{"b": "x"}]})


def test_counts_arrive_as_integers_and_fractions_as_floats() -> None:
    arrived = from_wire(to_wire({"port": 443, "rate": 5.5}))
    assert (arrived["port"], type(arrived["port"]), arrived["rate"]) == (443, int, 5.5)
