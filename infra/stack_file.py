"""Writes single settings into a stack's file, `Pulumi.<stack>.yaml`, and leaves every other line as it is."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hardening.errors import ConfigError
from hardening.yaml_file import parse_yaml
from infra.settings import NAMESPACE

_ENTRY = re.compile(r"^(?P<indent> +)\S")


def write_settings(file: Path, values: Mapping[str, str]) -> None:
    """Set `values` (key as in the file, without `rampart:`) in one step; comments and order stay.

    Raises ConfigError, with the file unchanged, where a line cannot be replaced without touching others.
    """
    text = file.read_text(encoding="utf-8")
    changed = text
    for key, value in values.items():
        changed = _with(changed, f"{NAMESPACE}:{key}", value)
    wanted = _config(text, file) | {f"{NAMESPACE}:{key}": value for key, value in values.items()}
    if _config(changed, file) != wanted:
        keys = ", ".join(f"{NAMESPACE}:{key}" for key in values)
        raise ConfigError(f"{file.name}: {keys} cannot be written beside what is there", "write them by hand")
    _replace(file, changed)


def _with(text: str, key: str, value: str) -> str:
    lines = text.splitlines()
    entries = [number for number, line in enumerate(lines) if _ENTRY.match(line)]
    own = [number for number in entries if lines[number].lstrip(" ").startswith(f"{key}:")]
    if own:
        head, _, rest = lines[own[0]].partition(f"{key}:")
        comment = re.search(r"\s+#.*$", rest)
        lines[own[0]] = f"{head}{key}: {value}{comment.group() if comment else ''}"
    else:
        start = next((number for number, line in enumerate(lines) if line.startswith("config:")), -1)
        indent = next((m["indent"] for line in lines[start + 1 :] if (m := _ENTRY.match(line))), "  ")
        lines.insert(start + 1, f"{indent}{key}: {value}")
    return "\n".join(lines) + "\n"


def _config(text: str, file: Path) -> dict[str, Any]:
    data = parse_yaml(text, file.name).data
    config = data.get("config") if isinstance(data, dict) else None
    if not isinstance(config, dict):
        raise ConfigError(f"{file.name}: config: expected a mapping of settings", "see Pulumi.test.yaml")
    return dict(config)


def _replace(file: Path, text: str) -> None:
    """A reader sees the old file or the new one, with the same mode."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as output:
            output.write(text)
        staged = Path(name)
        staged.chmod(file.stat().st_mode & 0o777)
        staged.replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
