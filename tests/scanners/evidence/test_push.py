"""A sealed run is sent as it is, to where nobody can delete it; its findings reach Security Hub once each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.validate import ParamValidator
from click.testing import CliRunner, Result

from hardening.checks import Finding, Status
from hardening.cli import Exit, rampart
from hardening.errors import CollectError, ConfigError
from scanners.evidence.bundle import write
from scanners.evidence.seal import digest_of
from scanners.outcome import decide
from scanners.waivers import Waivers
from tests.beds.aws_account import ACCOUNT, REGION, Account, emulated_account
from tests.scanners.evidence.test_history import a_run

LOCK = {
    "ObjectLockEnabled": "Enabled",
    "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}},
}
FINDINGS = (
    Finding("keys-rotate", "keys-rotate", Status.FAIL, "urn::a", "off"),
    Finding("keys-rotate", "keys-rotate", Status.PASS, "urn::a"),  # of one place: the failure counts
    Finding("flow-logs-on", "flow-logs-on", Status.ERROR, "urn::b", "unknown"),
    Finding("flow-logs-on", "flow-logs-on", Status.PASS, "urn::b"),  # nor is this one verified
    Finding("trail-complete", "trail-complete", Status.PASS, "urn::c" * 200),
    Finding("images-pinned", "images-pinned", Status.NOT_APPLICABLE, ""),
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the emulator's account."""
    run = replace(
        a_run(0),
        outcome=decide(FINDINGS, Waivers(), frozenset()),
        origin={"account": ACCOUNT, "region": REGION},
    )
    return write(run, tmp_path_factory.mktemp("evidence"))[0]


@pytest.fixture(scope="module")
def aws_account() -> Iterator[Account]:
    """One emulator for this file; it is emptied after each test."""
    with emulated_account() as account:
        yield account


@pytest.fixture
def at_emulator(aws_account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """The emulator as what boto3 asks of itself."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws_account.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "")
    yield aws_account
    aws_account.reset()


def push(run: Path, destination: str) -> Result:
    return CliRunner().invoke(
        rampart, ["evidence", "push", str(run), destination], standalone_mode=False, catch_exceptions=False
    )


def locked(account: Account) -> None:
    account.s3.create_bucket(
        Bucket="evidence",
        CreateBucketConfiguration={"LocationConstraint": REGION},
        ObjectLockEnabledForBucket=True,
    )
    account.s3.put_object_lock_configuration(Bucket="evidence", ObjectLockConfiguration=LOCK)


def test_every_finding_is_valid_by_security_hubs_model_and_the_numbers_are_the_same(built: Path) -> None:
    found: list[dict[str, Any]] = json.loads((built / "findings.asff.json").read_text(encoding="utf-8"))
    hub = boto3.Session("x", "x", region_name=REGION).client("securityhub")
    shape = hub.meta.service_model.operation_model("BatchImportFindings").input_shape
    assert ParamValidator().validate({"Findings": found}, shape).generate_report() == ""
    assert ParamValidator().validate({"Findings": [{"Id": "x"}]}, shape).has_errors()
    statuses = [one["Compliance"]["Status"] for one in found]
    assert sorted(statuses) == ["FAILED", "NOT_AVAILABLE", "NOT_AVAILABLE", "PASSED", "PASSED", "PASSED"]
    for one in found:
        assert len(one["Title"]) <= 256
        assert 0 < len(one["Description"]) <= 1024
        assert len(one["Compliance"]["RelatedRequirements"]) <= 32
        assert all(0 < len(resource["Id"]) <= 512 for resource in one["Resources"])


def test_a_run_lies_in_the_locked_bucket_byte_for_byte_and_is_never_written_over(
    at_emulator: Account, built: Path
) -> None:
    locked(at_emulator)
    assert push(built, "s3://evidence/runs").return_value == Exit.HOLDS
    names = {p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file()}
    listed = at_emulator.s3.list_objects_v2(Bucket="evidence")["Contents"]
    assert {one["Key"] for one in listed} == {f"runs/{built.name}/{name}" for name in names}
    body = at_emulator.s3.get_object(Bucket="evidence", Key=f"runs/{built.name}/manifest.json")["Body"].read()
    assert body == (built / "manifest.json").read_bytes()
    again = push(built, "s3://evidence/runs")
    assert again.return_value == Exit.HOLDS
    assert "0 files are new" in again.stderr
    assert digest_of(built) in again.stderr
    key = f"other/{built.name}/findings.json"
    at_emulator.s3.put_object(Bucket="evidence", Key=key, Body=b"{}", ChecksumAlgorithm="SHA256")
    differs = push(built, "s3://evidence/other")
    assert differs.return_value == Exit.FAILS
    assert differs.stdout == f"s3://evidence/{key} is there already, and is another\n"


def test_a_bucket_that_locks_nothing_or_is_not_there_gets_nothing(at_emulator: Account, built: Path) -> None:
    at_emulator.s3.create_bucket(Bucket="open", CreateBucketConfiguration={"LocationConstraint": REGION})
    with pytest.raises(ConfigError, match="no Object Lock"):
        push(built, "s3://open")
    assert "Contents" not in at_emulator.s3.list_objects_v2(Bucket="open")
    with pytest.raises(CollectError, match="NoSuchBucket"):
        push(built, "s3://nowhere")


def test_security_hub_has_one_finding_a_place_and_the_worst_counts(at_emulator: Account, built: Path) -> None:
    at_emulator.securityhub.enable_security_hub()
    assert push(built, "security-hub").return_value == Exit.HOLDS
    found = at_emulator.securityhub.get_findings()["Findings"]
    assert sorted(one["Compliance"]["Status"] for one in found) == [
        "FAILED", "NOT_AVAILABLE", "NOT_AVAILABLE", "PASSED",
    ]  # fmt: skip


def test_a_touched_run_and_one_of_nobody_are_not_sent(tmp_path: Path) -> None:
    nobody, _ = write(a_run(0, a=Status.PASS), tmp_path)
    with pytest.raises(ConfigError, match="names no account"):
        push(nobody, "security-hub")
    known, _ = write(replace(a_run(1), origin={"account": ACCOUNT, "region": REGION}), tmp_path)
    (known / "findings.csv").write_text("", encoding="utf-8")
    done = push(known, "s3://evidence")
    assert done.return_value == Exit.FAILS
    assert "findings.csv" in done.stdout
    with pytest.raises(ConfigError, match="expected s3://BUCKET"):
        push(known, "s3://")
