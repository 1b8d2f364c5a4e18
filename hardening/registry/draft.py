"""A partner file that is still to be written: its text, and whether the registry takes it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hardening.errors import ConfigError
from hardening.registry.reader import read_registry
from hardening.registry.rules import KEYS


def text_of(document: Mapping[str, Any]) -> str:
    """The YAML of a partner file: one key a line, each item of a list on its own; strings are quoted."""
    lines = []
    for key, value in document.items():
        if isinstance(value, list):
            lines += [f"{key}:", *(f"  - {json.dumps(item, ensure_ascii=False)}" for item in value)]
        elif isinstance(value, dict):
            lines += [f"{key}:", *(f"  {name}: {json.dumps(item)}" for name, item in value.items())]
        else:
            lines.append(f"{key}: {json.dumps(value, ensure_ascii=False)}")
    return "\n".join(lines) + "\n"


def write_partner(folder: Path, document: Mapping[str, Any], *, dry_run: bool = False) -> Path:
    """Write the file of a new partner, if the whole registry has no fault with it; returns the file.

    Raises ConfigError with a line for each fault, and where the partner is there already.
    """
    name = str(document.get("name", ""))
    faults = tuple(KEYS["name"].rule("name", name, KEYS["name"].expected))
    if faults:  # such as ../name: it would be read and written elsewhere
        raise ConfigError(faults[0], problems=faults)
    file = folder / f"{name}.yaml"
    if file.exists():
        raise ConfigError(f"{file}: is there already", "change the file, or name another partner")
    text = text_of(document)
    with tempfile.TemporaryDirectory() as made:
        trial = Path(made)
        for known in (*folder.glob("*.yaml"), *folder.glob("*.yml")):
            shutil.copy(known, trial / known.name)
        try:
            (trial / f"{name}.yaml").write_text(text, encoding="utf-8")
            read_registry(trial)
        except ConfigError as error:
            told = tuple(line.replace(f"{trial}{os.sep}", f"{folder}{os.sep}") for line in error.problems)
            raise ConfigError(told[0], error.hint, told) from None
    if not dry_run:
        folder.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as written:
            written.write(text)
    return file
