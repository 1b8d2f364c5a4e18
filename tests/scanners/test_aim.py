"""`--stack` and `--export`: what is deployed is audited without a target that somebody wrote by hand."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from hardening.registry.reader import read_registry
from infra.pulumi_cli import NO_CLI
from infra.stack_target import stack_of
from scanners.intent.scan import DEADLINE
from tests.own_stack import ROOT, state_with

# What every audit would say without a credential, a gateway or a wish to attack.
NOBODY = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": ""}


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state of our stack `production`, as an engine would export it."""
    file = tmp_path_factory.mktemp("state") / "stack.json"
    text = state_with("production", read_registry(ROOT / "partners"))
    file.write_text(text.replace("::rampart::", "::ocpi-rampart::"), encoding="utf-8")
    return file


def rampart(*arguments: str, path: Path | None = None, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hardening.cli", *arguments]
    before = f"{path}{os.pathsep}" if path else ""
    environment = {**os.environ, **NOBODY, "PYTHONPATH": str(ROOT), "PATH": f"{before}/usr/bin:/bin"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=DEADLINE
    )


def cli(folder: Path, script: str) -> Path:
    """A program `pulumi` in `folder`: what ours does with the CLI's answers does not need the CLI."""
    file = folder / "pulumi"
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return folder


def test_an_exported_stack_is_held_against_its_own_project(state: Path) -> None:
    done = rampart("audit", "intent", "--export", str(state), "--format", "json")
    assert "of 'ocpi-rampart'" not in done.stderr
    assert json.loads(done.stdout)["findings"], done.stderr


def test_without_credentials_gateway_or_wish_to_attack_the_rest_is_judged_and_sealed(
    state: Path, tmp_path: Path
) -> None:
    done = rampart(
        "evidence",
        "build",
        "--export",
        str(state),
        "--scanners",
        "policy,drift,probe",
        "--output",
        str(tmp_path),
        "--waivers",
        str(ROOT / "waivers.yaml"),
    )
    assert "error: drift: no AWS credentials" in done.stderr
    assert "error: probe: nobody asked for forbidden calls to" in done.stderr
    assert done.returncode == 3, done.stdout + done.stderr
    [run] = [one for one in tmp_path.iterdir() if one.is_dir()]
    findings = json.loads((run / "findings.json").read_text())["findings"]
    told = {one["check"]: one["status"] for one in findings if one["control"] == "every-audit-completes"}
    assert (told["drift"], told["probe"]) == ("error", "error")
    assert (told["intent"], told["tls"]) == ("not-applicable", "not-applicable")
    assert sum(one["status"] == "pass" for one in findings) > 1000
    assert rampart("evidence", "verify", str(tmp_path)).returncode == 0


def test_the_state_of_another_project_is_one_line(state: Path, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: another\nruntime: python\n")
    done = rampart("audit", "intent", "--export", str(state), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{state}: of the project 'ocpi-rampart', not of 'another'" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_stack_than_the_named_one_is_one_line(state: Path) -> None:
    done = rampart("audit", "drift", "--export", str(state), "--stack", "test")
    assert done.returncode == 2
    assert "the stack 'production', not 'test'" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--stack", "nowhere"), "Pulumi.nowhere.yaml: no such file"),
        (("--stack", "test"), "the Pulumi CLI is not on PATH"),
        (("--stack", "stack.json"), "--stack is the name of a stack: a file goes with --export"),
        (("--export", "nowhere.json"), "nowhere.json: not a deployment"),
        (("--stack", "test", "--target", "target.json"), "give one of them"),
        (("--scanners", "nmap"), "--scanners nmap: expected some of policy,intent,tls,drift,probe"),
    ],
)
def test_what_cannot_be_meant_is_one_line_before_any_work(arguments: tuple[str, ...], said: str) -> None:
    done = rampart("audit", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_stack_is_exported_by_the_cli(state: Path, tmp_path: Path) -> None:
    folder = cli(tmp_path, f'[ "$1 $2 $3 $4" = "stack export --stack production" ] && cp {state} "$6"')
    done = rampart("audit", "policy", "--stack", "production", "--only", "alarms-*", path=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_the_cli_says_is_told(tmp_path: Path) -> None:
    folder = cli(tmp_path, 'echo "error: no stack named production found" >&2; exit 1')
    done = rampart("audit", "policy", "--stack", "production", path=folder)
    assert done.returncode == 2
    assert "Pulumi cannot export the stack 'production': no stack named production found" in done.stderr
    assert "hint: log in to its state backend first" in done.stderr


@pytest.mark.skipif(shutil.which("pulumi") is None, reason=NO_CLI)
def test_the_real_cli_exports_what_was_imported(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, project, found = tmp_path / "backend", tmp_path / "project", str(shutil.which("pulumi"))
    shutil.copytree(ROOT / "partners", project / "partners")
    for name in ("Pulumi.yaml", "Pulumi.production.yaml"):
        shutil.copy(ROOT / name, project)
    document = json.loads(state.read_text())
    document["deployment"].pop("secrets_providers")
    (project / "state.json").write_text(json.dumps(document))
    backend.mkdir()
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{backend}")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "test")
    for words in (("init", "production"), ("import", "--stack", "production", "--file", "state.json")):
        subprocess.run([found, "stack", *words, "--non-interactive"], cwd=project, check=True)
    only = ("--stack", "production", "--only", "alarms-*")
    done = rampart("audit", "policy", *only, path=Path(found).parent, cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_state_of_two_stacks_is_none(tmp_path: Path) -> None:
    urns = [f"urn:pulumi:{name}::ocpi-rampart::pulumi:pulumi:Stack::s" for name in ("a", "b")]
    file = tmp_path / "stack.json"
    file.write_text(json.dumps({"deployment": {"resources": [{"urn": urn} for urn in urns]}}))
    with pytest.raises(Exception, match="expected the state of one stack"):
        stack_of(file, "ocpi-rampart")
