"""What people did is judged by its last day, sealed with the run, and listed when it is due anew."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from hardening.checks import Status
from hardening.cli import rampart
from hardening.controls import CONTROLS, Layer
from hardening.errors import ConfigError
from scanners.attachments.checks import LONGEST
from scanners.attachments.reader import LIST, read_attachments
from scanners.attachments.scan import scan
from scanners.due.sources import of_attachments
from scanners.evidence.bundle import Run, write
from scanners.evidence.seal import faults
from scanners.outcome import Outcome
from scanners.target import Target
from tests.own_stack import ROOT

TODAY = date(2026, 11, 29)
REVIEW = {
    "file": "review.pdf",
    "control": "access-reviewed",
    "owner": "security lead",
    "done": date(2026, 11, 20),
    "until": date(2026, 11, 30),
}


def folder_of(tmp_path: Path, *entries: object, content: bytes = b"%PDF \xff") -> Path:
    for one in entries:
        if isinstance(one, dict) and re.fullmatch(r"[\w.-]+", str(one.get("file"))):
            tmp_path.joinpath(str(one["file"])).write_bytes(content)
    tmp_path.joinpath(LIST).write_text(yaml.safe_dump(list(entries)), encoding="utf-8")
    return tmp_path


def test_each_control_that_people_keep_can_have_an_attachment() -> None:
    """Those of operations and privacy, but an audit that could not look: it is run again."""
    kept = {
        slug
        for slug, control in CONTROLS.items()
        if control.manual and control.layer in (Layer.OPERATIONS, Layer.PRIVACY)
    }
    assert set(LONGEST) == kept - {"every-audit-completes"}


def test_the_document_has_the_same_controls_and_days() -> None:
    text = (ROOT / "docs/evidence.md").read_text(encoding="utf-8")
    told = text.split("<!-- longest -->")[1].split("<!-- /longest -->")[0]
    assert {name: int(days) for name, days in re.findall(r"`([a-z-]+)` (\d+)", told)} == LONGEST


@pytest.mark.parametrize(
    ("today", "status"),
    [(date(2026, 11, 30), Status.PASS), (date(2026, 12, 1), Status.FAIL), (date(2026, 11, 19), Status.FAIL)],
)
def test_an_attachment_counts_from_its_day_to_its_last(tmp_path: Path, today: date, status: Status) -> None:
    found, _ = scan(folder_of(tmp_path, REVIEW), today)
    worst = {one.status for one in found.findings}
    assert {one.control for one in found.findings} == {"access-reviewed"}
    assert (Status.FAIL in worst) == (status is Status.FAIL)
    assert worst <= {Status.PASS, status}


def test_an_older_one_is_history(tmp_path: Path) -> None:
    older = {**REVIEW, "file": "older.pdf", "done": date(2026, 1, 1), "until": date(2026, 2, 1)}
    found, files = scan(folder_of(tmp_path, older, REVIEW), TODAY)
    assert {one.status for one in found.findings} == {Status.PASS}
    assert set(files) == {"older.pdf", "review.pdf"}


def test_the_files_are_sealed_as_they_are_and_a_touched_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    found, files = scan(folder_of(tmp_path / "there", REVIEW), TODAY)
    at = datetime(2026, 11, 29, tzinfo=UTC)
    target = Target(name="lab", stack_file="stack.json", region="eu-central-1")
    run = Run(target, {"attachments": found}, Outcome(()), at, at, files)
    folder, _ = write(run, tmp_path / "evidence")
    sealed = folder / "attachments/review.pdf"
    assert sealed.read_bytes() == b"%PDF \xff"
    assert '"until": "2026-11-30"' in (folder / "subjects/attachments/attachments.json").read_text()
    assert list(faults(folder)) == []
    sealed.write_bytes(b"%PDF \xfe")
    [fault] = faults(folder)
    assert (fault.file, fault.problem) == ("attachments/review.pdf", "was touched at byte 5")


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("text", "expected a mapping"),
        ({**REVIEW, "owner": ""}, "owner missing"),
        ({**REVIEW, "note": "x"}, "unknown key note"),
        ({**REVIEW, "owner": 7}, "owner: expected text"),
        ({**REVIEW, "done": "yesterday"}, "done: expected a date"),
        ({**REVIEW, "until": datetime(2026, 12, 1, 12, 0)}, "until: expected a date"),
        ({**REVIEW, "until": date(2026, 11, 1)}, "until: expected a day after"),
        ({**REVIEW, "control": "keys-rotate"}, "control: expected one of access-reviewed"),
        ({**REVIEW, "file": "../waivers.yaml"}, "file: expected the name of a file in this folder"),
        ({**REVIEW, "file": LIST}, "file: expected the name of a file in this folder"),
    ],
)
def test_a_faulty_entry_is_a_line_with_its_place(tmp_path: Path, entry: object, why: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_attachments(folder_of(tmp_path, entry))
    [line] = raised.value.problems
    assert why in line
    assert f"{LIST}:1: attachment 1" in line


def test_a_file_twice_a_missing_one_a_link_and_a_key_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        read_attachments(folder_of(tmp_path, REVIEW, REVIEW))
    assert "is listed twice" in raised.value.problems[0]
    key = b"-----BEGIN EC PRIVATE KEY-----\n"
    with pytest.raises(ConfigError, match="holds a private key"):
        scan(folder_of(tmp_path, REVIEW, content=b"notes\n" + key), TODAY)
    file = tmp_path / "review.pdf"
    file.unlink()
    with pytest.raises(ConfigError, match="expected a file"):
        scan(tmp_path, TODAY)
    file.symlink_to(ROOT / "README.md")
    with pytest.raises(ConfigError, match="expected a file"):
        scan(tmp_path, TODAY)


def test_the_calendar_has_the_newest_of_each_control(tmp_path: Path) -> None:
    older = {**REVIEW, "file": "older.pdf", "done": date(2026, 1, 1), "until": date(2026, 2, 1)}
    [one] = of_attachments(folder_of(tmp_path, older, REVIEW))
    assert one.at == datetime(2026, 12, 1, tzinfo=UTC)
    assert (one.kind, one.of) == ("attachment", "access-reviewed: review.pdf")


def test_due_lists_it_and_says_where_nothing_is_attached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "waivers.yaml").write_text("[]\n", encoding="utf-8")
    done = CliRunner().invoke(rampart, ["due"], standalone_mode=False)
    assert "not asked: reviews, drills and tests" in done.stderr
    (tmp_path / "attachments").mkdir()
    folder_of(tmp_path / "attachments", {**REVIEW, "done": date(2020, 1, 1), "until": date(2020, 1, 31)})
    done = CliRunner().invoke(rampart, ["due"], standalone_mode=False)
    assert done.stdout.startswith("overdue  2020-02-01 00:00Z  attachment")
    assert "reviews, drills and tests" not in done.stderr


def test_evidence_with_a_folder_that_has_no_list_is_one_line(tmp_path: Path) -> None:
    target = tmp_path / "target.json"
    target.write_text('{"name": "p", "stack_file": "s", "region": "eu-central-1"}', encoding="utf-8")
    words = ["evidence", "build", "--target", str(target), "--attachments", str(tmp_path)]
    done = CliRunner().invoke(rampart, words)
    assert isinstance(done.exception, ConfigError)
    assert "attachments.yaml: no such file" in done.exception.message
