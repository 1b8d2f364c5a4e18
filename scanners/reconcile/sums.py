"""What is at stake, in energy and money: by party, by rule and by day; and what became of every record.

A record that breaks several rules is in the sum of each rule, and once in those by party and by day, with the
most that any of them makes of it. Currencies are never added up.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from hardening.errors import CollectError
from scanners.reconcile.books import one_line
from scanners.reconcile.store import Store

_STAKES: Final = """
SELECT {by}, currency, count(*), coalesce(sum(kwh), 0), coalesce(sum(amount), 0) FROM {table}
GROUP BY ALL ORDER BY ALL
"""
# A CDR and its session are one record; what is neither is told by its name.
_ONCE: Final = """(
    SELECT party, min(day) AS day, currency, max(kwh) AS kwh, max(amount) AS amount FROM found
    GROUP BY party, currency, coalesce(cdr_no, session_no), cdr_no IS NULL, named
)"""

# A CDR is in one pair, a session in more where it is crowded: those alone need be told apart.
_RECORDS: Final = """
SELECT count({column}) - (
    SELECT count({column}) - count(DISTINCT {column}) FROM {of}
    WHERE session_key IN (SELECT session_key FROM crowded)
) FROM {of}
"""


@dataclass(frozen=True, slots=True)
class Stake:
    """What is at stake of one party, rule or day (`of`): places, kWh, and money in one currency."""

    of: str
    currency: str
    places: int
    kwh: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the records of a kind. All that were read are in one of the other numbers."""

    read: int
    judged: int
    outside: int
    superseded: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of one run."""

    parties: tuple[Stake, ...]
    rules: tuple[Stake, ...]
    days: tuple[Stake, ...]
    totals: tuple[Stake, ...]
    records: dict[str, Fate]
    begin: date | None
    end: date | None

    def document(self) -> dict[str, Any]:
        """As JSON values; amounts are texts, as floats would lose some of them."""
        names = ("parties", "rules", "days", "totals")
        return {
            **{name: [_plain(one) for one in getattr(self, name)] for name in names},
            "records": {kind: asdict(fate) for kind, fate in self.records.items()},
            "period": {"from": _day(self.begin), "to": _day(self.end)},
        }


def _plain(one: Stake) -> dict[str, Any]:
    return {**asdict(one), "kwh": shown(one.kwh), "amount": shown(one.amount)}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def shown(value: Decimal) -> str:
    """An amount without needless zeros, and with two decimals at least."""
    whole, _, fraction = f"{value:f}".partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"


def sums_of(store: Store) -> Sums:
    """The sums of what the rules found. Raises CollectError where a record went astray."""
    return Sums(
        _stakes(store, "party", _ONCE),
        _stakes(store, "rule", "found"),
        _stakes(store, "day", _ONCE),
        _totals(store),
        {kind: _fate(store, kind) for kind in ("sessions", "cdrs")},
        store.asked.begin,
        store.asked.end,
    )


def _stakes(store: Store, by: str, table: str) -> tuple[Stake, ...]:
    rows = store.connection.execute(_STAKES.format(by=by, table=table)).fetchall()
    # A party and a currency are whatever a partner wrote there.
    return tuple(Stake(one_line(str(of)), one_line(currency or ""), *rest) for of, currency, *rest in rows)


def _totals(store: Store) -> tuple[Stake, ...]:
    """What the CDRs of the period are, credit CDRs included: what the stakes are held against."""
    rows = store.connection.execute(
        "SELECT currency, sum(cdrs), sum(kwh), sum(cost) FROM daily GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return tuple(Stake("CDRs", one_line(currency), *rest) for currency, *rest in rows)


def _fate(store: Store, kind: str) -> Fate:
    column = "session_no" if kind == "sessions" else "cdr_no"
    judged, valid = (int(store.value(_RECORDS.format(column=column, of=of))) for of in ("pairs", "charged"))
    superseded = int(store.value("SELECT count(*) FROM superseded")) if kind == "sessions" else 0
    intake = store.intakes[kind]
    fate = Fate(intake.records, judged, valid - judged, superseded, intake.lost)
    if fate.read != judged + fate.outside + superseded + fate.rejected:
        raise CollectError(f"{kind}: {fate.read:,} were read and {fate} became of them: a defect of rampart")
    return fate
