"""The page says what the run says, loads nothing, and can be used by everybody."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from hardening.checks import Finding, Status
from hardening.controls import CONTROLS, Layer, Severity
from hardening.controls.components import EVERY_COMPONENT
from hardening.controls.standards import STANDARDS
from scanners.due.records import Due
from scanners.outcome import Outcome, Row, State, decide, fingerprint
from scanners.report.chain import Link
from scanners.report.page import render as page
from scanners.report.page.clauses import standard_views
from scanners.report.page.opinion import opinion
from scanners.report.page.partners import partner_views
from scanners.report.page.render import Reported, render
from scanners.report.page.stages import STAGES, stages
from scanners.report.page.verdicts import control_views
from scanners.waivers import Waiver, Waivers

CONTROL = "every-audit-completes"
WALKED = (Link("intent", "registry and program", "declared stack", "holds"),)


def finding(
    status: Status, where: str, check: str = "policy", control: str = CONTROL, detail: str = ""
) -> Finding:
    return Finding(control, check, status, where, detail or f"{status} <here>", Severity.HIGH)


def outcome_of(*findings: Finding, waivers: Waivers | None = None) -> Outcome:
    return decide(findings, waivers or Waivers(), frozenset())


MIXED = outcome_of(
    finding(Status.PASS, "urn::good"),
    finding(Status.FAIL, "urn::bad"),
    finding(Status.FAIL, "urn::worse", detail="is <off>"),
    finding(Status.ERROR, "urn::dark", control="keys-rotate", check="keys-rotate"),
)


def reported(outcome: Outcome, **more: Any) -> Reported:
    facts = {
        "target": "<lab>", "started": "2026-01-01T00:00:00Z", "ended": "2026-01-01T00:00:01Z",
        "tools": {"python": "3"}, "counts": outcome.counts(),
    }  # fmt: skip
    return Reported(outcome=outcome, facts=facts, **more)


FULL = render(
    reported(
        MIXED,
        found="a" * 64,
        signer="b" * 64,
        subjects={"subjects/policy/stack.json": 12345},
        seen_by={"policy": "policy", "keys-rotate": "nobody"},
        links=WALKED,
        partners={"acme": ("ocpi.acme.example",)},
        certificates=(
            Due(at=datetime(2027, 1, 1, tzinfo=UTC), kind="certificate", of="acme: CN=acme", mend="renew"),
        ),
        since={fingerprint(MIXED.open(Status.FAIL)[0].finding): "2025-12-01T00:00:00Z"},
    )
)


class Outline(HTMLParser):
    """What of a page a screen reader goes by."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


OUTLINE = Outline(FULL)


def test_the_page_loads_nothing_escapes_and_has_every_control() -> None:
    assert "&lt;lab&gt;" in FULL
    assert "<lab>" not in FULL
    assert "is &lt;off&gt;" in FULL
    assert all(f'id="c-{control}"' in FULL for control in CONTROLS)
    assert "12,345 bytes" in FULL
    for outside in ("http://", "https://", "<link", "@import", "src=", "url("):
        assert outside not in FULL
    assert "default-src &#39;none&#39;" in FULL or "default-src 'none'" in FULL


def test_what_was_seen_leads_to_the_subjects_that_were_kept() -> None:
    seen = FULL.partition(f'id="c-{CONTROL}"')[2].partition("</article>")[0]
    assert '<a href="#s-policy">policy</a>' in seen
    assert 'href="#s-nobody"' not in FULL
    assert 'id="s-policy"' in FULL


def test_the_same_run_gives_the_same_bytes() -> None:
    assert render(reported(MIXED, partners={"a": (), "b": ()})) == render(
        reported(MIXED, partners={"b": (), "a": ()})
    )


def test_what_is_open_is_one_cause_with_what_was_expected_and_seen_and_since_when() -> None:
    act = FULL.partition('id="act"')[2].partition("<h2")[0]
    assert act.count('class="cause failed"') == 1
    assert "2 places, open since 2025-12-01T00:00:00Z" in act
    assert CONTROLS[CONTROL].promise in act
    assert act.index('class="cause failed"') < act.index('class="cause notverified"')
    assert "nobody is named" in act


def test_a_place_that_names_a_partner_is_the_partners() -> None:
    failing = outcome_of(finding(Status.FAIL, "ocpi.acme.example:443"))
    act = render(reported(failing, partners={"acme": ("ocpi.acme.example",)})).partition('id="act"')[2]
    assert "<dt>Owner</dt><dd>acme</dd>" in act


def test_what_was_accepted_in_several_places_is_said_once() -> None:
    waiver = Waiver("CKV_AWS_1", "urn::*", "accepted for a test", "somebody", date(2099, 1, 1))
    findings = [finding(Status.FAIL, f"urn::{name}", "CKV_AWS_1") for name in "ab"]
    shown = render(reported(outcome_of(*findings, waivers=Waivers((waiver,)))))
    accepted = shown.partition('id="accepted"')[2].partition("<h2")[0]
    assert accepted.count("accepted for a test") == 1
    assert "2 places" in accepted
    assert all(f"urn::{name}</code>" in accepted for name in "ab")


def test_a_control_that_no_audit_looked_at_is_not_verified() -> None:
    verdicts = {view.control.id: view.verdict for view in control_views(MIXED)}
    assert verdicts[CONTROL] == "failed"
    unseen = {verdict for control, verdict in verdicts.items() if control not in (CONTROL, "keys-rotate")}
    assert unseen <= {"not verified", "manual"}


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        ([], "not verified"),
        ([finding(Status.NOT_APPLICABLE, "")], "not verified"),
        ([finding(Status.PASS, "a"), finding(Status.ERROR, "b")], "not verified"),
        ([finding(Status.ERROR, "b"), finding(Status.FAIL, "c")], "failed"),
        ([finding(Status.PASS, "a")], "waived"),  # other controls were not looked at
        ([finding(Status.PASS, "a", control=control) for control in CONTROLS], "verified"),
    ],
)
def test_the_opinion_holds_only_where_all_was_looked_at(findings: list[Finding], verdict: str) -> None:
    outcome = outcome_of(*findings)
    assert opinion(outcome, control_views(outcome), WALKED).verdict == verdict


def test_a_link_that_was_not_walked_qualifies_the_opinion_and_is_listed() -> None:
    outcome = outcome_of(*(finding(Status.PASS, "a", control=control) for control in CONTROLS))
    left_out = (Link("probe", "live account", "the wire: OCPI", "left out"),)
    told = opinion(outcome, control_views(outcome), left_out)
    assert told.verdict == "waived"
    assert any("the probe audit was left out" in line for line in told.unexamined)


def test_what_is_accepted_or_left_to_people_qualifies_the_opinion() -> None:
    every = [finding(Status.PASS, "a", control=control) for control in CONTROLS]
    waiver = Waiver("keys-rotate", "b", "for a test", "somebody", date(2099, 1, 1))
    failing = finding(Status.FAIL, "b", control="keys-rotate", check="keys-rotate")
    outcome = outcome_of(*every, failing, waivers=Waivers((waiver,)))
    told = opinion(outcome, control_views(outcome), WALKED)
    assert (told.title, told.verdict) == ("It holds but for what is accepted", "waived")
    by_hand = outcome_of(*(one for one in every if not CONTROLS[one.control].manual))
    told = opinion(by_hand, control_views(by_hand), WALKED)
    assert (told.title, told.verdict) == ("What was examined holds", "waived")
    assert any("nobody attached a record" in line for line in told.unexamined)


def test_the_heat_map_has_what_names_a_partner_and_the_longer_name_wins() -> None:
    rows = [
        Row(finding(status, where, control="keys-rotate"), State.OPEN)
        for status, where in (
            (Status.PASS, "urn::acme-inbound"),
            (Status.FAIL, "urn::acme-north-inbound"),
            (Status.FAIL, "urn::macme"),
            (Status.FAIL, "rampart-test-acme"),
        )
    ]
    acme, north = partner_views({"acme": (), "acme-north": ()}, rows)
    layer = CONTROLS["keys-rotate"].layer
    assert (acme.cells[layer].verdict, acme.cells[layer].judgements) == ("verified", 1)
    assert (north.cells[layer].verdict, north.cells[layer].judgements) == ("failed", 1)
    assert {acme.cells[other].verdict for other in Layer if other is not layer} == {""}


def test_a_stage_has_the_worst_verdict_of_controls_that_stand_there() -> None:
    assert {name for _, _, names in STAGES for name in names} <= set(EVERY_COMPONENT)
    found = {stage.name: stage for stage in stages(control_views(MIXED))}
    assert all(stage.views for stage in found.values())
    assert found["guard"].verdict == "not verified"
    assert all(v.links.refused_by for v in found["guard"].views)


def test_a_standard_shows_every_clause_once_with_the_worst_verdict() -> None:
    verdicts = dict.fromkeys(CONTROLS, "verified")
    first = standard_views(verdicts)[0]
    assert set(first.tally) == {"verified"}
    for one in standard_views(verdicts):
        assert len(one.clauses) + one.unanswered == len(STANDARDS[one.standard.key].clauses)
    spoilt = first.clauses[0].row.answers[0].control
    assert standard_views({**verdicts, spoilt: "failed"})[0].clauses[0].verdict == "failed"


def test_the_page_has_one_main_one_first_heading_and_no_level_is_left_out() -> None:
    levels = [int(tag[1]) for tag, _ in OUTLINE.elements if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert [len(OUTLINE.all(tag)) for tag in ("main", "header", "nav", "footer", "title")] == [1] * 5
    assert OUTLINE.all("html") == [{"lang": "en"}]


def test_every_table_has_a_caption_and_heads_with_a_scope() -> None:
    assert len(OUTLINE.all("table")) == len(OUTLINE.all("caption")) > 5
    assert all(head.get("scope") for head in OUTLINE.all("th"))


def test_every_field_has_a_label_and_every_section_a_name() -> None:
    ids = [one["id"] for _, one in OUTLINE.elements if "id" in one]
    assert len(ids) == len(set(ids))
    assert {one["aria-labelledby"] for one in OUTLINE.all("section")} <= set(ids)
    assert FULL.count("<label>") == len(OUTLINE.all("input", "select"))
    anchors = {str(one["href"])[1:] for one in OUTLINE.all("a") if str(one["href"]).startswith("#")}
    assert anchors <= set(ids)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_colour_of_text_has_contrast_enough(theme: int) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1 on the page and on what is set off from it."""
    style = (Path(page.__file__).parent / "style.css.j2").read_text(encoding="utf-8")
    themes = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(themes) == 2
    colours = dict(re.findall(r"--(\w+):(#[0-9a-f]{6})", themes[theme]))
    for name in ("ink", "dim", "link", "failed", "notverified", "waived", "manual", "verified"):
        for ground in ("paper", "soft"):
            light, dark = sorted((_luminance(colours[name]), _luminance(colours[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{name} on {ground}"
