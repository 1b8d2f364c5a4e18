"""The action and the hooks: each step of the action is run as a runner would, but for what it installs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from hardening.cli import rampart
from hardening.errors import ConfigError
from hardening.registry.reader import read_registry
from scanners.report.summary import summary

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".github/actions/audit"
ACTION = YAML(typ="safe").load((FOLDER / "action.yml").read_text(encoding="utf-8"))
HOOKS = {hook["id"]: hook for hook in YAML(typ="safe").load((ROOT / ".pre-commit-hooks.yaml").read_text())}
PULL_REQUEST = {"event_name": "pull_request", "repository": "you/ocpi", "event.pull_request.number": "7"}
# It writes down what it is asked, and knows the comments in a file.
GH = """#!/usr/bin/env bash
printf "%s\\n" "$*" >> "$RUNNER_TEMP/gh"
case "$*" in *--jq*) cat "$RUNNER_TEMP/comments";; esac
"""


@dataclass
class Runner:
    """What GitHub's runner does with a composite action (GitHub Docs, "Metadata syntax")."""

    temp: Path
    inputs: Mapping[str, str]
    github: Mapping[str, str]
    outputs: dict[str, str] = field(default_factory=dict)
    used: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def run(self, rampart: str = "") -> int:
        """The exit code of the job: steps run in order until one fails. `rampart` may stand in for ours."""
        self._install()
        if rampart:
            (self.temp / "rampart/bin/rampart").write_text(f"#!/bin/sh\n{rampart}\n")
        for step in ACTION["runs"]["steps"]:
            if step["id"] == "install" or not self._wanted(step.get("if", "")):
                continue
            if "uses" in step:
                self.used[step["uses"]] = {key: self._filled(value) for key, value in step["with"].items()}
            elif code := self._shell(step):
                return code
        return 0

    def value(self, name: str) -> str:
        """What a name in an expression stands for."""
        kind, _, rest = name.partition(".")
        if kind == "inputs":
            return self.inputs.get(rest, ACTION["inputs"][rest].get("default", ""))
        return self.outputs.get(name, "") if kind == "steps" else self.github.get(rest, "")

    def _wanted(self, condition: str) -> bool:
        inner = condition.removeprefix("${{").removesuffix("}}").strip()
        pairs = [part.split(" == ") for part in inner.split(" && ")] if inner else []
        return all(self.value(name) == wanted.strip("'") for name, wanted in pairs)

    def _filled(self, text: str) -> str:
        return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: self.value(found[1]), text)

    def _install(self) -> None:
        """What the first step makes, from this very environment; the workflow `ci` installs it in earnest."""
        beside = self.temp / "rampart/bin"
        beside.mkdir(parents=True)
        for name in ("rampart", "python"):
            (beside / name).write_text(f'#!/bin/sh\nexec "{Path(sys.executable).parent / name}" "$@"\n')
            (beside / name).chmod(0o755)
        (self.temp / "gh-bin").mkdir()
        (self.temp / "gh-bin/gh").write_text(GH)
        (self.temp / "gh-bin/gh").chmod(0o755)

    def _shell(self, step: Mapping[str, Any]) -> int:
        told, script = self.temp / "output", self.temp / "script.sh"
        told.write_text("")
        assert "${{" not in step["run"]
        script.write_text(step["run"])
        given = {name: self._filled(value) for name, value in step.get("env", {}).items()}
        own = {"RUNNER_TEMP": self.temp, "GITHUB_OUTPUT": told, "GITHUB_STEP_SUMMARY": self.temp / "summary"}
        path = f"{self.temp / 'gh-bin'}:{os.environ['PATH']}"
        environment = {
            **os.environ,
            "PATH": path,
            **given,
            **{name: str(value) for name, value in own.items()},
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        done = subprocess.run(command, cwd=self.temp, env=environment, capture_output=True, check=False)
        for line in told.read_text().splitlines():
            name, _, value = line.partition("=")
            self.outputs[f"steps.{step['id']}.outputs.{name}"] = value
        return done.returncode


def test_a_fault_of_usage_uploads_nothing_and_no_argument_is_run(tmp_path: Path) -> None:
    (tmp_path / "comments").touch()
    arguments = "--export none.json; touch one $(touch two) `touch three` *"
    runner = Runner(tmp_path, {"arguments": arguments}, PULL_REQUEST)
    assert runner.run() == 2
    assert runner.used == {}
    assert "it could not begin" in (tmp_path / "summary").read_text()
    body = f"-F body=@{runner.outputs['steps.audit.outputs.folder']}/summary.md"
    asked, written = (tmp_path / "gh").read_text().splitlines()
    assert 'startswith("<!-- rampart audit policy -->")' in asked
    assert written == f"api --silent --method POST repos/you/ocpi/issues/7/comments {body}"
    assert not {"one", "two", "three"} & {file.name for file in tmp_path.iterdir()}


def test_the_comment_of_the_run_before_is_changed_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "comments").write_text("41\n42\n")
    runner = Runner(tmp_path, {"audit": "dirft", "arguments": ""}, PULL_REQUEST)
    assert runner.run() == 2
    asked, written = (tmp_path / "gh").read_text().splitlines()
    assert "<!-- rampart audit dirft -->" in asked
    assert written.startswith("api --silent --method PATCH repos/you/ocpi/issues/comments/41 -F body=@")
    folder = Path(runner.outputs["steps.audit.outputs.folder"])
    assert (folder / "summary.md").read_text().startswith("<!-- rampart audit dirft -->\n")


def test_a_crash_uploads_nothing_and_no_comment_is_left_that_says_what_was(tmp_path: Path) -> None:
    (tmp_path / "comments").write_text("41\n")
    runner = Runner(tmp_path, {"arguments": ""}, PULL_REQUEST)
    assert runner.run(rampart="exit 3") == 3
    assert runner.used == {}
    assert "could not be verified" in (tmp_path / "summary").read_text()
    assert "--method PATCH" in (tmp_path / "gh").read_text()
    steps = [step["id"] for step in ACTION["runs"]["steps"]]
    assert steps.index("comment") < steps.index("upload")


@pytest.mark.slow
def test_an_audit_that_fails_is_uploaded_told_and_fails_the_job(tmp_path: Path) -> None:
    arguments = f"--export {ROOT / 'examples/production.json'} --project {tmp_path}"
    runner = Runner(tmp_path, {"arguments": arguments, "comment": "false"}, PULL_REQUEST)
    assert runner.run() == 1
    [(name, told)] = runner.used.items()
    assert name.startswith("github/codeql-action/upload-sarif@")
    log = json.loads(Path(told["sarif_file"]).read_text(encoding="utf-8"))
    assert log["version"] == "2.1.0"
    assert log["runs"][0]["results"]
    assert told["category"] == "rampart-policy"
    assert "| fail | critical |" in (tmp_path / "summary").read_text()
    assert not (tmp_path / "gh").exists()


def row(status: str, severity: str, detail: str = "open to all", state: str = "open") -> dict[str, str]:
    return {
        "status": status,
        "severity": severity,
        "control": "c",
        "where": "w",
        "detail": detail,
        "state": state,
    }


def test_the_summary_has_the_worst_first_and_nothing_that_is_markup() -> None:
    rows = [row("error", "critical"), row("fail", "low"), row("fail", "high", "<img src=x> | [a](b) @you\n")]
    rows += [row("pass", "high"), row("fail", "critical", state="waived")]
    text = summary("policy", 1, {"counts": {"fail": 2, "error": 1, "pass": 0}, "findings": rows})
    lines = [line for line in text.splitlines() if line.startswith(("| fail", "| error"))]
    assert [line.split(" | ")[:2] for line in lines] == [
        ["| fail", "high"],
        ["| fail", "low"],
        ["| error", "critical"],
    ]
    assert "fail 2, error 1" in text
    assert not set("<>[@") & set(lines[0])
    assert lines[0].count("|") == 6


@pytest.mark.parametrize(
    ("code", "said"), [(3, "no pass"), (4, "no credentials"), (137, "nothing was verified")]
)
def test_the_summary_says_of_no_other_code_that_all_is_well(code: int, said: str) -> None:
    text = summary("drift", code, None)
    assert said in text
    assert "holds" not in text


def test_a_summary_of_many_says_how_many_more() -> None:
    text = summary("policy", 1, {"counts": {"fail": 31}, "findings": [row("fail", "low")] * 31})
    assert "and 1 more" in text


def hook(name: str, *files: str) -> object:
    """What comes of a hook's command: its exit code, or what it raised."""
    words = HOOKS[name]["entry"].split()[1:]
    result = CliRunner().invoke(rampart, [*words, *files], standalone_mode=False)
    return result.exception or result.return_value or 0


def test_the_hook_for_the_registry_passes_ours_and_refuses_a_broken_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = HOOKS["rampart-partner-check"]
    monkeypatch.chdir(ROOT)
    assert hook(one["id"]) == 0
    for partner in read_registry(ROOT / "partners"):
        assert re.search(one["files"], f"partners/{partner.name}.yaml")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "partners").mkdir()
    (tmp_path / "partners/a.yaml").write_text("name: b\n", encoding="utf-8")
    assert isinstance(hook(one["id"]), ConfigError)


def test_the_hook_for_messages_takes_the_files_that_changed(tmp_path: Path) -> None:
    file = tmp_path / "token.json"
    file.write_text('{"uid": 1}', encoding="utf-8")
    words = ("--version", "2.2.1", "--object", "Token")
    assert hook("rampart-validate", *words, str(file)) == 1


def test_the_document_names_inputs_and_hooks_that_exist() -> None:
    text = (ROOT / "docs/pipelines.md").read_text(encoding="utf-8")
    blocks = [YAML(typ="safe").load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    steps = [step for block in blocks for job in block.get("jobs", {}).values() for step in job["steps"]]
    ours = [step for step in steps if "actions/audit@" in step.get("uses", "")]
    assert len(ours) > 1
    for step in ours:
        assert set(step["with"]) <= set(ACTION["inputs"])
        assert {name for name, one in ACTION["inputs"].items() if one.get("required")} <= set(step["with"])
    hooks = [one["id"] for block in blocks for repo in block.get("repos", []) for one in repo["hooks"]]
    assert sorted(hooks) == sorted(HOOKS)
