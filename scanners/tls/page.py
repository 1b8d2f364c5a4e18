"""The audit as one HTML page: endpoints by controls, and a calendar of certificates that end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hardening.checks import Finding, Status
from hardening.controls import CONTROLS
from scanners.outcome import Outcome, State
from scanners.tls import probes as p
from scanners.tls.observations import Answer, TlsScan

_SIGNS = {"fail": "✗", "error": "?", "pass": "✓", "not-applicable": "·", "waived": "w", "known": "k"}
_ORDER = tuple(_SIGNS)
_OPEN = ("fail", "error")


@dataclass(frozen=True, slots=True)
class Cell:
    """One endpoint and control: the worst status, and why. `told`: another control's finding says it."""

    status: str
    sign: str
    detail: str
    told: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One endpoint: what it offers, and a cell for each control."""

    scan: TlsScan
    versions: str
    post_quantum: str
    cells: tuple[Cell, ...]

    @property
    def open(self) -> bool:
        """Whether anything fails or was not verified."""
        return any(cell.status in _OPEN for cell in self.cells)


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """One partner (empty: endpoints of none): endpoints in all, with a failure, and not verified."""

    name: str
    endpoints: int
    failing: int
    unverified: int
    first_end: datetime | None


@dataclass(frozen=True, slots=True)
class Ending:
    """A leaf certificate that ends."""

    when: datetime
    days: int
    where: str
    partner: str
    subject: str


def render(scans: Sequence[TlsScan], outcome: Outcome, changes: Sequence[str] = ()) -> str:
    """The page; it refers to nothing outside itself."""
    judged = {name for row in outcome.rows for name in (row.finding.control, *row.finding.blocks)}
    controls = [control for control in CONTROLS.values() if control.id in judged]
    lines = _lines(scans, outcome, [control.id for control in controls])
    endings = sorted(_endings(scans), key=lambda ending: (ending.when, ending.where))
    months = [(m, list(found)) for m, found in groupby(endings, key=lambda e: f"{e.when:%Y-%m}")]
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        controls=controls,
        lines=lines,
        partners=_partners(lines, endings),
        months=months,
        counts=outcome.counts(),
        taken=max((scan.taken for scan in scans), default=None),
        changes=changes,
        signs=_SIGNS,
    )


def _lines(scans: Sequence[TlsScan], outcome: Outcome, controls: list[str]) -> list[Line]:
    cells: dict[tuple[str, str], Cell] = {}
    for row in outcome.rows:
        status = row.finding.status.value if row.state is State.OPEN else row.state.value
        own = Cell(status, _SIGNS[status], _why(row.finding))
        blocked = replace(own, told=True)
        for control in (row.finding.control, *row.finding.blocks):
            cell = own if control == row.finding.control else blocked
            place = (row.finding.where, control)
            cells[place] = min(cells.get(place, cell), cell, key=lambda c: _ORDER.index(c.status))
    empty = Cell("not-applicable", _SIGNS["not-applicable"], "")
    return [
        Line(
            scan,
            _versions(scan),
            _post_quantum(scan),
            tuple(cells.get((scan.where, control), empty) for control in controls),
        )
        for scan in scans
    ]


def _partners(lines: Sequence[Line], endings: Sequence[Ending]) -> list[PartnerLine]:
    """A line for each partner, by name; none if no endpoint is a partner's."""
    names = sorted({line.scan.partner for line in lines})
    return [_partner(name, lines, endings) for name in names] if any(names) else []


def _partner(name: str, lines: Sequence[Line], endings: Sequence[Ending]) -> PartnerLine:
    own = [line for line in lines if line.scan.partner == name]
    statuses = [{cell.status for cell in line.cells} for line in own]
    return PartnerLine(
        name=name,
        endpoints=len(own),
        failing=sum("fail" in found for found in statuses),
        unverified=sum("error" in found for found in statuses),
        first_end=next((ending.when for ending in endings if ending.partner == name), None),
    )


def _why(finding: Finding) -> str:
    return f"{finding.control}: {finding.detail}" if finding.status is not Status.PASS else finding.control


def _versions(scan: TlsScan) -> str:
    found = []
    for name, version in ((p.TLS_1_3, "1.3"), (p.TLS_1_2, "1.2")):
        probe = scan.probes.get(name)
        if probe and probe.answer is Answer.ACCEPTED:
            found.append(version)
    old = scan.probes.get(p.OLD_VERSIONS)
    if old and old.answer is Answer.ACCEPTED:
        found.extend(name.removeprefix("TLSv") for name in old.accepted)
    return " ".join(found)


def _post_quantum(scan: TlsScan) -> str:
    probe = scan.probes.get(p.POST_QUANTUM_GROUPS)
    return probe.hello.group if probe and probe.hello else ""


def _endings(scans: Sequence[TlsScan]) -> list[Ending]:
    return [
        Ending(leaf.not_after, (leaf.not_after - scan.taken).days, scan.place, scan.partner, leaf.subject)
        for scan in scans
        for chain in scan.chains
        for leaf in chain.certificates[:1]
    ]
