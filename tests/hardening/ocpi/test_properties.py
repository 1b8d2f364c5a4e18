"""For any message: what the tables make is accepted, one change is refused by its rule, both ways agree."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hardening.ocpi import validate
from hardening.ocpi.diagnosis import problems_of
from hardening.ocpi.editions import edition as edition_of
from hardening.ocpi.structs import Shape
from hardening.ocpi.validation import accepted, plan, structure
from tests.hardening.ocpi.generated import CLASSES, EVERYTHING, broken, message, written

SEEDS = st.integers(0, 2**48)


@settings(max_examples=400, deadline=None)
@given(seed=SEEDS, key=st.sampled_from(EVERYTHING))
def test_what_is_made_from_the_tables_is_accepted(seed: int, key: tuple[str, str, str]) -> None:
    random = Random(seed)
    version, name, kind = key
    body = written(random, message(random, version, name, kind))
    assert structure(body, plan(version, name, kind, "object")) == []


@settings(max_examples=300, deadline=None)
@given(seed=SEEDS, key=st.sampled_from(CLASSES), shape=st.sampled_from(list(Shape)))
def test_every_shape_is_accepted(seed: int, key: tuple[str, str, str], shape: Shape) -> None:
    random = Random(seed)
    version, name, kind = key
    one = message(random, version, name, kind)
    value = one
    if shape in (Shape.LIST, Shape.RESPONSE_LIST):
        value = [one, message(random, version, name, kind)]
    if shape in (Shape.RESPONSE, Shape.RESPONSE_LIST):
        value = {"status_code": 1000, "timestamp": "2026-01-01T00:00:00Z", "data": value}
    if shape is Shape.PATCH:
        keep = {"last_updated", *random.sample(sorted(one), len(one) // 2)}
        value = {field: member for field, member in one.items() if field in keep}
    body = written(random, value)
    assert structure(body, plan(version, name, kind, shape)) == []
    assert isinstance(validate(body, version=version, edition=name, object_type=kind, shape=shape), list)


@settings(max_examples=600, deadline=None)
@given(seed=SEEDS, key=st.sampled_from(CLASSES))
def test_one_change_is_refused_with_the_rule_that_it_breaks(seed: int, key: tuple[str, str, str]) -> None:
    random = Random(seed)
    version, name, kind = key
    value = message(random, version, name, kind)
    change = broken(random, value, edition_of(version, name), kind)
    if change is None:
        return
    found = structure(written(random, value), plan(version, name, kind, "object"))
    pointer, rule = change
    assert [(one.pointer, str(one.rule)) for one in found] == [(pointer, rule)]


@settings(max_examples=300, deadline=None)
@given(seed=SEEDS, key=st.sampled_from(CLASSES))
def test_a_name_that_appears_twice_is_refused(seed: int, key: tuple[str, str, str]) -> None:
    random = Random(seed)
    version, name, kind = key
    value = message(random, version, name, kind)
    if not value:
        return
    member = random.choice(list(value))
    again = f"{json.dumps(member)}:{json.dumps(random.choice([value[member], None, 1]))}"
    body = written(random, value)
    doubled = body[:-1] + b"," + again.encode() + b"}"
    found = structure(doubled, plan(version, name, kind, "object"))
    assert [(one.pointer, str(one.rule)) for one in found] == [(f"/{member}", "duplicate-key")]


@settings(max_examples=600, deadline=None)
@given(seed=SEEDS, key=st.sampled_from(CLASSES))
def test_the_fast_path_accepts_nothing_that_the_diagnosis_refuses(
    seed: int, key: tuple[str, str, str]
) -> None:
    random = Random(seed)
    version, name, kind = key
    value = message(random, version, name, kind)
    for _ in range(random.randint(0, 2)):
        broken(random, value, edition_of(version, name), kind)
    body = bytearray(written(random, value))
    for _ in range(random.randint(0, 2)):
        body[random.randrange(len(body))] = random.choice(b'{}[]",:0+-.eZTt \\\x7f\xc3u')
    of = plan(version, name, kind, "object")
    if accepted(bytes(body), of) is not None:
        assert problems_of(bytes(body), of.tables, kind, Shape.OBJECT) == []
    assert isinstance(validate(bytes(body), version=version, edition=name, object_type=kind), list)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=30))
@example("a\\u003ab")
@example('"')
def test_any_text_of_an_issuer_has_one_verdict(text: str) -> None:
    from tests.hardening.ocpi.messages import with_change

    body = with_change("2.2.1", "Token", "issuer", text)
    of = plan("2.2.1", "", "Token", "object")
    raw = json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert structure(body, of) == problems_of(body, of.tables, "Token", Shape.OBJECT)
    assert bool(structure(raw, of)) == bool(problems_of(raw, of.tables, "Token", Shape.OBJECT))


@pytest.mark.parametrize(
    "trick",
    [
        b'{"name":"\\u003a","name":"x"}',
        b'{"na\\u006de":"a","name":"b"}',
        b'{"name":"a","website":null,"website":null}',
        b'{"name":"a","x":{"y":1,"y":2}}',
        b'{"name":"a","x":[{"y":":","y":"::"}]}',
        b'{"name":"a:b","name":"a"}',
    ],
)
def test_no_trick_hides_a_second_name(trick: bytes) -> None:
    found = structure(trick, plan("2.2.1", "", "BusinessDetails", "object"))
    assert [str(one.rule) for one in found] == ["duplicate-key"]


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("address", "Stra\u00dfe 1", ""),
        ("address", "a\u00b0b", ""),
        ("address", "a\u0085b", "characters"),
        ("address", "a\u2028b", "characters"),
        ("address", "a\u2019b", ""),
        ("id", "Stra\u00dfe", "characters"),
        ("evses/0/connectors/0/tariff_ids", ["stra\u00dfe"], "characters"),
        ("evses/0/directions", [{"language": "de", "text": "T\u00fcr"}], ""),
        ("x_unknown", ["stra\u00dfe"], ""),
        ("stra\u00dfe", 1, ""),
        ("name", "\U0001f50c", ""),
    ],
)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,\n", " :\t")])
def test_text_beyond_ascii_stands_where_the_tables_let_it(
    path: str, value: object, rule: str, separators: tuple[str, str]
) -> None:
    from tests.hardening.ocpi.messages import with_change

    message = json.loads(with_change("2.2.1", "Location", path, value))
    body = json.dumps(message, ensure_ascii=False, separators=separators).encode()
    found = structure(body, plan("2.2.1", "", "Location", "object"))
    assert [str(one.rule) for one in found] == ([rule] if rule else [])


@settings(max_examples=300, deadline=None)
@given(body=st.binary(max_size=60))
def test_any_bytes_are_searched_for_non_ascii_text(body: bytes) -> None:
    from hardening.ocpi.non_ascii import stands_in_text

    assert isinstance(stands_in_text(body + b'"\xc3', frozenset({b"a"})), bool)
    assert isinstance(stands_in_text(b'\xff"a":"' + body, frozenset({b"a"})), bool)
