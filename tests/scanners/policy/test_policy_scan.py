"""The policy scan as a whole: it finds, it is the same each time, and it never takes silence for a pass."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hardening.checks import Finding, Status
from scanners.outcome import fingerprint
from scanners.policy.checkov.process import Tool
from scanners.policy.scan import CONTROL, scan
from scanners.policy.stack import SECRET, UNKNOWN, Resource, Stack
from scanners.target import Scan, Target
from scanners.waivers import Waiver
from tests.scanners.policy.recorded import recorded

WEAK = Path(__file__).parent / "weak" / "program.py"
TARGET = Target(name="test", stack_file="", region="eu-central-1")


def stack(*resources: Resource) -> Stack:
    return Stack("test", "p", resources)


def resource(token: str, name: str, **more: Any) -> Resource:
    return Resource(urn=f"urn:pulumi:test::p::{token}::{name}", type=token, name=name, **more)


BUCKET = resource("aws:s3/bucket:Bucket", "b", inputs={"bucket": "b"})


def baseline(result: Scan) -> list[Finding]:
    return [f for f in result.findings if f.control == CONTROL]


def program(tmp_path: Path, text: str) -> Tool:
    """A tool that stands in checkov's place and misbehaves."""
    file = tmp_path / "tool.py"
    file.write_text(text)
    return Tool((sys.executable, str(file)), deadline=5.0)


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stack, Scan]:
    read = recorded(WEAK, tmp_path_factory.mktemp("weak"))
    return read, scan(TARGET, read)


def failing(findings: Sequence[Finding]) -> set[str]:
    return {f.check for f in findings if f.status is Status.FAIL}


def test_a_weak_public_style_program_fails_dozens_of_rules(weak: tuple[Stack, Scan]) -> None:
    rules = failing(baseline(weak[1]))
    assert {"CKV_AWS_20", "CKV_AWS_17", "CKV_AWS_62", "CKV_AWS_88", "CKV_AWS_2", "CKV2_AWS_6"} <= rules
    assert len(rules) >= 50


def test_each_failure_names_the_urn_and_the_property(weak: tuple[Stack, Scan]) -> None:
    read, result = weak
    (finding,) = [f for f in baseline(result) if f.check == "CKV_AWS_17" and f.status is Status.FAIL]
    known = read.get(finding.where)
    assert known is not None
    assert known.type == "aws:rds/instance:Instance"
    assert "publiclyAccessible" in finding.detail
    assert finding.severity == "critical"
    assert finding.source.startswith("program.py:")


def test_two_scans_of_one_stack_are_equal_to_the_byte(weak: tuple[Stack, Scan]) -> None:
    again = scan(TARGET, weak[0])
    assert again.findings == weak[1].findings
    assert again.subjects == weak[1].subjects


def test_no_secret_is_in_the_findings_or_in_the_coverage(weak: tuple[Stack, Scan]) -> None:
    assert "correct-horse" not in repr(weak[1])


def test_the_coverage_accounts_for_every_resource_and_every_rule(weak: tuple[Stack, Scan]) -> None:
    read, result = weak
    record = json.loads(result.subjects["policy-coverage.json"])
    resources, rules = record["resources"], record["rules"]
    assert resources["mapped"] + sum(resources["not_mapped"].values()) == len(read.resources)
    not_decided = {entry["rule"] for entry in rules["not_evaluable"]}
    assert rules["evaluated"] + len(rules["not_applicable"]) + len(not_decided) >= rules["known"]
    assert all(entry["reason"] for entry in rules["not_evaluable"])


def test_a_rule_that_depends_on_an_unknown_or_secret_value_is_an_error_not_a_pass() -> None:
    policy = resource("aws:iam/policy:Policy", "p", inputs={"policy": UNKNOWN})
    function = resource(
        "aws:lambda/function:Function", "f", inputs={"environment": {"variables": {"TOKEN": SECRET}}}
    )
    found = {(f.check, f.where): f.status for f in baseline(scan(TARGET, stack(policy, function)))}
    assert found["CKV_AWS_62", policy.urn] is Status.ERROR
    assert found["CKV_AWS_45", function.urn] is Status.ERROR
    assert found["CKV_AWS_50", function.urn] is Status.FAIL


# A type, the property that holds a document, and a rule that reads it.
DOCUMENTS = [
    ("aws:sqs/queue:Queue", "policy", "CKV_AWS_168"),
    ("aws:sqs/queuePolicy:QueuePolicy", "policy", "CKV_AWS_387"),
    ("aws:emr/securityConfiguration:SecurityConfiguration", "configuration", "CKV_AWS_351"),
    ("aws:codecommit/approvalRuleTemplate:ApprovalRuleTemplate", "content", "CKV_AWS_257"),
]


def test_a_document_that_is_not_an_object_in_json_is_an_error() -> None:
    """Each such text in each such document, in one scan."""
    broken = [
        (resource(token, f"r{number}", inputs={name: text}), rule)
        for number, text in enumerate(["Statement: open", '"open"', "[]", "{"])
        for token, name, rule in DOCUMENTS
    ]
    result = scan(TARGET, stack(*(one for one, _ in broken)))
    found = {(f.check, f.where): f.status for f in baseline(result)}
    assert {found[rule, one.urn] for one, rule in broken} == {Status.ERROR}


def test_an_unknown_value_counts_as_there_where_only_its_presence_matters() -> None:
    group = resource("aws:cloudwatch/logGroup:LogGroup", "l", inputs={"kmsKeyId": UNKNOWN})
    found = {f.check: f.status for f in baseline(scan(TARGET, stack(group)))}
    assert found["CKV_AWS_158"] is Status.PASS


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("raise SystemExit(7)", "ended with code 7"),
        ("import os; os.abort()", "ended with code -6"),
        ("", "no readable result"),
        ("import sys; open(sys.argv[2], 'w').write('{}')", "no readable result"),
        ("import time; time.sleep(60)", "took longer than"),
        (
            "import json, sys\n"
            "said = {'checkov': '3', 'resources': 0, 'rules': [], 'verdicts': []}\n"
            "json.dump(said, open(sys.argv[2], 'w'))",
            "judged 0 of 1 resources",
        ),
        (
            "import json, sys\n"
            "said = {'checkov': '3', 'resources': 1, 'rules': [], 'verdicts': []}\n"
            "json.dump(said, open(sys.argv[2], 'w'))",
            "judged nothing",
        ),
    ],
)
def test_a_tool_that_misbehaves_gives_an_error_finding(tmp_path: Path, text: str, says: str) -> None:
    tool = program(tmp_path, text)
    tool = Tool(tool.command, 1.0) if "sleep" in text else tool
    (finding,) = baseline(scan(TARGET, stack(BUCKET), tool))
    assert finding.status is Status.ERROR
    assert says in finding.detail


def test_a_missing_tool_gives_an_error_finding() -> None:
    (finding,) = baseline(scan(TARGET, stack(BUCKET), Tool(("/nowhere/checkov",))))
    assert finding.status is Status.ERROR
    assert "could not be started" in finding.detail


def test_a_stack_without_aws_resources_is_an_error_not_a_pass() -> None:
    tool, gap = baseline(scan(TARGET, stack(resource("random:index/randomId:RandomId", "r"))))
    assert {tool.status, gap.status} == {Status.ERROR}
    assert "no AWS resource" in tool.detail
    assert "not judged" in gap.detail


def test_the_tool_sees_no_secret_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden-from-tools")
    seen = tmp_path / "seen"
    scan(
        TARGET,
        stack(BUCKET),
        program(tmp_path, f"import os; open({str(seen)!r}, 'w').write(repr(os.environ))"),
    )
    assert "hidden-from-tools" not in seen.read_text()


def test_fingerprints_outlive_a_rename_of_an_unrelated_resource() -> None:
    before = scan(TARGET, stack(BUCKET, resource("aws:sqs/queue:Queue", "cdrs")))
    after = scan(TARGET, stack(resource("aws:sqs/queue:Queue", "a-new-name"), BUCKET))
    assert prints(before, BUCKET) == prints(after, BUCKET) != set()


COMPONENT = "my:net:Edge"


def in_component(kind: str, name: str, child: str = "logs") -> tuple[Resource, Resource]:
    """A component of that type and name, and a bucket in it that is called after it."""
    parent = resource(kind, name, custom=False)
    urn = f"urn:pulumi:test::p::{kind}$aws:s3/bucket:Bucket::{name}-{child}"
    kid = Resource(urn=urn, type="aws:s3/bucket:Bucket", name=f"{name}-{child}", parent=parent.urn)
    return parent, kid


@pytest.mark.parametrize(("kind", "name"), [(COMPONENT, "border"), ("my:net:Border", "edge")])
def test_fingerprints_outlive_a_renamed_component(kind: str, name: str) -> None:
    before, after = in_component(COMPONENT, "edge"), in_component(kind, name)
    assert before[1].urn != after[1].urn
    known = prints(scan(TARGET, stack(*before)), before[1])
    assert known == prints(scan(TARGET, stack(*after)), after[1]) != set()


def test_resources_that_only_their_component_tells_apart_keep_their_own_fingerprints() -> None:
    one, other = in_component(COMPONENT, "edge"), in_component(COMPONENT, "border")
    result = scan(TARGET, stack(*one, *other))
    assert prints(result, one[1]) & prints(result, other[1]) == set()


def test_a_waiver_of_a_urn_outlives_a_parent_of_another_type() -> None:
    (_, old), after = in_component(COMPONENT, "edge"), in_component("my:net:Border", "edge", "logs")
    apart = Resource(
        urn=after[1].urn.replace("edge-", ""), type=after[1].type, name="logs", parent=after[0].urn
    )
    (finding, *_) = [f for f in baseline(scan(TARGET, stack(after[0], apart))) if f.status is Status.FAIL]
    waived = old.urn.replace("edge-", "")
    until = date(2099, 1, 1)
    assert Waiver(finding.check, waived, "a reason", "somebody", until).covers(finding)
    assert not Waiver(finding.check, waived.replace("logs", "log"), "a reason", "me", until).covers(finding)


def prints(result: Scan, of: Resource) -> set[str]:
    return {fingerprint(f) for f in baseline(result) if f.where == of.urn}
