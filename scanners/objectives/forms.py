"""A month's objectives as a table, JSON (`rampart-slo/1`) and a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from hardening.objectives import OBJECTIVES
from scanners.objectives.records import Measured, Report, State
from scanners.report.document import SCHEMA, required_members

FORMAT: Final = "rampart-slo/1"


def percent(one: Measured) -> str:
    """The measured share, rounded down so that a missed one never looks like a kept one."""
    return f"{one.good * 100_000 // one.total / 1000:.3f} %" if one.total else "-"


def _table(report: Report) -> str:
    return "".join(
        f"{one.state:10} {one.partner:20} {one.objective.name:15} {percent(one):>10} of {one.total:<9} "
        f"{one.lost_minutes:6} min lost  budget left {one.budget_left:7.1%}  ({one.objective})\n"
        for one in report.measured
    )


def _entry(one: Measured) -> dict[str, Any]:
    return {
        "objective": one.objective.name,
        "partner": one.partner,
        "wanted_percent": one.objective.percent,
        "limit": one.objective.limit,
        "unit": one.objective.unit,
        "good": one.good,
        "total": one.total,
        "state": one.state,
        "budget_left": round(one.budget_left, 6),
        "lost_minutes": one.lost_minutes,
        "lost": [{"from": span.begin.isoformat(), "minutes": span.minutes} for span in one.spans],
    }


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document. Later versions may have more keys."""
    count, text = {"type": "integer", "minimum": 0}, {"type": "string"}
    time = {"type": "string", "format": "date-time"}
    entry = {
        "objective": {"enum": list(OBJECTIVES)},
        "partner": text,
        "wanted_percent": {"type": "number"},
        "limit": {"type": ["number", "null"]},
        "unit": text,
        "good": count,
        "total": count,
        "state": {"enum": list(State)},
        "budget_left": {"type": "number"},
        "lost_minutes": count,
        "lost": {"type": "array", "items": required_members({"from": time, "minutes": count})},
    }
    document = {
        "format": {"const": FORMAT},
        "from": time,
        "to": time,
        "unread": {"type": "object", "additionalProperties": count},
        "not_asked": {"type": "array", "items": {"enum": list(OBJECTIVES)}},
        "objectives": {"type": "array", "items": required_members(entry)},
    }
    return {"$schema": SCHEMA, "title": FORMAT, **required_members(document)}


def _json(report: Report) -> str:
    document = {
        "format": FORMAT,
        "from": report.month.begin.isoformat(),
        "to": report.month.end.isoformat(),
        "unread": report.unread,
        "not_asked": report.unasked,
        "objectives": [_entry(one) for one in report.measured],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _page(report: Report) -> str:
    environment = Environment(
        loader=PackageLoader("scanners.objectives", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percent
    by_partner = sorted(report.measured, key=lambda one: one.partner)
    partners = [(name, list(group)) for name, group in groupby(by_partner, key=lambda one: one.partner)]
    return environment.get_template("page.html.j2").render(report=report, partners=partners)


FORMS: Final[Mapping[str, Callable[[Report], str]]] = {"table": _table, "json": _json, "html": _page}
