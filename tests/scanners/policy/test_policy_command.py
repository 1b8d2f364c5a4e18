"""`rampart audit policy`: its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hardening.cli import Exit
from hardening.errors import ConfigError
from scanners.policy.command import policy


def export(tmp_path: Path, token: str, **inputs: Any) -> Path:
    file = tmp_path / "stack.json"
    urn = f"urn:pulumi:test::p::{token}::x"
    record = {"urn": urn, "type": token, "custom": True, "inputs": inputs}
    file.write_text(json.dumps({"version": 3, "deployment": {"resources": [record]}}))
    return file


def run(*arguments: str) -> Any:
    return CliRunner().invoke(policy, arguments, standalone_mode=False)


def test_a_rule_that_fails_gives_exit_1_and_a_baseline_accepts_what_is_known(tmp_path: Path) -> None:
    stack = str(export(tmp_path, "aws:sqs/queue:Queue", name="q"))
    known = str(tmp_path / "baseline.json")
    only = ("--export", stack, "--only", "aws-baseline", "--format", "json")
    assert run(*only, "--write-baseline", known).return_value == Exit.FAILS
    assert run(*only, "--baseline", known).return_value == Exit.HOLDS


def test_a_stack_without_aws_resources_gives_exit_3(tmp_path: Path) -> None:
    stack = str(export(tmp_path, "random:index/randomId:RandomId"))
    assert run("--export", stack, "--only", "aws-baseline").return_value == Exit.UNVERIFIED


@pytest.mark.parametrize("text", ["", '{"version": 3, "deploy', "[]", '{"format_version": "1.2"}'])
def test_a_file_that_is_no_stack_gives_one_clear_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "stack.json"
    file.write_text(text)
    raised = run("--export", str(file)).exception
    assert isinstance(raised, ConfigError)
    assert len(raised.problems) == 1


def test_the_coverage_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    stack, coverage = str(export(tmp_path, "aws:sqs/queue:Queue", name="q")), tmp_path / "coverage.json"
    run("--export", stack, "--coverage", str(coverage), "--only", "aws-baseline")
    assert json.loads(coverage.read_text())["resources"]["mapped"] == 1


def program(tmp_path: Path, text: str) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  small:name: q\n")
    (tmp_path / "__main__.py").write_text(text)
    return tmp_path


def test_a_program_is_judged_as_it_stands_with_the_line_of_each_resource(tmp_path: Path) -> None:
    folder = program(
        tmp_path,
        "import pulumi, pulumi_aws as aws\nname = pulumi.Config().require('name')\naws.sqs.Queue(name)\n",
    )
    result = run("--program", str(folder), "--only", "CKV_AWS_27", "--format", "json")
    (finding,) = json.loads(result.stdout)["findings"]
    assert (finding["status"], finding["source"]) == ("fail", "__main__.py:3")


def test_a_program_that_crashes_gives_one_line_without_its_message(tmp_path: Path) -> None:
    raised = run("--program", str(program(tmp_path, "raise ValueError('token 1234')"))).exception
    assert isinstance(raised, ConfigError)
    assert raised.problems == (f"{tmp_path}: the program failed: ValueError at __main__.py:1",)


def own(result: Any) -> set[str]:
    """The statuses of our own checks."""
    findings = json.loads(result.stdout)["findings"]
    return {finding["status"] for finding in findings if finding["control"] != "aws-baseline"}


def test_our_own_checks_are_asked_where_something_is_marked_or_on_request(tmp_path: Path) -> None:
    plain = str(export(tmp_path, "aws:cloudtrail/trail:Trail", isMultiRegionTrail=False))
    assert own(run("--export", plain, "--format", "json")) == {"not-applicable"}
    assert "fail" in own(run("--export", plain, "--format", "json", "--ocpi"))
    tags = {"rampart:environment": "test"}
    marked = str(export(tmp_path, "aws:cloudtrail/trail:Trail", isMultiRegionTrail=False, tags=tags))
    assert "fail" in own(run("--export", marked, "--format", "json"))


def test_waivers_of_another_project_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiver = "- {control: CKV_AWS_27, where: '*', reason: known, owner: me, expires: 2099-01-01}\n"
    (tmp_path / "waivers.yaml").write_text(waiver)
    stack = str(export(tmp_path, "aws:sqs/queue:Queue", name="q"))
    monkeypatch.chdir(tmp_path)
    only = ("--export", stack, "--only", "CKV_AWS_27")
    (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    assert run(*only).return_value == Exit.HOLDS
    (tmp_path / "Pulumi.yaml").write_text("name: another\nruntime: python\n")
    assert run(*only).return_value == Exit.FAILS
    assert run(*only, "--waivers", "waivers.yaml").return_value == Exit.HOLDS
