"""Scans as a file: evidence, and what a later run is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from hardening.errors import ConfigError
from scanners.report.document import SCHEMA
from scanners.tls.observations import TlsScan

FORMAT: Final = "rampart-tls/1"


class Results(msgspec.Struct, frozen=True):
    """The scans of one run."""

    format: str
    scans: tuple[TlsScan, ...]


def as_json(scans: Sequence[TlsScan]) -> str:
    """The scans as JSON text, one field order for all runs."""
    data = msgspec.json.encode(Results(FORMAT, tuple(scans)))
    return msgspec.json.format(data, indent=1).decode() + "\n"


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `as_json`. Later versions may have more keys."""
    schema = msgspec.json.schema(Results)
    schema["$defs"]["Results"]["properties"]["format"] = {"const": FORMAT}
    return {"$schema": SCHEMA, "title": FORMAT, **schema}


def read_results(file: Path) -> tuple[TlsScan, ...]:
    """The scans in `file`, or in the evidence of a run (its folder). Raises ConfigError."""
    hint = "write one with `rampart audit tls --save FILE`, or name the folder of a run's evidence"
    if file.is_dir():
        file = file / "subjects" / "tls" / "tls.json"
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}", hint) from None
    return scans_in(content, str(file), hint)


def scans_in(content: bytes, name: str, hint: str = "") -> tuple[TlsScan, ...]:
    """The scans in what `as_json` wrote. Raises ConfigError, which says `name`."""
    try:
        results = msgspec.json.decode(content, type=Results)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}: not the results of a TLS audit: {error}", hint) from None
    if results.format != FORMAT:
        raise ConfigError(f"{name}: format: expected {FORMAT}", hint)
    return results.scans
