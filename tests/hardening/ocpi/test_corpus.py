"""Own cases: every change to a message that keeps all rules has the verdict that it should have."""

from __future__ import annotations

from typing import Any

import pytest

from hardening.ocpi import OBJECTS, validate
from hardening.ocpi.editions import names, objects
from hardening.ocpi.rules import RULES
from hardening.ocpi.tables import EDITIONS
from tests.hardening.ocpi.corpus_business import BUSINESS
from tests.hardening.ocpi.corpus_places import PLACES
from tests.hardening.ocpi.corpus_structure import STRUCTURE, Key
from tests.hardening.ocpi.corpus_versions import EVERY, VERSIONS
from tests.hardening.ocpi.messages import MESSAGES, with_change

CASES = [
    (key, path, value, rule)
    for corpus in (STRUCTURE, PLACES, VERSIONS, BUSINESS)
    for key, cases in corpus.items()
    for path, value, rule in cases
] + [
    ((version, name, one), *case)
    for version, name in EDITIONS
    for one in objects(version, name)
    if one in EVERY
    for case in (("", None, ""), EVERY[one])
]


def test_the_corpus_has_at_least_three_hundred_cases() -> None:
    assert len(CASES) >= 300, len(CASES)


@pytest.mark.parametrize(("key", "path", "value", "rule"), CASES)
def test_a_case_has_its_verdict(key: Key, path: str, value: Any, rule: str) -> None:
    version, edition, object_type = key
    body = with_change(version, object_type, path, value)
    found = validate(body, version=version, edition=edition, object_type=object_type)
    if not rule:
        assert found == []
        return
    assert rule in {one.rule for one in found}, [str(one) for one in found]
    if rule not in {one.control for one in RULES}:
        assert {one.rule for one in found} == {rule}
        assert found[0].pointer.startswith("/" + path), found[0]


@pytest.mark.parametrize("version", MESSAGES)
def test_every_sound_message_is_accepted_in_each_of_its_editions(version: str) -> None:
    for name in names(version):
        for object_type in MESSAGES[version]:
            if object_type in objects(version, name):
                body = with_change(version, object_type, "", None)
                assert validate(body, version=version, edition=name, object_type=object_type) == []


def test_every_object_of_every_version_is_accepted_and_refused_somewhere() -> None:
    accepted = {(key[0], key[2]) for key, _, _, rule in CASES if not rule}
    refused = {(key[0], key[2]) for key, _, _, rule in CASES if rule}
    every = {(version, one) for version in OBJECTS for one in OBJECTS[version]}
    enums = {key for key in every if key[1] == "ChargingPreferencesResponse"}
    assert every - enums <= accepted & refused
    for version, one in enums:
        assert validate(b'"ACCEPTED"', version=version, object_type=one) == []
        assert validate(b'"PERHAPS"', version=version, object_type=one) != []
