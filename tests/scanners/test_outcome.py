"""What counts, what does not, and which exit code that makes."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.checks import Finding, Status
from hardening.cli import Exit
from hardening.controls import CONTROLS, Severity
from hardening.errors import ConfigError
from scanners.outcome import decide, fingerprint, read_baseline, write_baseline
from scanners.waivers import Waivers, read_waivers

CONTROL = next(iter(CONTROLS))
NONE: frozenset[str] = frozenset()


def finding(status: Status, where: str = "urn::a", severity: Severity = Severity.MEDIUM) -> Finding:
    return Finding(CONTROL, "a-check", status, where, "because", severity)


def waivers_file(folder: Path, text: str) -> Path:
    file = folder / "waivers.yaml"
    file.write_text(text, encoding="utf-8")
    return file


WAIVER = """
- control: a-check
  where: "urn::*"
  reason: accepted for a test
  owner: somebody
  expires: 2026-06-30
"""


def test_a_failure_wins_over_an_error_and_an_error_over_a_pass() -> None:
    def code(*statuses: Status) -> Exit:
        return decide([finding(s, f"urn::{n}") for n, s in enumerate(statuses)], Waivers(), NONE).exit_code()

    assert code(Status.PASS) is Exit.HOLDS
    assert code(Status.PASS, Status.ERROR) is Exit.UNVERIFIED
    assert code(Status.PASS, Status.ERROR, Status.FAIL) is Exit.FAILS


@given(st.lists(st.just(Status.NOT_APPLICABLE)))
def test_nothing_judged_never_means_yes(statuses: list[Status]) -> None:
    assert decide([finding(s) for s in statuses], Waivers(), NONE).exit_code() is Exit.UNVERIFIED


def test_failures_below_the_threshold_do_not_count() -> None:
    outcome = decide([finding(Status.FAIL, severity=Severity.MEDIUM)], Waivers(), NONE)
    assert outcome.exit_code(Severity.MEDIUM) is Exit.FAILS
    assert outcome.exit_code(Severity.HIGH) is Exit.HOLDS


def test_a_waiver_holds_through_its_last_day_and_not_a_day_longer(tmp_path: Path) -> None:
    file = waivers_file(tmp_path, WAIVER)
    assert len(read_waivers(file, date(2026, 6, 30)).valid) == 1
    lapsed = read_waivers(file, date(2026, 7, 1))
    assert lapsed.valid == ()
    assert "expired on 2026-06-30" in lapsed.void[0]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- control: a\n", "where, reason, owner, expires missing"),
        (WAIVER.replace("2026-06-30", "soon"), "expires: expected a date"),
        (WAIVER + "  until: 2030-01-01\n", "unknown key until"),
        ("- just words\n", "expected a mapping"),
    ],
)
def test_a_malformed_waiver_is_void_and_says_why(tmp_path: Path, text: str, complaint: str) -> None:
    waivers = read_waivers(waivers_file(tmp_path, text), date(2026, 1, 1))
    assert waivers.valid == ()
    assert complaint in waivers.void[0]


@pytest.mark.parametrize("text", ["a: b", "{", "\tx: :"])
def test_a_file_that_is_no_list_of_waivers_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"waivers\.yaml"):
        read_waivers(waivers_file(tmp_path, text), date(2026, 1, 1))


def test_waivers_cover_failures_and_never_errors(tmp_path: Path) -> None:
    waivers = read_waivers(waivers_file(tmp_path, WAIVER), date(2026, 1, 1))
    assert decide([finding(Status.FAIL)], waivers, NONE).counts()["waived"] == 1
    assert decide([finding(Status.ERROR)], waivers, NONE).exit_code() is Exit.UNVERIFIED


def test_an_unused_waiver_is_reported(tmp_path: Path) -> None:
    waivers = read_waivers(waivers_file(tmp_path, WAIVER), date(2026, 1, 1))
    outcome = decide([finding(Status.PASS)], waivers, NONE)
    assert outcome.notices == ("waiver matched nothing: a-check at urn::*",)


def test_a_waiver_of_what_this_run_did_not_look_at_is_no_news(tmp_path: Path) -> None:
    waivers = read_waivers(waivers_file(tmp_path, WAIVER.replace("a-check", "CKV_AWS_1")), date(2026, 1, 1))
    assert decide([finding(Status.PASS)], waivers, NONE).notices == ()
    other = Finding(CONTROL, "CKV_AWS_2", Status.PASS, "urn::a")
    assert decide([other], waivers, NONE).notices == ("waiver matched nothing: CKV_AWS_1 at urn::*",)


def test_a_baseline_leaves_only_what_is_new(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    write_baseline(file, decide([finding(Status.FAIL, "urn::old")], Waivers(), NONE))
    both = [finding(Status.FAIL, "urn::old"), finding(Status.FAIL, "urn::new")]
    outcome = decide(both, Waivers(), read_baseline(file))
    assert [row.finding.where for row in outcome.open(Status.FAIL)] == ["urn::new"]


def test_a_broken_baseline_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    for text in ("", "[]", '{"failures": [1]}'):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match=r"baseline\.json"):
            read_baseline(file)


def test_a_fingerprint_ignores_the_wording_but_not_the_place() -> None:
    one = finding(Status.FAIL)
    assert fingerprint(one) == fingerprint(Finding(CONTROL, "a-check", Status.FAIL, "urn::a", "other words"))
    assert fingerprint(one) != fingerprint(finding(Status.FAIL, "urn::b"))
