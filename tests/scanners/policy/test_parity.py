"""The same rule says the same of a Pulumi stack as of equivalent Terraform.

Each folder of `parity/` holds one Pulumi program and the same in Terraform. The program is run in
process, its stack converted and judged; checkov's command line judges the Terraform.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scanners.policy.checkov.job import Job, Verdicts
from scanners.policy.parity import compare, decided, terraform_verdicts
from scanners.policy.plan import plan_of
from tests.scanners.policy.recorded import recorded

PARITY = Path(__file__).parent / "parity"
PROGRAMS = sorted(PARITY.glob("*/program.py"))

# A plan has no `lifecycle` block: checkov leaves these rules out of every plan, and Pulumi creates a
# replacement before it deletes, unless told otherwise.
LIFECYCLE = {"CKV_AWS_217", "CKV_AWS_233", "CKV_AWS_237"}
EXPLAINED = {
    # A stack knows the attached policy's ARN, where Terraform code only has a reference.
    ("CKV2_AWS_56", "aws_iam_role_policy_attachment.read"),
}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verdicts]:
    jobs, results = tmp_path_factory.mktemp("jobs"), tmp_path_factory.mktemp("results")
    stacks = tmp_path_factory.mktemp("stacks")
    for program in PROGRAMS:
        plan = plan_of(recorded(program, stacks))
        assert not any(r.unmapped for r in plan.resources), program
        job = Job(plan.document(), {r.address: list(r.unknown) for r in plan.resources if r.unknown})
        (jobs / f"{program.parent.name}.json").write_bytes(msgspec.json.encode(job))
    subprocess.run(
        [sys.executable, "-m", "tests.scanners.policy.judge_all", str(jobs), str(results)],
        check=True,
        cwd=Path(__file__).parents[3],
        timeout=200,
    )
    return {f.stem: msgspec.json.decode(f.read_bytes(), type=Verdicts) for f in results.glob("*.json")}


@pytest.mark.slow
def test_the_same_rule_gives_the_same_verdict_but_for_what_is_explained(ours: dict[str, Verdicts]) -> None:
    theirs = terraform_verdicts(PARITY)
    assert len(ours) == len(PROGRAMS) >= 25
    assert set(theirs) == set(ours)
    same = 0
    different: list[Any] = []
    for name, verdicts in ours.items():
        result = compare(decided(verdicts), theirs[name])
        same += result.same
        different += result.different
    unexplained = [d for d in different if d[0] not in LIFECYCLE and d[:2] not in EXPLAINED]
    assert unexplained == []
    assert same / (same + len(different)) >= 0.98
    assert same > 650


@pytest.mark.slow
def test_the_stacks_are_both_good_and_weak(ours: dict[str, Verdicts]) -> None:
    said = {status for verdicts in ours.values() for status in decided(verdicts).values()}
    failing = sum("failed" in decided(verdicts).values() for verdicts in ours.values())
    assert said == {"passed", "failed"}
    assert failing >= 20


@pytest.mark.slow
def test_what_fails_because_of_a_document_fails_here_too(ours: dict[str, Verdicts]) -> None:
    found = decided(ours["documents"])
    for rule, address in {
        ("CKV_AWS_168", "aws_sqs_queue.open"),
        ("CKV_AWS_70", "aws_s3_bucket.open"),
        ("CKV_AWS_93", "aws_s3_bucket.open"),
        ("CKV_AWS_257", "aws_codecommit_approval_rule_template.one"),
        ("CKV_AWS_349", "aws_emr_security_configuration.clear"),
        ("CKV_AWS_350", "aws_emr_security_configuration.clear"),
        ("CKV_AWS_351", "aws_emr_security_configuration.clear"),
        ("CKV2_AWS_70", "aws_api_gateway_method.open"),
        ("CKV2_AWS_70", "aws_api_gateway_method.apart"),
        ("CKV_AWS_167", "aws_glacier_vault.open"),
        ("CKV_AWS_113", "aws_ssm_document.clear"),
        ("CKV_AWS_210", "aws_batch_job_definition.privileged"),
    }:
        assert found.get((rule, address)) == "failed", (rule, address)


def test_two_verdicts_that_differ_are_seen() -> None:
    result = compare({("R", "a"): "passed", ("R", "b"): "failed"}, {("R", "a"): "failed"})
    assert result.different == (("R", "a", "passed", "failed"), ("R", "b", "failed", "none"))
    assert result.share == 0.0
