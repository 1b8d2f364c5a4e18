"""The rules: one SQL file each, in DuckDB's dialect, over the tables that `tables` makes.

A rule selects what breaks it, a row each: `party`, `named` (where it is no single record), `session_no` and
`cdr_no`, `day`, `expected`, `found`, and what is at stake: `kwh`, `amount` and its `currency`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

_FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule and its control. `judges` counts the places that it judges, in the table `of`; `needs` is what
    must be named.
    """

    name: str
    control: str
    judges: str
    needs: str = ""
    of: str = "pairs"


_PAIRED: Final = "session_no IS NOT NULL AND NOT credit"
_TOLD: Final = "count(*) FILTER (WHERE {})"
_PAIRS: Final = _TOLD.format(_PAIRED)
_CHARGED: Final = _TOLD.format("NOT credit")
_ENDED: Final = f"{_PAIRED} AND s_status = 'COMPLETED'"
_TOKENS: Final = _TOLD.format("coalesce(c_token, s_token) IS NOT NULL AND NOT coalesce(credit, false)")
_PRICED: Final = "NOT credit AND c_in_period AND coalesce(tariff_from, tariff_until) IS NOT NULL"

# The one rule that is no SQL: a CDR's cost by its tariff (`scanners.reconcile.recompute`).
RECOMPUTED: Final = "recomputed_cost"

RULES: Final = (
    Rule("session_without_cdr", "sessions-have-a-cdr", _TOLD.format("s_status = 'COMPLETED'")),
    Rule("session_never_ends", "sessions-have-a-cdr", "count(session_no)"),
    Rule("session_only_credited", "sessions-have-a-cdr", _TOLD.format("in_period"), of="credits"),
    Rule("cdr_without_session", "cdrs-have-a-session", _CHARGED),
    Rule("invalid_session_charged", "cdrs-have-a-session", _PAIRS),
    Rule("cdr_twice", "sessions-are-charged-once", "count(cdr_no)"),
    Rule("session_charged_twice", "sessions-are-charged-once", _CHARGED),
    Rule(
        "energy",
        "cdr-matches-its-session",
        _TOLD.format(f"{_PAIRED} AND s_status IN ('COMPLETED', 'ACTIVE')"),
    ),
    Rule("duration", "cdr-matches-its-session", _TOLD.format(_ENDED)),
    Rule("cost", "cdr-matches-its-session", _TOLD.format(f"{_ENDED} AND s_cost IS NOT NULL")),
    Rule("currency", "cdr-matches-its-session", _PAIRS),
    Rule(
        "place",
        "cdr-matches-its-session",
        _TOLD.format(f"{_PAIRED} AND s_location IS NOT NULL AND c_location IS NOT NULL"),
    ),
    Rule(
        "token",
        "cdr-matches-its-session",
        _TOLD.format(f"{_PAIRED} AND s_token IS NOT NULL AND c_token IS NOT NULL"),
    ),
    Rule("late", "cdrs-arrive-in-time", _CHARGED),
    Rule(
        "place_unknown",
        "evse-and-connector-are-known",
        _TOLD.format("NOT credit AND c_location IS NOT NULL"),
        "locations",
    ),
    Rule("token_unknown", "token-is-known-and-valid", _TOKENS, "tokens"),
    Rule("token_invalid", "token-is-known-and-valid", _TOKENS, "tokens"),
    Rule(
        "token_contract",
        "token-is-known-and-valid",
        _TOLD.format("NOT credit AND c_contract IS NOT NULL"),
        "tokens",
    ),
    Rule("tariff_not_in_force", "tariff-is-in-force", _TOLD.format(_PRICED)),
    Rule("tariff_not_agreed", "tariff-is-in-force", "count(DISTINCT cdr_no)", "tariffs", "used_tariffs"),
    Rule("credit_without_original", "credit-cdr-names-its-original", _TOLD.format("in_period"), of="credits"),
    Rule("credit_differs", "credit-cdr-mirrors-its-original", "count(*)", of="originals"),
    Rule("credited_twice", "sessions-are-charged-once", _TOLD.format("in_period"), of="credits"),
    Rule("statement", "sums-match-the-statement", "count(*)", "statement", "statement"),
    Rule("gap", "cdrs-are-complete", "count(number)", of="cdrs"),
    Rule("day_without_cdrs", "cdrs-are-complete", "count(*)", of="days"),
)
BY_NAME: Final[Mapping[str, Rule]] = MappingProxyType({one.name: one for one in RULES})


@cache
def sql_of(rule: str) -> str:
    """The text of a rule."""
    return (_FOLDER / f"{rule}.sql").read_text(encoding="utf-8")
