"""The difference between two sets of inputs, property by property, as the engine shows it. Pure.

Properties are given as the engine sends them: plain JSON, with its markers for secrets, assets and archives.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from infra.program_run.property_values import ARCHIVE, ASSET, SECRET, SIGNATURE

# Any other is quoted in a path (Pulumi, "property paths").
_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$]*")
Kind = Literal["ADD", "DELETE", "UPDATE"]


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Kind]:
    """What changed, by its path (`tags.owner`, `ingress[0].cidrBlocks`). Secrets are compared in clear."""
    return dict(_of_mappings(old, new, ""))


def _of_mappings(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[tuple[str, Kind]]:
    for key in sorted({*old, *new}):
        # The engine's and the bridge's own notes, such as `__defaults`.
        if not key.startswith("__"):
            yield from _of_values(old.get(key), new.get(key), _joined(path, key))


def _joined(path: str, key: str) -> str:
    if not _PLAIN_KEY.fullmatch(key):
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key


def _of_values(old: Any, new: Any, path: str) -> Iterator[tuple[str, Kind]]:
    old, new = _content(old), _content(new)
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_mappings(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        for number in range(max(len(old), len(new))):
            yield from _of_values(_item(old, number), _item(new, number), f"{path}[{number}]")
    else:
        yield path, "ADD" if old is None else "DELETE" if new is None else "UPDATE"


def _item(items: list[Any], number: int) -> Any:
    return items[number] if number < len(items) else None


def _content(value: Any) -> Any:
    """The value of a secret; the digest of an asset or archive, whose path is of one machine only."""
    marker = value.get(SIGNATURE) if isinstance(value, dict) else None
    if marker == SECRET:
        return _content(value.get("value"))
    if marker in (ASSET, ARCHIVE) and value.get("hash"):
        return value["hash"]
    return value
