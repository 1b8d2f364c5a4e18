"""Pulumi's own CLI deploys the same program to the emulator: preview, up, refresh, a change, destroy.

Each test goes on where the one before it ended.
"""

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hardening.cli import Exit
from infra.lab.certificates import make_certificates
from infra.lab.emulator import start_emulator
from infra.lab.plan import plan
from infra.lab.processes import Children
from infra.lab.provisioning import begin_by_pulumi
from infra.pulumi_cli import NO_CLI
from tests.beds.lab import ROOT, survivors

# It takes minutes, and only where the CLI is installed.
PATIENCE = 1500
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(PATIENCE),
    pytest.mark.skipif(shutil.which("pulumi") is None, reason=NO_CLI),
]
# What a partner's network is in: the firewall's set, the API's policy, and the registry that all gates serve.
CHANGED = {
    "aws:wafv2/ipSet:IpSet": "update",
    "aws:s3/bucketObjectv2:BucketObjectv2": "update",
    "aws:lambda/function:Function": "update",
    "aws:apigateway/restApi:RestApi": "update",
    "aws:apigateway/deployment:Deployment": "replace",
    "aws:apigateway/stage:Stage": "update",
    "aws:ecs/taskDefinition:TaskDefinition": "replace",
    "aws:ecs/service:Service": "update",
}
# A bucket with objects is not deleted: signed copies of code stay in it, as in AWS, and the lab's own copy of
# the registry in that of the registry.
NOT_EMPTY = "BucketNotEmpty"
FULL = ("aws:s3/bucket:Bucket::code", "aws:s3/bucket:Bucket::registry")


@dataclass(frozen=True)
class PulumiLab:
    """A lab that Pulumi's CLI made, of a copy of the example project."""

    folder: Path
    project: Path

    def rampart(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `rampart` in the project."""
        return subprocess.run(
            [sys.executable, "-m", "hardening.cli", *arguments],
            cwd=self.project,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `rampart lab pulumi`."""
        return self.rampart("lab", "pulumi", "--dir", str(self.folder), *arguments)

    def preview(self) -> list[tuple[str, str]]:
        """Operation and URN of each step that is not `same`."""
        done = self.pulumi("preview", "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        steps = json.loads(done.stdout)["steps"]
        return sorted((step["op"], step["urn"]) for step in steps if step["op"] != "same")

    def resources(self) -> list[dict[str, Any]]:
        """What the state holds."""
        document = json.loads((self.folder / "stack.json").read_text())
        found: list[dict[str, Any]] = document["deployment"].get("resources") or []
        return found

    def state(self) -> dict[str, tuple[Any, ...]]:
        """What tells of each resource that it was changed: its id, inputs and outputs.

        The outputs of a component follow those of its parts.
        """
        return {
            one["urn"]: (one["id"], uncovered(one["inputs"]), uncovered(one["outputs"]))
            for one in self.resources()
            if one["custom"]
        }


def uncovered(value: Any) -> Any:
    """The value without the ciphers of its secrets, which differ each time that the state is written, and
    without the members of archives, which a refresh leaves out: their digest tells.
    """
    if isinstance(value, dict):
        kept = value.keys() - {"ciphertext", "assets"}
        return {key: uncovered(item) for key, item in value.items() if key in kept}
    return [uncovered(item) for item in value] if isinstance(value, list) else value


def kind_of(urn: str) -> str:
    return urn.split("::")[-2].split("$")[-1]


def project_in(folder: Path) -> Path:
    folder.mkdir()
    shutil.copy(ROOT / "Pulumi.lab.yaml", folder)
    shutil.copytree(ROOT / "partners", folder / "partners")
    return folder


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PulumiLab]:
    home = tmp_path_factory.mktemp("pulumi")
    lab = PulumiLab(home / "lab", project_in(home / "project"))
    try:
        done = lab.rampart("lab", "up", "--engine", "--dir", str(lab.folder))
        assert done.returncode == 0, done.stderr
        yield lab
    finally:
        lab.rampart("lab", "down", "--dir", str(lab.folder))
        assert survivors(lab.folder) == []


def test_the_first_preview_creates_everything_and_nothing_else(tmp_path: Path) -> None:
    intended = plan(tmp_path / "lab", "lab", project_in(tmp_path / "project"), by_pulumi=True)
    intended.folder.path.mkdir()
    children = Children(intended.folder.path, die_with_parent=True)
    certificates = make_certificates(intended.folder.path, {"emulator": ("127.0.0.1",)})
    try:
        emulator = start_emulator(children, certificates)
        emulator.wait()
        begin_by_pulumi(intended, children, emulator)
        steps = json.loads(intended.pulumi.run(["preview", "--json"]))["steps"]
    finally:
        children.stop_all()
    assert Counter(step["op"] for step in steps).keys() == {"create"}
    assert len(steps) > 300


def test_the_lab_is_up_as_without_the_cli(lab: PulumiLab) -> None:
    status = json.loads(lab.rampart("lab", "status", "--dir", str(lab.folder)).stdout)
    assert status["state"] == "up"
    assert {"emulator", "provider", "envoy", "policy", "egress", "ocpi"} <= set(status["processes"])


def test_the_second_preview_finds_no_difference(lab: PulumiLab) -> None:
    assert lab.preview() == []


def test_a_refresh_finds_no_difference(lab: PulumiLab) -> None:
    done = lab.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("link", ["policy", "intent", "drift"])
def test_the_exported_state_holds_before_every_audit(lab: PulumiLab, link: str) -> None:
    assert_that_the_audit_holds(lab, link)


def assert_that_the_audit_holds(lab: PulumiLab, link: str) -> None:
    target = ["--target", str(lab.folder / "target.json")]
    done = lab.rampart("audit", link, *target, "--waivers", str(ROOT / "waivers.yaml"))
    assert done.returncode == Exit.HOLDS, done.stdout + done.stderr


def test_a_partners_network_changes_what_lets_it_in_and_what_serves_the_registry(lab: PulumiLab) -> None:
    file = lab.project / "partners/example-cpo.yaml"
    file.write_text(file.read_text().replace("198.51.100.16/28", "198.51.100.32/28"))
    steps = lab.preview()
    assert {kind_of(urn): operation for operation, urn in steps} == CHANGED
    before = lab.state()
    done = lab.pulumi("up", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout + done.stderr
    after = lab.state()
    assert before.keys() == after.keys()
    assert {urn for urn in after if after[urn] != before[urn]} == {urn for _, urn in steps}
    assert lab.preview() == []


@pytest.mark.parametrize("link", ["policy", "intent", "drift"])
def test_the_changed_stack_holds_before_every_audit(lab: PulumiLab, link: str) -> None:
    assert_that_the_audit_holds(lab, link)


def test_a_destroy_leaves_what_is_protected_and_says_what_it_cannot_delete(lab: PulumiLab) -> None:
    refused = lab.pulumi("destroy", "--yes", "--skip-preview", "--continue-on-error")
    assert refused.returncode != 0
    said = [line.strip() for line in refused.stdout.splitlines() if line.strip().startswith("error:")]
    blocked = [line for line in said if line != "error: update failed"]
    assert [line for line in blocked if "is protected" not in line and "cannot be deleted" not in line] == [
        line for line in blocked if NOT_EMPTY in line
    ]
    left = {one["urn"]: one for one in lab.resources() if one["custom"]}
    protected = {urn for urn in left if left[urn].get("protect")}
    full = {urn for urn in left if urn.endswith(FULL)}
    assert protected
    assert len(full) == len(FULL)
    assert left.keys() - needed_by(protected | full, left) == set()


def needed_by(urns: set[str], resources: dict[str, dict[str, Any]]) -> set[str]:
    """These, and all that they depend on."""
    found: set[str] = set()
    while urns:
        found |= urns
        urns = {
            needed
            for urn in urns
            for needed in (*resources[urn].get("dependencies", ()), resources[urn].get("provider", ""))
            if needed in resources
        } - found
    return found | {urn for urn in resources if "pulumi:providers:" in urn}
