"""The walkthrough in docs/drift-walkthrough.md does what it says, command by command."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from scanners.drift.scan import scan
from scanners.policy.stack_file import read_stack
from scanners.target import Target
from tests.beds.lab import DeployedLab, rampart

ROOT = Path(__file__).resolve().parents[3]
GUIDE = ROOT / "docs" / "drift-walkthrough.md"
FENCED = re.compile(r"^```(\w+)( fails)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_the_drift_walkthrough_does_what_it_says(lab: DeployedLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB", str(lab.folder))
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    python: dict[str, Any] = {}
    said = ""
    blocks = FENCED.findall(GUIDE.read_text(encoding="utf-8"))
    assert [kind for kind, _, _ in blocks] == ["sh", "python", "sh", "text", "python", "sh"]
    for kind, fails, text in blocks:
        if kind == "sh":
            said = run(text, 1 if fails else 0)
        elif kind == "python":
            exec(compile(text, str(GUIDE), "exec"), python)  # noqa: S102  (our own documentation)
        elif kind == "text":
            assert_listed(text.splitlines(), said.splitlines())


def run(commands: str, code: int) -> str:
    """Run a block's `rampart` commands; `LAB` is the lab of this test session."""
    output = ""
    for command in commands.splitlines():
        words = [os.path.expandvars(word) for word in shlex.split(command)]
        if words[0] == "export":
            continue
        assert words[0] == "rampart"
        done = rampart(*words[1:])
        assert done.returncode == code, done.stdout + done.stderr
        output += done.stdout
    return output


def assert_listed(expected: list[str], lines: list[str]) -> None:
    """Each expected line is there, and no other failure; `…` stands for anything."""
    failures = [line for line in lines if line.startswith("fail")]
    patterns = [".*".join(re.escape(part.strip()) for part in line.split("…")) for line in expected]
    assert len(failures) == len(patterns), failures
    for pattern in patterns:
        assert any(re.search(pattern, line) for line in failures), (pattern, failures)


def test_nothing_has_drifted_right_after_the_lab_came_up(lab: DeployedLab) -> None:
    target = Target.read(lab.target)
    scanned = scan(target, read_stack(target.stack_file))
    assert {finding.status.value for finding in scanned.findings} == {"pass"}
    drift = json.loads(scanned.subjects["drift.json"])
    assert sum(len(each["properties"]) for each in drift["compared"]) > 1500
    unread = [each["type"] for each in drift["not_compared"] if "no reader for this type" in each["reason"]]
    assert unread == []


def test_a_declared_secret_that_is_deleted_is_missed(lab: DeployedLab) -> None:
    secrets = lab.clients.get("secretsmanager")
    arn = next(r["id"] for r in lab.resources if r["type"] == "aws:secretsmanager/secret:Secret")
    target = Target.read(lab.target)
    secrets.delete_secret(SecretId=arn, RecoveryWindowInDays=7)
    try:
        failing = [
            f for f in scan(target, read_stack(target.stack_file)).findings if f.status.value == "fail"
        ]
    finally:
        secrets.restore_secret(SecretId=arn)
    assert [f.control for f in failing] == ["nothing-deleted"]
    assert arn in failing[0].detail
