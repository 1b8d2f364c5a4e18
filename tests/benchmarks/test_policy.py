"""Our policy scan against checkov's command line on the same plan: wall time and memory, in one run.

    uv run pytest tests/benchmarks/test_policy.py -s

The figures are the best of three runs: other work on the machine only ever adds time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scanners.policy.checkov.job import Job
from scanners.policy.plan import plan_of
from scanners.policy.stack_file import read_stack

RUNS = 3
URN = "urn:pulumi:bench::bench::"
ASSUME = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of wall time, and the largest process in MB."""

    seconds: float
    megabytes: float

    def __str__(self) -> str:
        return f"{self.seconds:6.2f} s {self.megabytes:6.0f} MB"


def records(number: int) -> list[dict[str, Any]]:
    """One bucket, network, role and database of many: ten resources, with their references."""
    bucket, vpc, role = f"bucket-{number}", f"vpc-{number:017x}", f"role-{number}"
    in_bucket = {"bucket": [f"{URN}aws:s3/bucket:Bucket::{bucket}"]}
    in_vpc = {"vpcId": [f"{URN}aws:ec2/vpc:Vpc::{vpc}"]}
    rule = {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]}
    policy = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    closed = {"blockPublicAcls": True, "blockPublicPolicy": True, "ignorePublicAcls": True}
    made = [
        ("s3/bucket:Bucket", bucket, {"bucket": bucket, "tags": {"number": str(number)}}, {}),
        ("s3/bucketVersioning:BucketVersioning", bucket, {"bucket": bucket}, in_bucket),
        (
            "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            bucket,
            {"bucket": bucket, **closed},
            in_bucket,
        ),
        ("ec2/vpc:Vpc", vpc, {"cidrBlock": "10.0.0.0/16"}, {}),
        ("ec2/subnet:Subnet", f"subnet-{number:017x}", {"vpcId": vpc, "cidrBlock": "10.0.1.0/24"}, in_vpc),
        ("ec2/securityGroup:SecurityGroup", f"sg-{number:017x}", {"vpcId": vpc, "ingress": [rule]}, in_vpc),
        ("iam/role:Role", role, {"assumeRolePolicy": json.dumps({"Statement": [ASSUME]})}, {}),
        ("iam/rolePolicy:RolePolicy", f"{role}:p", {"role": role, "policy": json.dumps(policy)}, {}),
        ("cloudwatch/logGroup:LogGroup", f"/log/{number}", {"retentionInDays": 30}, {}),
        ("rds/instance:Instance", f"db-{number}", {"engine": "postgres", "storageEncrypted": True}, {}),
    ]
    return [
        {
            "urn": f"{URN}aws:{token}::{identity}",
            "type": f"aws:{token}",
            "custom": True,
            "id": identity,
            "inputs": inputs,
            "outputs": inputs,
            "propertyDependencies": dependencies,
        }
        for token, identity, inputs, dependencies in made
    ]


def stack_of(count: int, file: Path, changed: str = "") -> Path:
    resources = [record for number in range(count // 10) for record in records(number)]
    if changed:
        resources[0]["inputs"]["tags"]["changed"] = changed
    file.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    return file


def measured(command: Sequence[str], output: Path) -> Measured:
    """The best of some runs. The exit code is not looked at: failing rules are expected."""
    best = Measured(float("inf"), 0.0)
    for _ in range(RUNS):
        begin = time.perf_counter()
        with output.open("wb") as stdout:
            process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL)
            _, _, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begin
        best = min(best, Measured(seconds, usage.ru_maxrss / 1024), key=lambda m: m.seconds)
    return best


@pytest.mark.parametrize(("count", "share"), [(100, 1.0), (2000, 0.6)])
def test_ours_is_no_slower_than_checkovs_command_line(count: int, share: float, tmp_path: Path) -> None:
    scripts = sysconfig.get_path("scripts")
    stack = stack_of(count, tmp_path / "stack.json")
    plan = plan_of(read_stack(stack))
    plan_file, job_file = tmp_path / "plan.json", tmp_path / "job.json"
    plan_file.write_bytes(msgspec.json.encode(plan.document()))
    job_file.write_bytes(msgspec.json.encode(Job(plan.document(), {})))
    child = [
        sys.executable,
        "-P",
        "-m",
        "scanners.policy.checkov.run",
        str(job_file),
        str(tmp_path / "result.json"),
    ]
    whole = [f"{scripts}/rampart", "audit", "policy", "--export", str(stack), "--format", "json"]
    theirs = [f"{scripts}/checkov", "-f", str(plan_file), "--framework", "terraform_plan", "--skip-download"]
    command_line = measured([*theirs, "-o", "json"], tmp_path / "theirs.json")
    on_plan = measured(child, tmp_path / "child.txt")
    (tmp_path / "waivers.yaml").write_text("[]\n")
    all_of_it = measured([*whole, "--waivers", str(tmp_path / "waivers.yaml")], tmp_path / "ours.json")
    print(f"\n{count} resources: checkov's command line {command_line}")
    print(f"{count} resources: ours on the same plan   {on_plan}")
    print(f"{count} resources: rampart audit policy    {all_of_it} (reads, converts, own checks, report)")
    assert json.loads((tmp_path / "ours.json").read_text())["findings"]
    assert on_plan.seconds <= command_line.seconds * share
    assert all_of_it.seconds <= command_line.seconds * share


def test_a_run_after_one_resource_changed_takes_less_than_three_seconds(tmp_path: Path) -> None:
    rampart = f"{sysconfig.get_path('scripts')}/rampart"
    for changed in ("", "x"):
        stack = stack_of(2000, tmp_path / "stack.json", changed)
        command = [rampart, "audit", "policy", "--export", str(stack), "--format", "json"]
        again = measured([*command, "--waivers", os.devnull], tmp_path / "out.json")
    print(f"\n2000 resources, one changed: {again}")
    assert again.seconds < 3.0
