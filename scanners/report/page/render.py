"""The page itself: what a run found, as one HTML text."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from hardening.checks import Status
from hardening.controls import Layer, Severity
from scanners.due.records import Due
from scanners.evidence.changes import Changes, Kind
from scanners.explain.explain import explanations
from scanners.outcome import Outcome, Row, State
from scanners.report.chain import Link
from scanners.report.page.causes import causes
from scanners.report.page.clauses import standard_views
from scanners.report.page.opinion import opinion
from scanners.report.page.partners import named_partner, partner_views
from scanners.report.page.stages import stages
from scanners.report.page.verdicts import VERDICTS, control_views, unseen

# Places that are shown of one check, at most; findings.json has all.
MOST_OPEN: Final = 200
MOST_HELD: Final = 40
_SCRIPT: Final = "filter.js.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """All that the page says. `facts` are the manifest's, `subjects` map a path to its bytes.

    `seen_by` maps a check to the audit that asked it, `partners` a name to its callback hosts, `owners` a
    place to whom its resource names, `since` a fingerprint to when it was first open. `trend` has the numbers
    of runs, the newest first. `found` is the SHA-256 of findings.json, `signer` the id of a key; empty:
    nobody signs.
    """

    outcome: Outcome
    facts: Mapping[str, Any]
    found: str = ""
    signer: str = ""
    subjects: Mapping[str, int] = field(default_factory=dict)
    seen_by: Mapping[str, str] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    partners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    certificates: tuple[Due, ...] = ()
    since: Mapping[str, str] = field(default_factory=dict)
    changes: Changes | None = None
    trend: tuple[Mapping[str, Any], ...] = ()


def render(told: Reported) -> str:
    """The report; the same run gives the same bytes."""
    outcome = told.outcome
    views = control_views(outcome)
    open_rows = outcome.open(Status.FAIL, Status.ERROR)
    explained = explanations({row.finding.check for row in open_rows})
    script = _environment().get_template(_SCRIPT).render()
    return _environment().get_template("report.html.j2").render(
        told=told,
        facts=told.facts,
        script=script,
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        opinion=opinion(outcome, views, told.links),
        causes=causes(outcome, explained, _owner(told), told.since),
        views=views,
        kept={path.split("/")[1] for path in told.subjects if path.count("/") > 1},
        groups={view.control.id: _groups(view.rows) for view in views},
        verdicts=VERDICTS,
        tallies={layer: Counter(v.verdict for v in views if v.control.layer is layer) for layer in Layer},
        total=Counter(v.verdict for v in views),
        severities=Counter(v.control.severity for v in views),
        unseen=unseen(views),
        accepted=_accepted(outcome),
        frameworks=standard_views({view.control.id: view.verdict for view in views}),
        partners=partner_views(told.partners, outcome.rows),
        stages=stages(views),
        Layer=Layer,
        Severity=Severity,
        Kind=Kind,
        most_open=MOST_OPEN,
        most_held=MOST_HELD,
    )  # fmt: skip


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("scanners.report.page", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["place"] = place
    environment.filters["css"] = lambda verdict: verdict.replace(" ", "") or "none"
    return environment


def place(where: str) -> str:
    """A place in few words: of a URN, the resource's name, its own type and the property."""
    if not where.startswith("urn:pulumi:"):
        return where
    urn, _, inside = where.partition("#")
    *_, types, name = urn.split("::")
    return f"{name} ({types.rsplit('$', 1)[-1]})" + (f" {inside}" if inside else "")


def _owner(told: Reported) -> Callable[[Row], str]:
    """Whose a judgement is: who is named on the resource, or the partner that its place names."""
    partner = named_partner(told.partners)

    def owner(row: Row) -> str:
        where = row.finding.where
        return told.owners.get(where.partition("#")[0]) or partner(where)

    return owner


def _groups(rows: Iterable[Row]) -> Mapping[tuple[str, str], list[Row]]:
    """The judgements of one control by check and standing, the worst first."""
    alike: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        standing = row.finding.status.value if row.state is State.OPEN else row.state.value
        alike[standing, row.finding.check].append(row)
    order = ("fail", "error", "waived", "known", "pass", "not-applicable")
    return dict(sorted(alike.items(), key=lambda item: (order.index(item[0][0]), item[0][1])))


def _accepted(outcome: Outcome) -> list[list[Row]]:
    """The rows that do not count; those of one rule with the same waiver are one list."""
    alike: dict[object, list[Row]] = defaultdict(list)
    for row in outcome.rows:
        if row.state is not State.OPEN:
            alike[row.finding.control, row.finding.check, row.waiver].append(row)
    return list(alike.values())
