"""The rules: one SQL file each, in DuckDB's dialect, over the tables that `store` makes.

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
    """A rule and its control. `judges` asks how many places it judges; `needs` is what must be named."""

    name: str
    control: str
    judges: str
    needs: str = ""


_PAIRS: Final = "SELECT count(*) FROM pairs WHERE session_no IS NOT NULL AND NOT credit"
_CHARGED: Final = "SELECT count(*) FROM pairs WHERE NOT credit"
_ENDED: Final = "SELECT count(*) FROM pairs WHERE s_status = 'COMPLETED'"
_CREDITS: Final = "SELECT count(*) FROM credits WHERE in_period"
_CDRS: Final = "SELECT count(*) FROM pairs WHERE cdr_no IS NOT NULL"
_PLACES: Final = _CHARGED + " AND c_location IS NOT NULL"
_TOKENS: Final = (
    "SELECT count(*) FROM pairs WHERE coalesce(c_token, s_token) IS NOT NULL AND NOT coalesce(credit, false)"
)
_PRICED: Final = (
    "SELECT count(*) FROM cdrs "
    "WHERE NOT credit AND in_period AND coalesce(tariff_from, tariff_until) IS NOT NULL"
)
_COUNTED: Final = "SELECT count(*) FROM cdrs WHERE number IS NOT NULL"

# The one rule that is no SQL: a CDR's cost by its tariff (`scanners.reconcile.recompute`).
RECOMPUTED: Final = "recomputed_cost"

RULES: Final = (
    Rule("session_without_cdr", "sessions-have-a-cdr", _ENDED),
    Rule(
        "session_never_ends", "sessions-have-a-cdr", "SELECT count(*) FROM pairs WHERE session_no IS NOT NULL"
    ),
    Rule("session_only_credited", "sessions-have-a-cdr", _CREDITS),
    Rule("cdr_without_session", "cdrs-have-a-session", _CHARGED),
    Rule("invalid_session_charged", "cdrs-have-a-session", _PAIRS),
    Rule("cdr_twice", "sessions-are-charged-once", _CDRS),
    Rule("session_charged_twice", "sessions-are-charged-once", _CHARGED),
    Rule("energy", "cdr-matches-its-session", _PAIRS + " AND s_status IN ('COMPLETED', 'ACTIVE')"),
    Rule("duration", "cdr-matches-its-session", _PAIRS + " AND s_status = 'COMPLETED'"),
    Rule("cost", "cdr-matches-its-session", _PAIRS + " AND s_status = 'COMPLETED' AND s_cost IS NOT NULL"),
    Rule("currency", "cdr-matches-its-session", _PAIRS),
    Rule(
        "place", "cdr-matches-its-session", _PAIRS + " AND s_location IS NOT NULL AND c_location IS NOT NULL"
    ),
    Rule("token", "cdr-matches-its-session", _PAIRS + " AND s_token IS NOT NULL AND c_token IS NOT NULL"),
    Rule("late", "cdrs-arrive-in-time", _CHARGED),
    Rule("place_unknown", "evse-and-connector-are-known", _PLACES, "locations"),
    Rule("token_unknown", "token-is-known-and-valid", _TOKENS, "tokens"),
    Rule("token_invalid", "token-is-known-and-valid", _TOKENS, "tokens"),
    Rule("token_contract", "token-is-known-and-valid", _CHARGED + " AND c_contract IS NOT NULL", "tokens"),
    Rule("tariff_not_in_force", "tariff-is-in-force", _PRICED),
    Rule(
        "tariff_not_agreed",
        "tariff-is-in-force",
        "SELECT count(DISTINCT cdr_no) FROM used_tariffs",
        "tariffs",
    ),
    Rule("credit_without_original", "credit-cdr-names-its-original", _CREDITS),
    Rule("credit_differs", "credit-cdr-mirrors-its-original", "SELECT count(*) FROM originals"),
    Rule("credited_twice", "sessions-are-charged-once", _CREDITS),
    Rule("statement", "sums-match-the-statement", "SELECT count(*) FROM statement", "statement"),
    Rule("gap", "cdrs-are-complete", _COUNTED),
    Rule("day_without_cdrs", "cdrs-are-complete", "SELECT count(DISTINCT (party, day)) FROM pairs"),
)
BY_NAME: Final[Mapping[str, Rule]] = MappingProxyType({one.name: one for one in RULES})


@cache
def sql_of(rule: str) -> str:
    """The text of a rule."""
    return (_FOLDER / f"{rule}.sql").read_text(encoding="utf-8")
