"""Rows of a CSV file with a header line, as spreadsheets write it too: with a BOM, semicolons or tabs."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from hardening.errors import ConfigError

_HINT = "in Excel, save as `CSV UTF-8 (comma delimited)`; semicolons are fine too"


def csv_rows(file: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Each row that is neither empty nor a comment (`#`), with its line. Raises ConfigError.

    Names of columns are in lower case. Cells without a column are under the name `surplus cells`.
    """
    try:
        with file.open(encoding="utf-8-sig") as opened:
            lines = opened.readlines()
    except OSError as error:
        raise ConfigError(f"{file}: endpoint list: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file}: endpoint list: expected UTF-8 text", _HINT) from None
    before = 1 if lines and lines[0].lower().startswith("sep=") else 0  # Excel's own first line
    head = lines[before] if lines[before:] else ""
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(lines[before:], skipinitialspace=True, delimiter=delimiter)
    names: list[str] = []
    try:
        for cells in reader:
            if not names:
                names = [name.strip().lower() for name in cells]
            elif any(cells) and not cells[0].startswith("#"):
                yield before + reader.line_num, _row(names, cells)
    except csv.Error as fault:
        raise ConfigError(f"{file}:{before + reader.line_num}: endpoint list: {fault}", _HINT) from None


def _row(names: list[str], cells: list[str]) -> Mapping[str, Any]:
    pairs = list(zip_longest(names, cells, fillvalue=""))
    surplus = [cell for name, cell in pairs if cell.strip() and not name]
    return {name: cell for name, cell in pairs if name} | ({"surplus cells": surplus} if surplus else {})
