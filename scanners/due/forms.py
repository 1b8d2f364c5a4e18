"""The calendar as a table, JSON (`rampart-due/1`), iCalendar (RFC 5545) and a page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import Any, Final

from icalendar import Calendar as ICalendar
from icalendar import Event
from jinja2 import Environment, PackageLoader, StrictUndefined

from scanners.due.records import Calendar, Due
from scanners.report.document import SCHEMA, required_members

FORMAT: Final = "rampart-due/1"


def _table(found: Calendar) -> str:
    return "".join(
        f"{'overdue' if one.is_over(found.now) else 'due':8} {one.at:%Y-%m-%d %H:%MZ}  {one.kind:14} {one.of}"
        f"  -> {one.mend}\n"
        for one in found.entries
    )


def _json(found: Calendar) -> str:
    entries = [
        {
            "at": one.at.isoformat(),
            "kind": one.kind,
            "of": one.of,
            "mend": one.mend,
            "overdue": one.is_over(found.now),
        }
        for one in found.entries
    ]
    document = {
        "format": FORMAT,
        "at": found.now.isoformat(),
        "until": found.until.isoformat(),
        "not_asked": found.unasked,
        "due": entries,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document. Later versions may have more keys."""
    text, time = {"type": "string"}, {"type": "string", "format": "date-time"}
    entry = {"at": time, "kind": text, "of": text, "mend": text, "overdue": {"type": "boolean"}}
    document = {
        "format": {"const": FORMAT},
        "at": time,
        "until": time,
        "not_asked": {"type": "array", "items": text},
        "due": {"type": "array", "items": required_members(entry)},
    }
    return {"$schema": SCHEMA, "title": FORMAT, **required_members(document)}


def _icalendar(found: Calendar) -> str:
    """One event for each entry, which keeps its UID from run to run."""
    page = ICalendar()
    page.add("prodid", "-//ocpi-rampart//due//EN")
    page.add("version", "2.0")
    for one in found.entries:
        event = Event()
        event.add("uid", f"{_digest(one)}@ocpi-rampart")
        event.add("dtstamp", found.now)
        event.add("dtstart", one.at)
        event.add("summary", f"{one.kind}: {one.of}")
        event.add("description", one.mend)
        page.add_component(event)
    text: bytes = page.to_ical()
    return text.decode()


def _digest(one: Due) -> str:
    return hashlib.sha256(f"{one.kind}\n{one.of}".encode()).hexdigest()[:32]


def _page(found: Calendar) -> str:
    environment = Environment(
        loader=PackageLoader("scanners.due", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    later = [one for one in found.entries if not one.is_over(found.now)]
    months = [(name, list(group)) for name, group in groupby(later, key=lambda one: f"{one.at:%B %Y}")]
    return environment.get_template("page.html.j2").render(found=found, months=months)


FORMS: Final[Mapping[str, Callable[[Calendar], str]]] = {
    "table": _table,
    "json": _json,
    "ics": _icalendar,
    "html": _page,
}
