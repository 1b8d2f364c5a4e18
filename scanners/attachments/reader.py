"""The folder of attachments: `attachments.yaml` lists its files.

- file: access-review-2026-q4.pdf   # in this folder
  control: access-reviewed          # one that a person has to look after
  owner: security lead              # who answers for it
  done: 2026-11-20
  until: 2027-02-18                 # the last day on which it counts
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from hardening.errors import ConfigError
from hardening.yaml_file import read_yaml
from scanners.attachments.checks import LONGEST
from scanners.attachments.records import Attachment

ATTACHMENTS: Final = Path("attachments")
LIST: Final = "attachments.yaml"
_KEYS: Final = ("file", "control", "owner", "done", "until")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MOST_BYTES: Final = 50 * 1024 * 1024
_HINT: Final = "docs/evidence.md shows an entry"


def read_attachments(folder: Path) -> tuple[Attachment, ...]:
    """What `folder` lists. Raises ConfigError with a line for each fault."""
    document = read_yaml(folder / LIST)
    entries = [] if document.data is None else document.data
    if not isinstance(entries, list):
        raise ConfigError(f"{folder / LIST}: expected a list of attachments", _HINT)
    problems = [
        f"{document.at(f'[{number}]')}: attachment {number + 1}: {fault}"
        for number, entry in enumerate(entries)
        for fault in _faults(entry)
    ]
    if not problems:
        names = [entry["file"] for entry in entries]
        twice = sorted({name for name in names if names.count(name) > 1})
        problems = [f"{folder / LIST}: {name}: is listed twice" for name in twice]
    if problems:
        raise ConfigError(f"{folder / LIST}: {len(problems)} fault(s)", _HINT, tuple(problems))
    return tuple(Attachment(**entry) for entry in entries)


def contents(folder: Path, entries: tuple[Attachment, ...]) -> Mapping[str, bytes]:
    """File name -> content of every listed file. Raises ConfigError for one that is not to be sealed."""
    return {one.file: _content(folder / one.file) for one in entries}


def _content(file: Path) -> bytes:
    if file.is_symlink() or not file.is_file():
        raise ConfigError(f"{file}: expected a file, as {LIST} lists it", "a link is none")
    try:
        with file.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None
    if len(content) > _MOST_BYTES:
        raise ConfigError(f"{file}: expected {_MOST_BYTES // 1024**2} MiB at most")
    if re.search(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----", content):
        raise ConfigError(f"{file}: holds a private key, and evidence goes to others", "take it out")
    return content


def _faults(entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield "expected a mapping"
        return
    missing = [key for key in _KEYS if not entry.get(key)]
    unknown = sorted(set(map(str, entry)) - set(_KEYS))
    if missing or unknown:
        yield f"{', '.join(missing)} missing" if missing else f"unknown key {', '.join(unknown)}"
        return
    for key in ("file", "control", "owner"):
        if not isinstance(entry[key], str):
            yield f"{key}: expected text"
            return
    for key in ("done", "until"):
        if not isinstance(entry[key], date) or isinstance(entry[key], datetime):
            yield f"{key}: expected a date as YYYY-MM-DD"
            return
    if not _NAME.fullmatch(entry["file"]) or entry["file"] == LIST:
        yield "file: expected the name of a file in this folder: letters, digits, dot, hyphen, underscore"
    if entry["control"] not in LONGEST:
        yield f"control: expected one of {', '.join(LONGEST)}"
    if entry["until"] < entry["done"]:
        yield "until: expected a day after `done`"
