"""Reading a stack: every shape, no secret, and one clear line for whatever is not a stack."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.checks import Status
from hardening.errors import ConfigError
from scanners.policy.plan import plan_of
from scanners.policy.scan import unjudged_findings
from scanners.policy.stack import SECRET, UNKNOWN
from scanners.policy.stack_file import LARGEST_FILE, read_stack

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET_VALUE = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
STACK_URN = "urn:pulumi:test::ocpi::pulumi:pulumi:Stack::ocpi-test"


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:test::ocpi::{token}::{name}"


def record(token: str, name: str, **more: Any) -> dict[str, Any]:
    return {"urn": urn(token, name), "type": token, "custom": True, "parent": STACK_URN, **more}


def export(tmp_path: Path, *records: dict[str, Any], version: int = 3) -> Path:
    root = {"urn": STACK_URN, "type": "pulumi:pulumi:Stack", "custom": False}
    file = tmp_path / "stack.json"
    file.write_text(json.dumps({"version": version, "deployment": {"resources": [root, *records]}}))
    return file


def test_an_export_gives_names_ids_parents_and_references(tmp_path: Path) -> None:
    vpc = record("aws:ec2/vpc:Vpc", "main", id="vpc-1", inputs={"cidrBlock": "10.0.0.0/16", "__defaults": []})
    subnet = record(
        "aws:ec2/subnet:Subnet",
        "edge",
        propertyDependencies={"vpcId": [vpc["urn"]]},
        sourcePosition="project:///network.py#31,4",
    )
    stack = read_stack(export(tmp_path, vpc, subnet))
    assert (stack.name, stack.project) == ("test", "ocpi")
    (read,) = stack.of_type("aws:ec2/subnet:Subnet")
    assert read.property_dependencies == {"vpcId": (vpc["urn"],)}
    assert read.source == "network.py:31"
    assert dict(stack.of_type("aws:ec2/vpc:Vpc")[0].inputs) == {"cidrBlock": "10.0.0.0/16"}


@given(st.text(min_size=6, alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_no_secret_is_ever_held_encrypted_or_in_clear(
    tmp_path_factory: pytest.TempPathFactory, clear: str
) -> None:
    hidden = {SIGNATURE: SECRET_VALUE, "plaintext": json.dumps(clear)}
    file = export(
        tmp_path_factory.mktemp("stack"),
        record(
            "aws:rds/instance:Instance",
            "db",
            inputs={"password": hidden, "nested": [{"deep": hidden}]},
            outputs={"password": {SIGNATURE: SECRET_VALUE, "ciphertext": clear}},
        ),
    )
    (database,) = read_stack(file).of_type("aws:rds/instance:Instance")
    assert database.inputs["password"] is SECRET
    assert database.inputs["nested"][0]["deep"] is SECRET
    assert database.outputs["password"] is SECRET
    assert clear not in repr({"inputs": database.inputs, "outputs": database.outputs}).replace("<secret>", "")


def test_what_awaits_deletion_is_left_out_and_what_is_only_read_is_marked(tmp_path: Path) -> None:
    token = "aws:sqs/queue:Queue"
    stack = read_stack(
        export(
            tmp_path,
            record(token, "kept"),
            record(token, "old", delete=True),
            record(token, "replaced", pendingReplacement=True),
            record(token, "read", external=True),
        )
    )
    assert [r.name for r in stack.resources] == ["ocpi-test", "kept", "read"]
    assert [r.name for r in stack.of_type(token)] == ["kept"]
    assert list(stack.pending) == [urn(token, "old"), urn(token, "replaced")]


def test_the_bridges_raw_state_delta_is_kept_apart_from_the_outputs(tmp_path: Path) -> None:
    delta = {"obj": {"renamed": {"policies": "policy"}}}
    bucket = record("aws:s3/bucket:Bucket", "b", outputs={"arn": "x", "__pulumi_raw_state_delta": delta})
    (read,) = read_stack(export(tmp_path, bucket)).of_type("aws:s3/bucket:Bucket")
    assert dict(read.outputs) == {"arn": "x"}
    assert read.raw_state_delta == delta


def preview(tmp_path: Path, *steps: dict[str, Any], **more: Any) -> Path:
    """A preview whose summary counts its steps."""
    file = tmp_path / "preview.json"
    summary = Counter(step["op"] for step in steps)
    file.write_text(json.dumps({"steps": list(steps), "changeSummary": summary, **more}))
    return file


def test_a_preview_gives_the_planned_state_with_unknowns(tmp_path: Path) -> None:
    planned = record("aws:s3/bucket:Bucket", "b", inputs={"bucket": UNKNOWN_STRING, "token": "[secret]"})
    gone = record("aws:s3/bucket:Bucket", "gone")
    stack = read_stack(
        preview(
            tmp_path,
            {"op": "create", "urn": planned["urn"], "newState": planned},
            {"op": "delete", "urn": gone["urn"], "oldState": gone},
        )
    )
    (bucket,) = stack.of_type("aws:s3/bucket:Bucket")
    assert bucket.inputs["bucket"] is UNKNOWN
    assert bucket.inputs["token"] is SECRET


def test_a_preview_that_hides_unchanged_resources_is_refused(tmp_path: Path) -> None:
    step = {"op": "create", "urn": "x", "newState": record("aws:sqs/queue:Queue", "q")}
    with pytest.raises(ConfigError, match="leaves out 7 unchanged"):
        read_stack(preview(tmp_path, step, changeSummary={"create": 1, "same": 7}))


@pytest.mark.parametrize(
    "more",
    [
        {"diagnostics": [{"severity": "error", "message": "the program failed"}]},
        {"maybeCorrupt": True},
        {"changeSummary": {"create": 2}},
        {"changeSummary": {"create": 1, "same": 1}},
        {"changeSummary": {"create": 1, "replace": 1}},
        {"changeSummary": None},
        {"changeSummary": {"create": "1"}},
        {"deployment": {"resources": []}},
    ],
)
def test_a_preview_that_may_not_be_all_is_refused(tmp_path: Path, more: dict[str, Any]) -> None:
    step = {"op": "create", "newState": record("aws:ec2/vpc:Vpc", "main")}
    assert read_stack(preview(tmp_path, step, diagnostics=[{"severity": "warning"}])).resources
    with pytest.raises(ConfigError):
        read_stack(preview(tmp_path, step, **more))


def test_a_type_that_is_not_its_urns_is_refused(tmp_path: Path) -> None:
    """Else a bucket passes for what no rule judges."""
    with pytest.raises(ConfigError, match="its urn is of another"):
        read_stack(export(tmp_path, {**record("aws:s3/bucket:Bucket", "b"), "type": "pulumi:pulumi:Other"}))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ('{"version": 3, "deployment": {"resour', "not complete JSON"),
        ("[" * 100_000, "not complete JSON"),
        ("\x00\x01", "not complete JSON"),
        ("[]", "expected a JSON object"),
        ('{"terraform_version": "1.5", "planned_values": {}}', "no `deployment`"),
        ('{"version": 1, "deployment": {"resources": []}}', "version: expected 3 or 4, not 1"),
        ('{"version": 3, "deployment": {"manifest": {}}}', "the stack has no resources"),
        ('{"version": 3, "deployment": {"resources": [7]}}', "expected an object"),
        ('{"version": 3, "deployment": {"resources": [{"urn": "x", "type": "y"}]}}', "resource 0: urn"),
        (
            '{"version": 3, "deployment": {"resources": [{"type": "y"}]}}',
            "resource 0: urn: expected a string",
        ),
        ('{"steps": 1}', "no steps"),
    ],
)
def test_whatever_is_not_a_stack_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "stack.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match=says) as raised:
        read_stack(file)
    assert len(raised.value.problems) == 1
    assert "\n" not in raised.value.message


def test_a_missing_file_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_stack(tmp_path / "none.json")


def test_a_file_of_200_megabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "stack.json"
    with file.open("wb") as sparse:
        sparse.truncate(200 * 2**20)
    assert file.stat().st_size > LARGEST_FILE
    with pytest.raises(ConfigError, match="200 MB is too large"):
        read_stack(file)


def test_what_an_update_had_begun_is_kept_and_is_an_error(tmp_path: Path) -> None:
    file = export(tmp_path, record("aws:ec2/vpc:Vpc", "main"))
    document = json.loads(file.read_text())
    role = record("aws:iam/role:Role", "begun")
    document["deployment"]["pending_operations"] = [{"resource": role, "type": "creating"}]
    file.write_text(json.dumps(document))
    stack = read_stack(file)
    assert list(stack.pending) == [role["urn"]]
    (finding,) = unjudged_findings(plan_of(stack), stack.pending)
    assert (finding.status, finding.where) == (Status.ERROR, role["urn"])
