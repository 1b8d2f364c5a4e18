"""The corpus as messages: sound ones, and those that a rule must fault, by the rule's name."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from hardening.ocpi import decode
from hardening.ocpi.editions import objects
from hardening.ocpi.rules import CHECKS
from hardening.ocpi.rules.rule import Message, Related
from hardening.ocpi.rules.samples import changed
from tests.hardening.ocpi.corpus_structure import Key
from tests.hardening.ocpi.messages import MESSAGES, with_change
from tests.hardening.ocpi.test_corpus import CASES
from tests.hardening.ocpi.test_rules import RELATED

# OCPI's times may leave the Z out; the validator reads them so (2.2.1, 16.5).
_ZONELESS = re.compile(rb'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)"')


@cache
def sound() -> tuple[Message, ...]:
    """Every message that `test_corpus` holds to be without a fault."""
    plain: list[tuple[Key, str, Any, str]] = [
        ((version, "", one), "", None, "") for version in MESSAGES for one in MESSAGES[version]
    ]
    beside = (_beside(*case[:3]) for case in RELATED if not case[3])
    return (*_messages([*plain, *(case for case in CASES if not case[3])]), *beside)


@cache
def faulted() -> Mapping[str, tuple[Message, ...]]:
    """Rule -> the messages that it faults, as `test_corpus` proves."""
    names = {one.control: one.name for one in CHECKS}
    found: dict[str, list[Message]] = defaultdict(list)
    for case in CASES:
        if case[3] in names:
            found[names[case[3]]] += _messages([case])
    for kind, changes, related, control in RELATED:
        if control in names:
            found[names[control]].append(_beside(kind, changes, related))
    return {name: tuple(messages) for name, messages in found.items()}


def _beside(kind: str, changes: dict[str, Any], related: dict[str, Any]) -> Message:
    """A message with the objects that are known beside it."""
    value = decode("2.2.1", kind, changed(kind, changes))
    return Message(kind, "2.2.1", value, Related(**related))


def _messages(cases: Iterable[tuple[Key, str, Any, str]]) -> Iterator[Message]:
    for (version, edition, kind), path, value, _ in cases:
        if kind not in objects(version, edition):
            continue
        text = json.loads(_ZONELESS.sub(rb'"\1Z"', with_change(version, kind, path, value)))
        try:
            yield Message(kind, version, decode(version, kind, text, edition), edition=edition)
        except msgspec.ValidationError:
            continue  # a fault of structure, which no rule sees
