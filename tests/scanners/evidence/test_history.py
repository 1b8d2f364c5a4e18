"""What changed between runs is told place by place, and less that was looked at is never called better."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from hardening.checks import Finding, Status
from hardening.cli import Exit, rampart
from hardening.errors import ConfigError
from scanners.evidence.bundle import Run, write
from scanners.evidence.changes import Kind, changes
from scanners.evidence.past import as_past, open_since, read_past
from scanners.outcome import decide, fingerprint
from scanners.report.document import render
from scanners.target import Scan, Target
from scanners.waivers import Waiver, Waivers

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
WAIVER = Waiver("keys-rotate", "waived", "for a test", "somebody", date(2099, 1, 1))


def a_run(hour: int, target: str = "test", **statuses: Status) -> Run:
    findings = [Finding("keys-rotate", "keys-rotate", status, where) for where, status in statuses.items()]
    outcome = decide(findings, Waivers((WAIVER,)), frozenset())
    started = NOON + timedelta(hours=hour)
    aim = Target(name=target, stack_file="stack.json", region="eu-central-1")
    scans = {"policy": Scan(tuple(findings), {})}
    return Run(aim, scans, outcome, started, started, origin={"commit": str(hour)})


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    """Four runs, and one of another target: `a` is mended and breaks anew, `b` goes dark and away."""
    folder = tmp_path_factory.mktemp("runs")
    statuses = (
        {"a": Status.FAIL, "b": Status.FAIL, "c": Status.PASS, "waived": Status.PASS},
        {"a": Status.PASS, "b": Status.ERROR, "c": Status.PASS, "waived": Status.FAIL},
        {"a": Status.FAIL, "c": Status.PASS},
        {"a": Status.FAIL, "c": Status.NOT_APPLICABLE},
    )
    found = [write(a_run(hour, **told), folder)[0] for hour, told in enumerate(statuses)]
    write(a_run(9, "another", a=Status.FAIL), folder)
    return tuple(found)


def kinds(before: Path, after: Path) -> dict[str, Kind]:
    return {one.judged.where: one.kind for one in changes(read_past(before), read_past(after)).changes}


def test_every_place_that_is_or_was_open_has_one_kind(runs: tuple[Path, ...]) -> None:
    assert kinds(runs[0], runs[1]) == {"a": Kind.MENDED, "b": Kind.UNVERIFIED}
    assert kinds(runs[1], runs[0]) == {"a": Kind.BROKEN, "b": Kind.BROKEN, "waived": Kind.MENDED}
    assert kinds(runs[1], runs[2]) == {"a": Kind.BROKEN, "b": Kind.UNSEEN}
    assert kinds(runs[2], runs[3]) == {"a": Kind.STILL}


def test_a_failure_that_somebody_accepted_is_told() -> None:
    then = decide([Finding("keys-rotate", "keys-rotate", Status.FAIL, "waived")], Waivers(), frozenset())
    now = a_run(1, waived=Status.FAIL)
    before = as_past(render(then).encode(), "then", {})
    after = as_past(render(now.outcome).encode(), "now", {})
    assert [one.kind for one in changes(before, after).changes] == [Kind.ACCEPTED]
    assert [one.kind for one in changes(after, before).changes] == [Kind.BROKEN]


@pytest.mark.parametrize(("before", "after", "code"), [(1, 2, 1), (0, 1, 3), (2, 2, 0), (2, 3, 0)])
def test_the_exit_code_says_whether_it_became_worse(
    runs: tuple[Path, ...], before: int, after: int, code: int
) -> None:
    done = CliRunner().invoke(
        rampart, ["evidence", "diff", str(runs[before]), str(runs[after])], standalone_mode=False
    )
    assert done.return_value == Exit(code)


def test_a_control_that_is_no_longer_judged_is_told(tmp_path: Path) -> None:
    before, _ = write(a_run(0, a=Status.PASS), tmp_path)
    after, _ = write(a_run(1, a=Status.NOT_APPLICABLE), tmp_path)
    found = changes(read_past(before), read_past(after))
    assert found.controls_unseen == ("keys-rotate",)
    assert found.exit_code() is Exit.UNVERIFIED
    assert found.facts["commit"] == ("0", "1")


def test_a_run_whose_findings_were_touched_is_not_compared(tmp_path: Path) -> None:
    run, _ = write(a_run(0, a=Status.FAIL), tmp_path)
    file = run / "findings.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"fail"', '"pass"'), encoding="utf-8")
    with pytest.raises(ConfigError, match="is not what was sealed"):
        read_past(run)
    later, _ = write(a_run(1, a=Status.FAIL), tmp_path)
    page = (later / "report.html").read_text(encoding="utf-8")
    assert "no earlier run of this target beside this one, or none that can be read" in page


def test_a_failure_is_open_since_the_first_run_after_it_last_held(runs: tuple[Path, ...]) -> None:
    newest, *before = (read_past(run) for run in reversed(runs))
    a = next(one.fingerprint for one in newest.judged.values() if one.where == "a")
    assert open_since([a], before) == {a: "2026-01-01T14:00:00Z"}


def test_a_run_that_did_not_look_there_ends_no_row(tmp_path: Path) -> None:
    """`b` is open, then nobody looks, then it is open again."""
    first, second, third = (
        read_past(write(a_run(hour, **told), tmp_path)[0])
        for hour, told in enumerate(({"b": Status.ERROR}, {"c": Status.PASS}, {"b": Status.FAIL}))
    )
    b = next(iter(third.judged))
    assert open_since([b], [second, first]) == {b: "2026-01-01T12:00:00Z"}


def test_the_trend_is_of_the_newest_runs_target(tmp_path: Path) -> None:
    for hour, target in enumerate(("another", "test", "test")):
        write(a_run(hour, target, a=Status.FAIL), tmp_path)
    done = CliRunner().invoke(
        rampart, ["evidence", "trend", str(tmp_path), "--format", "json"], standalone_mode=False
    )
    told = json.loads(done.stdout)
    assert [run["started"][11:13] for run in told["runs"]] == ["14", "13"]
    assert [(one["where"], one["since"][11:13]) for one in told["open"]] == [("a", "13")]
    assert done.return_value == Exit.FAILS


def test_the_report_says_what_changed_and_since_when(runs: tuple[Path, ...]) -> None:
    page = (runs[3] / "report.html").read_text(encoding="utf-8")
    assert f"Since <code>{runs[2].name}</code>" in page
    assert "open since 2026-01-01T14:00:00Z" in page
    assert "The last 4 runs" in page


def test_of_two_judgements_of_one_place_the_worse_one_counts(tmp_path: Path) -> None:
    run = a_run(0, a=Status.PASS)
    twice = [replace(row.finding, status=status, detail=status) for row in run.outcome.rows
             for status in (Status.FAIL, Status.PASS, Status.ERROR)]  # fmt: skip
    folder, _ = write(replace(run, outcome=decide(twice, Waivers(), frozenset())), tmp_path)
    assert read_past(folder).judged[fingerprint(twice[0])].status is Status.FAIL


def test_show_says_of_what_a_run_is_and_whether_somebody_signed(runs: tuple[Path, ...]) -> None:
    done = CliRunner().invoke(rampart, ["evidence", "show", str(runs[1])], standalone_mode=False)
    lines = done.stdout.splitlines()
    assert "commit   1" in lines
    assert "signed   not signed" in lines
    assert not [line for line in lines if line.startswith("account")]


def test_a_run_without_counts_neither_stops_the_next_one_nor_is_read(tmp_path: Path) -> None:
    touched, _ = write(a_run(0, a=Status.FAIL), tmp_path)
    manifest = json.loads((touched / "manifest.json").read_text(encoding="utf-8"))
    (touched / "manifest.json").write_text(json.dumps({**manifest, "counts": {}}), encoding="utf-8")
    sound, _ = write(a_run(1, a=Status.FAIL), tmp_path)
    assert read_past(sound).name == sound.name
    with pytest.raises(ConfigError, match="it was touched"):
        read_past(touched)
