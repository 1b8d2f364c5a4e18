"""The drift audit as a whole: what cannot be read is an error, and nothing secret is shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hardening.checks import Finding, Status
from hardening.errors import ConfigError, CredentialsError
from infra.lab.unsupported import UNLISTED
from scanners.drift.account import View
from scanners.drift.checks import PRINCIPALS
from scanners.drift.earlier import CONTROLS_OF_DRIFT
from scanners.drift.readers import READERS
from scanners.drift.scan import UNSUPPORTED_FILE, scan
from scanners.policy.stack import SECRET, UNKNOWN, Resource, Stack
from scanners.target import Scan, Target
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare, emulated_account, stack_of
from tests.scanners.drift import ecs_cases, lambda_functions_cases, ssm_cases
from tests.scanners.drift.case import allow
from tests.scanners.drift.cloudtrail_cases import trail_case
from tests.scanners.drift.kms_cases import key_case
from tests.scanners.drift.secrets_manager_cases import secret_case
from tests.scanners.drift.security_groups_cases import group_case, open_to_the_world
from tests.scanners.drift.vpc_cases import tag

SECRETIVE = "a-value-that-no-report-may-show"
ANYBODY = allow({"AWS": "*"}, "sts:AssumeRole")
# The emulator cannot list every type, which is an error of its own.
WITHOUT_UNMANAGED = ("--skip", "nothing-unmanaged")
BY_CONCERN = {"exposure-as-declared", "protection-as-declared", "settings-as-declared"}


@pytest.fixture(scope="module")
def server() -> Iterator[Account]:
    with emulated_account() as account:
        yield account


@pytest.fixture
def account(server: Account) -> Account:
    server.reset()
    return server


def small_stack(account: Account) -> Stack:
    group, network = group_case(account)
    return stack_of(group, network, *trail_case(account))


def found(scanned: Scan, status: Status) -> list[Finding]:
    return [finding for finding in scanned.findings if finding.status is status]


def test_an_account_as_declared_passes_and_keeps_what_was_read(account: Account, tmp_path: Path) -> None:
    stack = small_stack(account)
    scanned = scan(account.target(tmp_path), stack)
    failing = {finding.where for finding in found(scanned, Status.FAIL)}
    # The bucket of the trail is there, and this stack does not declare it.
    assert failing == {"aws:s3/bucket:Bucket rampart-drift-trails"}
    live = json.loads(scanned.subjects["live.json"])
    assert stack.resources[0].id in [each["key"] for each in live["live"]]
    assert len(json.loads(scanned.subjects["drift.json"])["presences"]) == len(stack.resources)


def test_severity_goes_by_what_hangs_on_the_property(account: Account, tmp_path: Path) -> None:
    stack = small_stack(account)
    group, trail = stack.resources[0], stack.resources[2]
    open_to_the_world(account, group)
    tag(account, group)
    account.cloudtrail.stop_logging(Name=trail.id)
    failing = {f.where: f.severity.value for f in found(scan(account.target(tmp_path), stack), Status.FAIL)}
    assert failing[f"{group.urn}#ingress"] == "critical"
    assert failing[f"{trail.urn}#enableLogging"] == "high"
    assert failing[f"{group.urn}#tags"] == "low"


def test_somebody_who_may_act_and_whom_nobody_declared_is_critical(account: Account, tmp_path: Path) -> None:
    """A bucket or a group that nobody declared is not: neither acts."""
    account.iam.create_user(UserName="mallory")
    account.iam.create_access_key(UserName="mallory")
    account.iam.create_role(
        RoleName="outside", AssumeRolePolicyDocument=allow({"AWS": "*"}, "sts:AssumeRole")
    )
    account.iam.create_group(GroupName="empty")
    scanned = scan(account.target(tmp_path), small_stack(account))
    failed = found(scanned, Status.FAIL)
    said = {f.where: (f.control, f.severity.value) for f in failed if f.control in CONTROLS_OF_DRIFT}
    critical, medium = ("no-undeclared-principals", "critical"), ("nothing-unmanaged", "medium")
    assert said == {
        "aws:iam/user:User mallory": critical,
        "aws:iam/role:Role outside": critical,
        "aws:iam/group:Group empty": medium,
        "aws:s3/bucket:Bucket rampart-drift-trails": medium,
    }
    assert any("1 active access keys" in f.detail for f in failed)
    # What they may do is judged too, as if the stack declared it.
    judged = {(f.control, f.where) for f in failed if f.control not in CONTROLS_OF_DRIFT}
    assert judged >= {
        ("no-standing-keys", "aws:iam/user:User mallory"),
        ("trust-names-principals", "aws:iam/role:Role outside#assumeRolePolicy"),
        ("storage-refuses-plaintext", "aws:s3/bucket:Bucket rampart-drift-trails"),
    }


def test_an_endpoint_that_is_gone_is_an_error_for_every_resource_and_type(tmp_path: Path) -> None:
    with emulated_account() as account:
        stack = small_stack(account)
        target = account.target(tmp_path)
    scanned = scan(target, stack)
    assert {finding.status for finding in scanned.findings} <= {Status.ERROR, Status.NOT_APPLICABLE}
    missing = {f.where for f in found(scanned, Status.ERROR) if f.control == "nothing-deleted"}
    assert missing == {resource.urn for resource in stack.resources}
    errors = {(f.control, f.where) for f in found(scanned, Status.ERROR)}
    types = {reader.type for reader in READERS} - set(UNLISTED)
    assert {where for control, where in errors if control == "no-undeclared-principals"} == PRINCIPALS
    assert {where for control, where in errors if control == "nothing-unmanaged"} == types - PRINCIPALS


def test_an_account_that_goes_away_in_the_middle_is_an_error_and_no_deletion(tmp_path: Path) -> None:
    with emulated_account() as account:
        stack = small_stack(account)
        scanned = scan(account.target(tmp_path), stack, lambda _, __: account.end())
    assert not [f for f in found(scanned, Status.FAIL) if f.control == "nothing-deleted"]
    assert found(scanned, Status.ERROR)


def test_denied_access_is_an_error_for_each_resource(account: Account, tmp_path: Path) -> None:
    stack = small_stack(account)
    try:
        account.allow_calls(1)  # the one that asks which account this is
        scanned = scan(account.target(tmp_path), stack)
    finally:
        account.allow_calls(10**9)
    assert not found(scanned, Status.FAIL)
    assert {f.where for f in found(scanned, Status.ERROR)} >= {resource.urn for resource in stack.resources}


def test_refused_credentials_are_said_to_be_so(account: Account, tmp_path: Path) -> None:
    stack = small_stack(account)
    try:
        account.allow_calls(0)
        with pytest.raises(CredentialsError, match="refuses"):
            scan(account.target(tmp_path), stack)
    finally:
        account.allow_calls(10**9)


def test_a_stack_of_another_account_is_not_held_against_this_one(account: Account, tmp_path: Path) -> None:
    topic = "arn:aws:sns:eu-central-1:999999999999:alarms"
    stack = stack_of(declare("aws:sns/topic:Topic", topic, {"name": "alarms"}, arn=topic))
    with pytest.raises(ConfigError, match=f"999999999999.*{ACCOUNT}"):
        scan(account.target(tmp_path), stack)


@pytest.mark.parametrize("case", ["function", "task definition"])
def test_environment_variables_are_compared_and_never_shown(
    account: Account, tmp_path: Path, case: str
) -> None:
    resources = {**lambda_functions_cases.CASES, **ecs_cases.CASES}[case].make(account)
    hidden = [resource for resource in resources if SECRETIVE in json.dumps(dict(resource.inputs))]
    changed = tuple(
        Resource(
            urn=resource.urn,
            type=resource.type,
            name=resource.name,
            id=resource.id,
            inputs=json.loads(json.dumps(dict(resource.inputs)).replace(SECRETIVE, "something-else")),
            outputs=resource.outputs,
        )
        for resource in hidden
    )
    scanned = scan(account.target(tmp_path), stack_of(*changed))
    named = {f.where.rsplit("#", 1)[-1] for f in found(scanned, Status.FAIL) if f.control in BY_CONCERN}
    assert named & {"environment", "containerDefinitions"}
    shown = "".join(scanned.subjects.values()) + "".join(finding.detail for finding in scanned.findings)
    assert SECRETIVE not in shown
    assert "something-else" not in shown


def test_the_value_of_a_secret_is_never_asked_for(account: Account, tmp_path: Path) -> None:
    stack = stack_of(*secret_case(account), *ssm_cases.CASES["parameter"].make(account)[:1])
    scanned = scan(account.target(tmp_path), stack)
    assert "token-that-no-report-may-show" not in "".join(scanned.subjects.values())
    with pytest.raises(ValueError, match="only reads settings"):
        account.view().ask("secretsmanager", "get_secret_value", SecretId="x")


@pytest.mark.parametrize("operation", ["delete_bucket", "put_bucket_policy", "create_bucket"])
def test_the_audit_cannot_write(account: Account, operation: str) -> None:
    with pytest.raises(ValueError, match="only reads settings"):
        account.view().ask("s3", operation, Bucket="x")


def test_what_was_not_compared_is_listed_and_does_not_pass(account: Account, tmp_path: Path) -> None:
    key = key_case(account)[0]
    inputs = {**key.inputs, "description": SECRET, "policy": {"Statement": [UNKNOWN]}, "xksKeyId": "x"}
    held = Resource(urn=key.urn, type=key.type, name=key.name, id=key.id, inputs=inputs)
    unread = declare("aws:neptune/cluster:Cluster", "graph", {})
    lost = declare("aws:sns/topic:Topic", "lab-1", {"name": "lost"})
    rows = [
        {"urn": key.urn, "type": key.type, "property": "enableKeyRotation", "reason": "no"},
        {"urn": lost.urn, "type": lost.type, "property": "", "reason": "no such API"},
    ]
    target = account.target(tmp_path)
    (tmp_path / UNSUPPORTED_FILE).write_text(json.dumps(rows))
    account.kms.disable_key_rotation(KeyId=key.id)
    scanned = scan(target, stack_of(held, unread, lost))
    rows = json.loads(scanned.subjects["drift.json"])["not_compared"]
    listed = {(row["urn"], row["property"]): row["reason"] for row in rows}
    assert "secret" in listed[key.urn, "description"]
    assert "not known" in listed[key.urn, "policy"]
    assert "no reader" in listed[key.urn, "xksKeyId"]
    assert "emulator" in listed[key.urn, "enableKeyRotation"]
    assert "no reader" in listed[unread.urn, ""]
    assert "emulator" in listed[lost.urn, ""]
    assert not {unread.urn, lost.urn} & {finding.where for finding in scanned.findings}
    assert not [f for f in scanned.findings if f.where == f"{key.urn}#enableKeyRotation"]


def test_the_emulators_gaps_do_not_excuse_a_real_account(tmp_path: Path) -> None:
    """The list of what an emulator cannot hold counts for an emulator only."""
    (tmp_path / UNSUPPORTED_FILE).write_text("not even JSON")
    real = Target(name="real", stack_file=str(tmp_path / "stack.json"), region=REGION)
    scanned = scan(real, stack_of(declare("aws:sns/topic:Topic", "t", {})))
    assert found(scanned, Status.ERROR)


def test_a_resource_in_another_region_is_looked_for_there(account: Account, tmp_path: Path) -> None:
    id_ = account.client("kms", "eu-west-1").create_key(KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
    key = declare("aws:kms/key:Key", id_, {"region": "eu-west-1", "enableKeyRotation": True}, keyId=id_)
    scanned = scan(account.target(tmp_path), stack_of(key))
    assert [f.where for f in found(scanned, Status.FAIL)] == [f"{key.urn}#enableKeyRotation"]


def test_a_list_is_read_to_its_end(account: Account) -> None:
    """Also where boto3 has no paginator of its own."""
    for number in range(120):
        account.wafv2.create_ip_set(
            Name=f"set-{number}", Scope="REGIONAL", IPAddressVersion="IPV4", Addresses=[]
        )
        account.sns.create_topic(Name=f"topic-{number}")
    view: View = account.view()
    assert len(view.pages("wafv2", "list_ip_sets", "IPSets", Scope="REGIONAL", Limit=50)) == 120
    assert len(view.pages("sns", "list_topics", "Topics")) == 120


def write_stack(folder: Path, endpoint: str, *resources: Resource) -> Path:
    """A stack file as Pulumi exports it, and a target that names it."""
    records: list[dict[str, Any]] = [
        {
            "urn": each.urn,
            "type": each.type,
            "id": each.id,
            "custom": True,
            "inputs": dict(each.inputs),
            "outputs": dict(each.outputs),
        }
        for each in resources
    ]
    stack = folder / "stack.json"
    stack.write_text(json.dumps({"version": 3, "deployment": {"resources": records}}))
    target = {"name": "t", "stack_file": str(stack), "region": REGION, "aws_endpoint": endpoint}
    file = folder / "target.json"
    file.write_text(json.dumps(target))
    return file


def audit(target: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "hardening.cli",
            "audit",
            "drift",
            "--target",
            str(target),
            "--coverage",
            *WITHOUT_UNMANAGED,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**{k: v for k, v in os.environ.items() if k != "AWS_ENDPOINT_URL"}, **environment},
    )


def test_the_command_ends_with_0_1_3_and_4(account: Account, tmp_path: Path) -> None:
    group, network = group_case(account)
    target = write_stack(tmp_path, account.endpoint, group, network)
    clean = audit(target)
    assert clean.returncode == 0, clean.stdout + clean.stderr
    assert "properties compared" in clean.stderr
    assert clean.stderr.count("Traceback") == 0

    open_to_the_world(account, group)
    drifted = audit(target)
    assert drifted.returncode == 1
    assert f"{group.urn}#ingress: added: tcp 22 from 0.0.0.0/0" in drifted.stdout
    # The emulator has no history of events.
    assert drifted.stderr.count("who changed it last is not known of all: LookupEvents: 500") == 1

    with emulated_account() as other:
        gone = write_stack(tmp_path, other.endpoint, group, network)
    unseen = audit(gone)
    assert unseen.returncode == 3
    assert "could not look" in unseen.stdout

    nobody = write_stack(tmp_path, "", group, network)
    without = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), "")
    refused = audit(nobody, **without)
    assert refused.returncode == 4
    assert "no AWS credentials" in refused.stderr
    unnamed = audit(nobody, AWS_PROFILE="nobody")
    assert unnamed.returncode == 4
    assert "error: AWS's settings on this machine: The config profile (nobody) could not be found" in (
        unnamed.stderr
    )
