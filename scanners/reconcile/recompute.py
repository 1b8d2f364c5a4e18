"""The cost of CDRs by their tariffs, with the rules of messages: of those that are suspicious, or of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from hardening.ocpi.i_json import names_stand_once
from hardening.ocpi.rules import rules_for
from hardening.ocpi.rules.rule import Fault, Related, decode, found_by
from scanners.reconcile.rules import RECOMPUTED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TARIFF_RULES: Final = (
    "totals-match-the-tariff",
    "totals-match-the-known-tariff",
    "totals-match-the-tariff-at-the-location",
    "parts-of-the-cost-match-the-tariff",
)
_AT_ONCE: Final = 5_000
# Where something is odd already, or no session tells the cost.
_SUSPICIOUS: Final = """
SELECT cdr_no FROM pairs WHERE NOT credit AND (s_cost IS NULL OR s_status <> 'COMPLETED')
UNION SELECT cdr_no FROM found WHERE cdr_no IS NOT NULL
"""
# A CDR's own text, that of its known tariff (the one that began last before the start), and its location's.
_TEXTS: Final = """
SELECT r.no, r.body, t.body, l.body FROM cdr_records AS r
ASOF LEFT JOIN (
    SELECT record_key(party, id) AS k, body, coalesce(tariff_from, TIMESTAMP '0001-01-01') AS since
    FROM tariff_records WHERE ok AND body IS NOT NULL
) AS t ON t.k = record_key(r.party, r.tariff_ids) AND r.start_date_time >= t.since
LEFT JOIN (
    SELECT record_key(party, location_id) AS k, any_value(body) AS body
    FROM location_records WHERE ok AND body IS NOT NULL GROUP BY k
) AS l ON l.k = record_key(r.party, r.location_id)
WHERE r.ok AND r.body IS NOT NULL """
_EVERY: Final = "SELECT cdr_no FROM pairs WHERE NOT credit"


class _Telling(msgspec.Struct):
    """The members that tell a version; the others may hold what nobody can read."""

    total_cost: msgspec.Raw = msgspec.Raw(b"null")
    stop_date_time: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Cost(msgspec.Struct):
    before_taxes: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


def version_of(text: bytes) -> str:
    """The version of a CDR, by the names that only it has. Raises msgspec.DecodeError for no object."""
    told = msgspec.json.decode(text, type=_Telling)
    if told.stop_date_time is not msgspec.UNSET:
        return "2.1.1"
    cost = bytes(told.total_cost).strip()
    if not cost.startswith(b"{"):
        return "2.2.1"
    taxed = msgspec.json.decode(cost, type=_Cost).before_taxes is not msgspec.UNSET
    return "2.3.0" if taxed else "2.2.1"


def tariff_faults(text: bytes, known: Mapping[str, bytes]) -> tuple[bool, list[tuple[str, Fault]]]:
    """Whether the cost of a CDR could be judged, and what is wrong with it, by rule.

    `known` has the texts of its `tariff` and `location`, where they are known. A CDR that is
    not as its version wants it cannot be judged: `rampart validate` says why.
    """
    try:
        if not all(map(names_stand_once, (text, *known.values()))):
            return False, []
        version = version_of(text)
        value = decode(version, "CDR", msgspec.json.decode(text))
        related = Related(**{name: _related(version, name, known[name]) for name in known})
    except (msgspec.MsgspecError, RecursionError):
        return False, []
    judged, faults = False, []
    for rule in rules_for(version, "CDR", False):
        if rule.control in TARIFF_RULES:
            found = found_by(rule, value, related)
            judged = judged or found is not None
            faults += [(rule.control, fault) for fault in found or ()]
    return judged, faults


def _related(version: str, name: str, text: bytes) -> Any:
    return decode(version, name.capitalize(), msgspec.json.decode(text))


def recompute(connection: DuckDBPyConnection, everything: bool) -> int:
    """Recompute, and note what is wrong beside what the rules found; how many CDRs could be judged."""
    sql = _TEXTS + f"AND r.no IN ({_EVERY if everything else _SUSPICIOUS})"
    count, wrong = 0, []
    for no, text, tariff, location in _batched(connection, sql):
        known = {"tariff": tariff, "location": location}
        judged, faults = tariff_faults(
            text.encode(), {name: body.encode() for name, body in known.items() if body}
        )
        count += judged or bool(faults)
        if faults:
            _, (pointer, expected, found) = faults[0]
            wrong.append((no, f"{pointer.removeprefix('/')} of {expected}", str(found)))
    for no, expected, found in wrong:
        connection.execute(
            "INSERT INTO found SELECT ?, party, NULL, NULL, no, day, ?, ?, kwh, cost, currency "
            "FROM cdrs WHERE no = ?",
            [RECOMPUTED, expected, found, no],
        )
    return count


def _batched(connection: DuckDBPyConnection, sql: str) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from rows
