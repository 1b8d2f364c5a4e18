"""The checklist that people read: each fault once, and a partner's words as words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hardening.checks import Finding, Status
from hardening.controls.control import Severity
from hardening.requests.samples import EMSP
from scanners.onboarding.checklist import Checklist, render
from scanners.onboarding.items import Line, line_of, stood_in_for
from scanners.probe.server.checks.pages import WANT_OF_OBJECTS

CONTROL = "answers-paginated-and-capped"


def checklist(*details: str) -> Checklist:
    findings = [
        Finding(CONTROL, f"check-{number}", Status.ERROR, "GET /cdrs", detail, Severity.LOW)
        for number, detail in enumerate(details)
    ]
    lines = [Line("server", "Its server holds", Status.ERROR, "<b>nobody</b>")]
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return Checklist(partner=EMSP, at=at, lines=lines, findings=findings, evidence={})


@pytest.mark.parametrize("form", ["md", "html"])
def test_what_several_checks_lack_is_read_once(form: str) -> None:
    text = render(checklist("no object", "no object", "no answer"), form)
    assert text.count("no object") == 1
    assert text.count("no answer") == 1


@pytest.mark.parametrize("form", ["md", "html"])
def test_what_a_partner_wrote_is_no_markup(form: str) -> None:
    text = render(checklist("<script>alert(1)</script>"), form)
    assert "<script>" not in text
    assert "<b>nobody" not in text
    assert "&lt;script" in text


def test_what_may_be_signed_is_no_more_than_the_want_of_objects() -> None:
    def found(status: Status, detail: str) -> Finding:
        return Finding(CONTROL, "check", status, "GET /cdrs", detail, Severity.LOW)

    wanting = [found(Status.ERROR, detail) for detail in sorted(WANT_OF_OBJECTS)]
    held, failed = found(Status.PASS, ""), found(Status.FAIL, "no counts")
    unseen = found(Status.ERROR, "the list is not served")
    signatures = {"server": "Jane Doe: no session yet"}

    def status(*findings: Finding) -> Status:
        return stood_in_for(line_of("server", findings), signatures).status

    assert status(held, *wanting) is Status.PASS
    assert status(held, *wanting, unseen) is Status.ERROR
    assert status(held, *wanting, failed) is Status.FAIL
    assert status() is Status.ERROR
