"""A case of a check with something changed: one way of naming places in all kinds of subjects.

A place is written `step / step`: a field, a key, an index, or the name of a resource. A text of JSON on the
way is read and written again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final

import msgspec

from hardening.checks import Check, Finding, Status
from hardening.ocpi import decode
from hardening.ocpi.rules.rule import Message
from scanners.policy.samples.sample_stack import aws
from scanners.policy.stack import SECRET, UNKNOWN, Resource

GONE: Final = "<gone>"
# The place of what is added to a list: a resource is written as its kind and name, and what it has.
MORE: Final = "<more>"
_MARKS: Final[Mapping[str, object]] = {"<unknown>": UNKNOWN, "<secret>": SECRET}
_SEPARATOR: Final = " / "


def case_of(check: Check[Any], name: str) -> Any:
    """A subject that a check carries: `good`, or a case by its name."""
    if name == "good":
        return check.good
    named: Mapping[str, Any] = {**check.also_good, **check.unverifiable, **check.bad}
    return named["" if name == "bad" and "" in named else name]


def edited(subject: Any, edits: Mapping[str, Any]) -> Any:
    """The subject with each place of `edits` changed. Raises where a message is none any more."""
    for place, value in edits.items():
        subject = changed(subject, tuple(place.split(_SEPARATOR)), value)
    return subject


def changed(value: Any, path: tuple[str, ...], new: Any) -> Any:
    """`value` with what is at `path` replaced, or taken away."""
    if not path and isinstance(value, bytes) and isinstance(new, str):
        return new.encode()
    if not path and isinstance(value, Enum):
        return type(value)(new)
    if not path:
        return _MARKS.get(new, new) if isinstance(new, str) else new
    step, rest = path[0], path[1:]
    if isinstance(value, Message) and step == "value":
        plain = changed(msgspec.to_builtins(value.value), rest, new)
        return replace(
            value, value=decode(value.version, value.object_type, plain, value.edition, value.partial)
        )
    if isinstance(value, msgspec.Struct):
        plain = changed(msgspec.to_builtins(value), path, new)
        return msgspec.convert(plain, type(value))
    if isinstance(value, str | bytes):
        text = json.dumps(changed(json.loads(value), path, new), separators=(",", ":"))
        return text.encode() if isinstance(value, bytes) else text
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{step: changed(getattr(value, step), rest, new)})
    if isinstance(value, list | tuple):
        return type(value)(_in_list(list(value), step, rest, new))
    members = dict(value)
    if not rest and new == GONE:
        del members[step]
        return members
    return {**members, step: changed(members.get(step, {}), rest, new)}


def _in_list(items: list[Any], step: str, rest: tuple[str, ...], new: Any) -> list[Any]:
    if step == MORE:
        return [*items, _added(items, rest, new)]
    place = _place(items, step)
    if not rest and isinstance(new, str) and new == GONE:
        return items[:place] + items[place + 1 :]
    items[place] = changed(items[place], rest, new)
    return items


def _added(items: list[Any], rest: tuple[str, ...], new: Any) -> Any:
    if not (items and isinstance(items[0], Resource)):
        return changed({}, rest, new)
    kind, _, name = rest[0].rpartition(" ")
    return aws(kind, name, **{key: changed({}, (), value) for key, value in new.items()})


def _place(items: list[Any], step: str) -> int:
    if items and isinstance(items[0], Resource):
        return next(index for index, one in enumerate(items) if named(one) == step)
    return int(step)


def named(resource: Resource) -> str:
    """How a resource is called in a place: the last part of its type, and its name."""
    return f"{resource.type.rpartition(':')[2]} {resource.name}"


def verdict(findings: list[Finding]) -> str:
    """The worst of some findings: an error, a failure, a pass, or nothing."""
    statuses = {finding.status for finding in findings}
    order = (Status.ERROR, Status.FAIL, Status.PASS, Status.NOT_APPLICABLE)
    return next(status.value for status in order if status in statuses)


def field_names(value: Any) -> tuple[str, ...]:
    """The fields of a record that is made by naming them."""
    return tuple(one.name for one in fields(value) if one.init)
