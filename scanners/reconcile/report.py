"""The outcome with its sums: as lines, as JSON, and as one HTML file that loads nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from scanners.outcome import Outcome
from scanners.reconcile.sums import Stake, Sums, shown
from scanners.report import document, table

_MOST_ROWS: Final = 500  # of findings in the HTML file; the others are in JSON and CSV


def as_lines(outcome: Outcome, sums: Sums, suppressed: bool) -> str:
    """The findings, the sums, what became of the records, and the line that adds up."""
    *rows, last = table.render(outcome, suppressed).splitlines()
    parts = [*rows]
    for title, stakes in (("at stake by party", sums.parties), ("by rule", sums.rules)):
        if stakes:
            parts += ["", f"{title}:", *(f"  {line}" for line in _columns(stakes))]
    parts += ["", *_records(sums), last]
    return "\n".join(parts) + "\n"


def _columns(stakes: Iterable[Stake]) -> list[str]:
    cells = [
        (one.of, f"{one.places:,}", f"{shown(one.kwh)} kWh", f"{shown(one.amount)} {one.currency}")
        for one in stakes
    ]
    widths = [max(len(row[place]) for row in cells) for place in range(4)]
    return [
        f"{a:{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}".rstrip()
        for a, b, c, d in cells
    ]


def _records(sums: Sums) -> list[str]:
    return [
        f"{kind}: {one.read:,} read = {one.judged:,} judged + {one.outside:,} outside of the period + "
        f"{one.superseded:,} earlier states + {one.rejected:,} rejected"
        for kind, one in sums.records.items()
    ]


def as_json(outcome: Outcome, sums: Sums) -> str:
    """The document of findings, with `sums`."""
    made = {**document.document(outcome), "sums": sums.document()}
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def as_html(outcome: Outcome, sums: Sums) -> str:
    """The report that a person opens."""
    environment = Environment(
        loader=PackageLoader("scanners.reconcile", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = shown
    rows = [row for row in outcome.rows if row.finding.status.value in ("fail", "error")]
    return environment.get_template("report.html.j2").render(
        sums=sums,
        counts=outcome.counts(),
        rows=rows[:_MOST_ROWS],
        more=max(0, len(rows) - _MOST_ROWS),
        charts=_charts(sums),
        summary=table.summary(outcome),
    )


def _charts(sums: Sums) -> list[dict[str, object]]:
    """For each currency the money at stake by day, as shares of the highest day."""
    charts: list[dict[str, object]] = []
    for currency in sorted({one.currency for one in sums.days if one.amount}):
        days = [one for one in sums.days if one.currency == currency]
        most = max(one.amount for one in days) or Decimal(1)
        bars = [(one, float(one.amount / most)) for one in days]
        charts.append(
            {"currency": currency, "bars": bars, "most": most, "first": days[0].of, "last": days[-1].of}
        )
    return charts
