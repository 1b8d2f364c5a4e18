"""`rampart audit intent` as a user runs it: against a target, with and without the program at hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from hardening.checks import Finding, Status
from hardening.errors import CollectError
from hardening.registry.reader import read_registry
from scanners.intent.compare import compare
from scanners.intent.scan import judge, read_intended
from scanners.outcome import decide
from scanners.policy.stack_file import read_stack
from scanners.report.chain import chain, sentence
from scanners.run import _left_out
from scanners.target import Scan, Target
from scanners.waivers import Waivers
from tests.own_stack import ROOT, state_with

# Bounds for any machine; what it takes is printed.
SECONDS, MEGABYTES = 60, 500
PARTNERS = 200

# Runs `infra.intended` and says on stderr how many megabytes and seconds of the processor it took.
# VmHWM, because ru_maxrss begins at what the parent had: the kernel carries it over the exec.
MEASURED = """
import pathlib, re, resource, runpy, sys
try:
    runpy.run_module("infra.intended", run_name="__main__", alter_sys=True)
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    peak = re.search("VmHWM:\\\\s+(\\\\d+)", pathlib.Path("/proc/self/status").read_text())
    print(int(peak[1]) // 1024, used.ru_utime + used.ru_stime, file=sys.stderr)
"""


def target(folder: Path, project: str) -> Target:
    return Target(
        name="test",
        stack_file=str(folder / "stack.json"),
        region="eu-central-1",
        aws_endpoint="http://127.0.0.1:9",
        project=project,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("audit")
    (found / "stack.json").write_text(state_with("test", read_registry(ROOT / "partners")))
    return found


def rampart(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hardening.cli", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_the_untouched_stack_holds_and_the_weakened_one_fails(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "target.json").write_text(json.dumps(asdict(target(folder, str(ROOT)))))
    done = rampart("audit", "intent", "--target", "target.json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    state = json.loads((folder / "stack.json").read_text())
    for resource in state["deployment"]["resources"]:
        if resource["type"] == "aws:cloudtrail/trail:Trail":
            resource["inputs"]["enableLogging"] = False
    (tmp_path / "stack.json").write_text(json.dumps(state))
    (tmp_path / "target.json").write_text(json.dumps(asdict(target(tmp_path, str(ROOT)))))
    done = rampart("audit", "intent", "--target", "target.json", cwd=tmp_path)
    assert done.returncode == 1
    assert "#enableLogging: changed: intended true, declared false" in done.stdout


@pytest.mark.parametrize("project", ["", "no-such-folder"])
def test_a_program_that_is_not_at_hand_is_an_error(folder: Path, project: str) -> None:
    with pytest.raises(CollectError, match="not at hand") as raised:
        read_intended(target(folder, project))
    assert "--without intent" in raised.value.hint


def test_a_program_that_does_not_run_is_an_error_with_its_reason(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "partners").mkdir()
    with pytest.raises(CollectError, match=r"Pulumi\.test\.yaml: no such file"):
        read_intended(target(folder, str(tmp_path)))


def test_a_program_that_is_another_project_is_an_error(folder: Path) -> None:
    deployed = Target(name="t", stack_file=str(folder / "stack.json"), region="", project=str(ROOT))
    with pytest.raises(CollectError, match="is of 'rampart'"):
        read_intended(deployed)


def test_what_is_left_out_is_said_and_is_no_pass(capsys: pytest.CaptureFixture[str]) -> None:
    held = Finding("exposure-as-declared", "exposure-as-declared", Status.PASS, "urn")
    broken = Finding("no-plaintext", "no-plaintext", Status.FAIL, "host:443")
    gap = Finding("every-audit-completes", "probe", Status.ERROR, "probe")
    scans = {
        "intent": _left_out("intent", "--without intent"),
        "drift": Scan((held,)),
        "tls": Scan((broken,)),
        "probe": Scan((gap,)),
    }
    assert "left out" in capsys.readouterr().err
    findings = [f for one in scans.values() for f in one.findings]
    links = chain(scans, decide(findings, Waivers(), frozenset()))
    assert sentence(links) == "intent left out, drift holds, tls broken, probe not verified"


@pytest.mark.slow
def test_two_and_a_half_thousand_resources_take_under_a_minute_and_500_megabytes(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "partners").mkdir(parents=True)
    (project / "Pulumi.test.yaml").write_bytes((ROOT / "Pulumi.test.yaml").read_bytes())
    text = (ROOT / "partners/example-cpo.yaml").read_text()
    for number in range(PARTNERS):
        letters = f"{chr(65 + number // 26)}{chr(65 + number % 26)}"
        own = text.replace("example-cpo", f"cpo-{number}").replace("CPX", f"X{letters}")
        own = own.replace("ocpi.cpo.example", f"ocpi{number}.cpo.example")
        own = own.replace("198.51.100.16/28", f"198.51.{number}.16/28")
        (project / "partners" / f"cpo-{number}.yaml").write_text(own)
    (tmp_path / "stack.json").write_text(state_with("test", read_registry(project / "partners")))
    declared = read_stack(tmp_path / "stack.json")
    command = [
        sys.executable,
        "-c",
        MEASURED,
        str(project),
        "--declared",
        str(tmp_path / "stack.json"),
        "--lab",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    megabytes, seconds = map(float, done.stderr.splitlines()[-1].split())
    (tmp_path / "intended.json").write_text(done.stdout)
    started = time.process_time()
    intent = compare(read_stack(tmp_path / "intended.json"), declared)
    seconds += time.process_time() - started
    assert {f.status for f in judge(intent, declared)} == {Status.PASS, Status.NOT_APPLICABLE}
    assert len(declared.resources) >= 2500
    assert seconds < SECONDS
    assert megabytes < MEGABYTES
    print(f"{len(declared.resources)} resources: {seconds:.1f} s, {megabytes:.0f} MB")
