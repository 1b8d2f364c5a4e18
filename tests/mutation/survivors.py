"""The list of weakenings and code mutations that nothing catches, each with the reason why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).parent
NO_REASON: Final = "no reason given yet"
# What begins with this changes nothing that anybody could use, and is not counted.
EQUAL: Final = "equal in effect"

Reasons = Mapping[str, list[str]]  # reason -> the names of what survives for it


def read(file: str) -> dict[str, Any]:
    """The lists of one file, empty where there is none yet."""
    path = FOLDER / file
    return (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.exists() else {}


def reasons_by_name(reasons: Reasons) -> dict[str, str]:
    """Each survivor with its reason."""
    return {name: reason for reason, names in reasons.items() for name in names}


def sorted_by_reason(survivors: Iterable[str], known: Mapping[str, str]) -> dict[str, list[str]]:
    """What survives now, under the reasons of before; what is new has none."""
    found: dict[str, list[str]] = {}
    for name in sorted(survivors):
        found.setdefault(known.get(name, NO_REASON), []).append(name)
    return dict(sorted(found.items()))


def write(file: str, head: str, lists: Mapping[str, Any]) -> None:
    """Write the lists, with `head` as the comment above them."""
    text = yaml.safe_dump(dict(lists), width=1000, sort_keys=False, allow_unicode=True)
    (FOLDER / file).write_text(f"# {head}\n{text}", encoding="utf-8")
