"""JSON that every reader reads alike: no object has a name twice (RFC 8259, 4: readers differ there)."""

from __future__ import annotations

import json
from typing import Any


class RepeatedName(ValueError):
    """An object has a name twice: one reader takes the first value, another the last."""


def read_json(text: str) -> Any:
    """What the text holds. Raises ValueError if it is not JSON, and RepeatedName if it is ambiguous."""
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except RecursionError:
        raise ValueError("too deep") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RepeatedName("a name is written twice")
    return found
