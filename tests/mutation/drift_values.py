"""Other values that AWS's models allow for a member of a call: one leaf changed at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from botocore.model import Shape

from tests.beds.aws_account import ACCOUNT, REGION

# Deeper than this no setting of our services lies, and the models have shapes that hold themselves.
_DEEPEST: Final = 5
POLICY: Final = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
)
_ROLE_POLICY: Final = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
_LIFECYCLE: Final = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 9,
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1},
                "action": {"type": "expire"},
            }
        ]
    }
)
# What the end of a member's name says of its value, in this order.
_BY_NAME: Final[tuple[tuple[str, Any], ...]] = (
    ("assumerolepolicydocument", POLICY),
    ("lifecyclepolicytext", _LIFECYCLE),
    ("policytext", POLICY),
    ("policydocument", _ROLE_POLICY),
    ("policy", POLICY),
    ("rolearn", f"arn:aws:iam::{ACCOUNT}:role/changed"),
    ("topicarn", f"arn:aws:sns:{REGION}:{ACCOUNT}:changed"),
    ("arn", f"arn:aws:sqs:{REGION}:{ACCOUNT}:changed"),
    ("kmskeyid", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"),
    ("kmsmasterkeyid", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"),
    ("cidr", "198.51.100.0/24"),
    ("cidrip", "198.51.100.0/24"),
    ("cidrblock", "198.51.100.0/24"),
    ("ipaddress", "198.51.100.7"),
    ("scheduleexpression", "rate(7 days)"),
    ("eventpattern", '{"source": ["changed"]}'),
    ("url", "https://changed.example"),
    ("uri", "https://changed.example"),
    ("accountid", "210987654321"),
    ("principal", "210987654321"),
    ("email", "changed@changed.example"),
    ("availabilityzone", f"{REGION}b"),
    ("key", "changed"),
)
_NUMBERS: Final = (30, 60, 7, 90, 3, 1, 3600, 256, 0, 400)


def others(shape: Shape, name: str, now: Any = None, depth: int = 0) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Values of a member other than `now`, each with the path to the leaf that differs."""
    match shape.type_name:
        case "structure":
            yield from _structures(shape, now, depth)
        case "list":
            first = now[0] if isinstance(now, list) and now else None
            for path, value in others(shape.member, name, first, depth + 1) if depth < _DEEPEST else ():
                yield path, [value, *now[1:]] if first is not None else [value]
            yield (), []
        case "map":
            known = now if isinstance(now, Mapping) else {}
            for key in (*known, _key(shape.key)) if depth < _DEEPEST else ():
                for path, value in others(shape.value, key if known else name, known.get(key), depth + 1):
                    yield (key, *path), {**known, key: value}
        case _:
            yield from (((), value) for value in _scalars(shape, name, now))


def any_value(shape: Shape, name: str, depth: int = 0) -> Any:
    """A value of a member that AWS's model allows."""
    match shape.type_name:
        case "structure":
            if depth > _DEEPEST:
                return {}
            return {each: any_value(shape.members[each], each, depth + 1) for each in shape.required_members}
        case "list":
            return [any_value(shape.member, name, depth + 1)] if depth <= _DEEPEST else []
        case "map":
            return {_key(shape.key): any_value(shape.value, name, depth + 1)}
        case _:
            return next(iter(_scalars(shape, name, None)))


def _key(shape: Shape) -> str:
    return str(shape.enum[0]) if shape.enum else "changed"


def _structures(shape: Shape, now: Any, depth: int) -> Iterator[tuple[tuple[str, ...], Any]]:
    if depth > _DEEPEST:
        return
    known = now if isinstance(now, Mapping) else {}
    needed = {
        each: known[each] if each in known else any_value(shape.members[each], each, depth + 1)
        for each in {*shape.required_members, *known}
        if each in shape.members
    }
    union = bool(getattr(shape, "is_tagged_union", False))
    for each, member in shape.members.items():
        for path, value in others(member, each, known.get(each), depth + 1):
            yield (each, *path), {each: value} if union else {**needed, each: value}


def _scalars(shape: Shape, name: str, now: Any) -> Iterator[Any]:
    match shape.type_name:
        case "boolean":
            yield from (value for value in (True, False) if value is not now)
        case "integer" | "long" | "float" | "double":
            yield next(n for n in _numbers(shape, now) if n != now)
        case "timestamp":
            yield "2031-01-01T00:00:00Z"
        case "blob":
            yield b"changed"
        case "string" if isinstance(now, str) and (now.isdigit() or now.lower() in ("true", "false")):
            yield from other_texts(name, now)
        case "string":
            enum = [each for each in getattr(shape, "enum", ()) if each != now]
            yield from enum[:1] or [_text(shape, name, now)]


def _numbers(shape: Shape, now: Any) -> Iterator[int]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 10**9)
    guesses = [*([now + 1, now - 1] if isinstance(now, int) else []), *_NUMBERS, int(least), int(least) + 1]
    yield from (each for each in guesses if least <= each <= most)
    yield int(least) + 2


def other_texts(name: str, now: Any) -> Iterator[str]:
    """Other values of a setting that is always written as text."""
    text = str(now)
    if text.lower() in ("true", "false"):
        yield "false" if text.lower() == "true" else "true"
    elif text.isdigit():
        yield str(int(text) + 30)
    else:
        yield next((value for end, value in _BY_NAME if name.lower().endswith(end)), "changed")


def _text(shape: Shape, name: str, now: Any) -> str:
    lower = name.lower()
    text = next((value for end, value in _BY_NAME if lower.endswith(end)), "changed")
    text = f"{text}2" if text == now else text
    least = shape.metadata.get("min", 0)
    return str(text).ljust(least, "x") if isinstance(least, int) else str(text)
