"""The report that a person opens: one self-contained HTML file, nothing loaded from anywhere."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from hardening.checks import Status
from hardening.controls import Control, Layer
from scanners.catalogue import ControlRow, control_rows
from scanners.outcome import Outcome, Row, State
from scanners.report.chain import Link


@dataclass(frozen=True, slots=True)
class ControlView:
    """A control with what this run knows about it. `verdict` is one of `VERDICTS`."""

    links: ControlRow
    verdict: str
    rows: tuple[Row, ...]

    @property
    def control(self) -> Control:
        """The control itself."""
        return self.links.control


# From worst to best; the order of bars and legends.
VERDICTS = {
    "failed": "fails in at least one place",
    "not verified": "could not be verified, or no audit of this run looks at it",
    "waived": "fails only where somebody accepted it, with a reason and a date",
    "manual": "a person verifies it",
    "not applicable": "nothing of this target has what it is about",
    "verified": "verified, and holds wherever it was looked at",
}


def render(
    outcome: Outcome,
    facts: Mapping[str, Any],
    subjects: Mapping[str, int],
    links: tuple[Link, ...] = (),
) -> str:
    """The report. `facts` are the manifest's (target, times, tools, counts), `subjects` path -> bytes.

    `links` is the chain from the registry to the wire.
    """
    views = control_views(outcome)
    layers = {layer: [v for v in views if v.control.layer is layer] for layer in Layer}
    environment = Environment(
        loader=PackageLoader("scanners.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters["place"] = place
    return environment.get_template("report.html.j2").render(
        facts=facts,
        layers={layer: shown for layer, shown in layers.items() if shown},
        tallies={layer: Counter(v.verdict for v in shown) for layer, shown in layers.items()},
        total=Counter(v.verdict for v in views),
        number=len(views),
        verdicts=VERDICTS,
        unseen=unseen(views),
        open_rows=outcome.open(Status.FAIL, Status.ERROR),
        accepted=_accepted(outcome),
        notices=outcome.notices,
        subjects=subjects,
        links=links,
    )


def _accepted(outcome: Outcome) -> list[list[Row]]:
    """The rows that do not count; those of one rule with the same waiver are one list."""
    alike: dict[object, list[Row]] = defaultdict(list)
    for row in outcome.rows:
        if row.state is not State.OPEN:
            alike[row.finding.control, row.finding.check, row.waiver].append(row)
    return list(alike.values())


def place(where: str) -> str:
    """A place in few words: of a URN, the resource's name, its own type and the property."""
    if not where.startswith("urn:pulumi:"):
        return where
    urn, _, inside = where.partition("#")
    *_, types, name = urn.split("::")
    return f"{name} ({types.rsplit('$', 1)[-1]})" + (f" {inside}" if inside else "")


def control_views(outcome: Outcome) -> tuple[ControlView, ...]:
    """Every control of the catalogue with its verdict in this run."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for row in outcome.rows:
        rows[row.finding.control].append(row)
    return tuple(
        ControlView(links, _verdict(links.control, rows[links.control.id]), tuple(rows[links.control.id]))
        for links in control_rows()
    )


def unseen(views: Iterable[ControlView]) -> list[str]:
    """The controls that somebody could verify, and that no audit of this run looked at."""
    return [view.control.id for view in views if view.verdict == "not verified" and not view.rows]


def _verdict(control: Control, rows: list[Row]) -> str:
    open_statuses = {row.finding.status for row in rows if row.state is State.OPEN}
    if Status.FAIL in open_statuses:
        return "failed"
    if Status.ERROR in open_statuses:
        return "not verified"
    if any(row.state is not State.OPEN for row in rows):
        return "waived"
    if Status.PASS in open_statuses:
        return "verified"
    if Status.NOT_APPLICABLE in open_statuses:
        return "not applicable"
    return "manual" if control.manual else "not verified"
