"""What is asked of the books."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from scanners.reconcile.tolerances import Tolerances

KINDS: Final = ("sessions", "cdrs", "tokens", "tariffs", "locations", "statement")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the books: files by kind, the period `[begin, end)`, tolerances, and limits.

    `party` is whose the objects of 2.1.1 are. `memory` is DuckDB's own bound, `limit` how many places of a
    rule are named; all are counted. `recompute_all`: every CDR by its tariff, not the suspicious ones
    alone. `small`: everything fits in memory, on one core.
    """

    files: dict[str, list[Path]]
    begin: date | None = None
    end: date | None = None
    tolerances: Tolerances = field(default_factory=Tolerances)
    party: str = ""
    memory: str = "1200MB"
    limit: int = 1000
    recompute_all: bool = False
    small: bool = False
