"""The JSON Schemas say what the validator says, in both drafts."""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hardening.errors import ConfigError
from hardening.ocpi import OBJECTS, json_schema, tables
from hardening.ocpi.editions import edition as edition_of
from hardening.ocpi.fields import Enum, Fragment, assemble
from hardening.ocpi.structs import Shape
from hardening.ocpi.validation import plan, structure
from tests.hardening.ocpi.generated import CLASSES, broken, message


def test_every_table_is_part_of_an_edition() -> None:
    """A fragment that no edition has would say nothing of any message."""
    modules = [import_module(f"{tables.__name__}.{one.name}") for one in iter_modules(tables.__path__)]
    written = {
        f"{module.__name__}.{name}": id(value)
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, Fragment)
    }
    used = {id(fragment) for edition in tables.EDITIONS.values() for fragment in edition}
    assert [name for name, fragment in written.items() if fragment not in used] == []


# The keywords of draft 4 that API Gateway models take.
DRAFT_4 = {
    *("$schema", "$ref", "title", "type", "properties", "required", "items", "enum", "pattern"),
    *("maxLength", "minItems", "minimum", "maximum", "definitions", "anyOf"),
}


@cache
def _validator(version: str, name: str, kind: str, draft: str, shape: str) -> Any:
    schema = json_schema(version, name, kind, draft, shape)
    of = jsonschema_rs.Draft4Validator if draft == "draft-4" else jsonschema_rs.Draft202012Validator
    return of(schema)


@pytest.mark.parametrize("draft", ["2020-12", "draft-4"])
@settings(max_examples=500, deadline=None)
@given(seed=st.integers(0, 2**48), key=st.sampled_from(CLASSES))
def test_schema_and_validator_have_one_verdict(draft: str, seed: int, key: tuple[str, str, str]) -> None:
    random = Random(seed)
    version, name, kind = key
    value = message(random, version, name, kind)
    if random.random() < 0.6:
        broken(random, value, edition_of(version, name), kind)
    found = structure(json.dumps(value).encode(), plan(version, name, kind, "object"))
    assert _validator(version, name, kind, draft, "object").is_valid(value) == (not found)


@pytest.mark.parametrize("shape", list(Shape))
def test_the_schema_of_every_shape_agrees(shape: Shape) -> None:
    for seed in range(150):
        random = Random(seed)
        one = message(random, "2.2.1", "d2", "Token")
        if seed % 2:
            broken(random, one, edition_of("2.2.1", "d2"), "Token")
        value: Any = [one] if shape in (Shape.LIST, Shape.RESPONSE_LIST) else one
        if shape in (Shape.RESPONSE, Shape.RESPONSE_LIST):
            code = random.choice([1000, 1000, 2004])
            value = {"status_code": code, "timestamp": "2026-01-01T00:00:00Z", "data": value}
        found = structure(json.dumps(value).encode(), plan("2.2.1", "d2", "Token", shape))
        assert _validator("2.2.1", "d2", "Token", "2020-12", shape).is_valid(value) == (not found), value


def _keywords(schema: Any, inside: str = "") -> set[str]:
    found: set[str] = set()
    if isinstance(schema, dict):
        for name, member in schema.items():
            if inside not in ("properties", "definitions", "$defs"):
                found.add(name)
            found |= _keywords(member, name if inside not in ("properties", "definitions", "$defs") else "")
    elif isinstance(schema, list):
        for member in schema:
            found |= _keywords(member)
    return found


@pytest.mark.parametrize("version", OBJECTS)
def test_draft_4_keeps_to_what_api_gateway_takes(version: str) -> None:
    for kind in OBJECTS[version]:
        name = "bookings" if kind.startswith("Booking") else ""
        schema = json_schema(version, name, kind, "draft-4")
        assert _keywords(schema) <= DRAFT_4
        references = [part for part in json.dumps(schema).split('"') if part.startswith("#/")]
        assert all(part.startswith("#/definitions/") for part in references)


@pytest.mark.parametrize("draft", ["2020-12", "draft-4"])
def test_integers_have_the_bounds_of_their_kind_or_of_their_digits(draft: str) -> None:
    defined = json_schema("2.2.1", "", "Location", draft)["$defs" if draft == "2020-12" else "definitions"]
    weekday = defined["RegularHours"]["properties"]["weekday"]
    assert (weekday["minimum"], weekday["maximum"]) == (1, 7)
    width = defined["Image"]["properties"]["width"]
    assert (width["minimum"], width["maximum"]) == (-99_999, 99_999)


@pytest.mark.parametrize(
    ("width", "sound"), [(-100_000, False), (-99_999, True), (99_999, True), (100_000, False)]
)
def test_an_integer_of_five_digits_has_no_sixth(width: int, sound: bool) -> None:
    image = {"url": "https://a.example/a.png", "category": "OPERATOR", "type": "png", "width": width}
    assert (structure(json.dumps(image).encode(), plan("2.2.1", "", "Image", "object")) == []) == sound


def test_a_later_part_of_an_edition_adds_words_to_an_enum_and_takes_some_away() -> None:
    first = Fragment(enums={"Role": "CPO EMSP HUB"})
    changed = assemble("2.3.0", "next", [first, Fragment(enums={"Role": "open -HUB +PTP"})])
    assert changed.enums["Role"] == Enum(("CPO", "EMSP", "PTP"), open=True)
    replaced = assemble("2.3.0", "next", [first, Fragment(enums={"Role": "CPO PTP"})])
    assert replaced.enums["Role"].values == ("CPO", "PTP")


def test_what_does_not_exist_is_a_clear_error() -> None:
    with pytest.raises(ConfigError, match="no draft"):
        json_schema("2.2.1", "", "CDR", "draft-3")
    with pytest.raises(ConfigError, match="no edition"):
        json_schema("2.2.1", "d9", "CDR")
    with pytest.raises(ConfigError, match="not a version"):
        json_schema("9.9", "", "CDR")
    with pytest.raises(ConfigError, match="no object"):
        json_schema("2.2.1", "", "Terminal")
