"""The body of a call as JSON. Refuses what two readers could read in two ways."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NoReturn


@lru_cache(maxsize=8)
def parsed(body: bytes) -> Any:
    """The one JSON text of `body`. Raises ValueError (the reason, never a value of the body).

    Refused beside broken JSON: names that stand twice (RFC 7493, 2.3), NaN and Infinity, a byte order mark.
    """
    if body.startswith(b"\xef\xbb\xbf"):
        raise ValueError("a byte order mark")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON at line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def as_object(body: bytes) -> Mapping[str, Any]:
    """The JSON object of `body`; an empty one where it is anything else, which its own check refuses."""
    try:
        value = parsed(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return made


def _constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
