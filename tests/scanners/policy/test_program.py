"""`--program`: any Pulumi Python program is judged, or says in one line why it is not, within a bound."""

from __future__ import annotations

import time
from pathlib import Path
from textwrap import dedent

import pytest

from hardening.checks import Status
from hardening.errors import ConfigError
from scanners.policy.plan import plan_of
from scanners.policy.program import interpreter, read_program
from scanners.policy.scan import UNJUDGED, scan, unjudged_findings
from scanners.policy.stack import UNKNOWN, Resource, Stack
from scanners.target import Target

AWS = "import pulumi\nimport pulumi_aws as aws\n"


def program(folder: Path, text: str, project: str = "name: weak\nruntime: python\n") -> Path:
    (folder / "Pulumi.yaml").write_text(project)
    (folder / "__main__.py").write_text(dedent(text))
    return folder


def only(stack: Stack, kind: str) -> Resource:
    (found,) = stack.of_type(kind)
    return found


def test_a_resource_as_an_input_is_its_id_and_nothing_waits(tmp_path: Path) -> None:
    text = AWS + dedent("""
        role = aws.iam.Role("role", assume_role_policy="{}")
        function = aws.lambda_.Function("function", role=role.arn, runtime="python3.12", handler="a.b")
        aws.iam.RolePolicy("policy", role=role, policy="{}")
        aws.lambda_.Permission("call", function=function, action="lambda:InvokeFunction", principal="*")
    """)
    started = time.monotonic()
    stack = read_program(program(tmp_path, text), deadline=60)
    assert time.monotonic() - started < 60
    policy = only(stack, "aws:iam/rolePolicy:RolePolicy")
    assert policy.inputs["role"] is UNKNOWN
    assert policy.property_dependencies["role"] == (only(stack, "aws:iam/role:Role").urn,)


def test_data_sources_answer_with_unknowns_that_stay_visible_in_what_is_made_of_them(tmp_path: Path) -> None:
    text = AWS + dedent("""
        zones = aws.get_availability_zones(state="available")
        ami = aws.ec2.get_ami(owners=["amazon"], filters=[{"name": "name", "values": ["x"]}])
        account = aws.get_caller_identity()
        for number, zone in enumerate(zones.names[:2]):
            aws.ec2.Subnet(f"s{number}", vpc_id="vpc-1", cidr_block="10.0.0.0/24", availability_zone=zone)
        aws.ec2.Instance("i", ami=ami.id, instance_type="t3.micro")
        aws.sns.TopicPolicy("p", arn=f"arn:aws:sns:eu-central-1:{account.account_id}:t", policy="{}")
        later = aws.get_region_output()
        pulumi.export("region", later.name)
    """)
    stack = read_program(program(tmp_path, text), deadline=60)
    assert len(stack.of_type("aws:ec2/subnet:Subnet")) == 2
    assert only(stack, "aws:ec2/instance:Instance").inputs["ami"] is UNKNOWN
    assert only(stack, "aws:sns/topicPolicy:TopicPolicy").inputs["arn"] is UNKNOWN


def test_resources_that_are_named_after_the_items_of_an_answer_are_resources_of_their_own(
    tmp_path: Path,
) -> None:
    text = AWS + dedent("""
        for zone in aws.get_availability_zones(state="available").names:
            aws.ec2.Subnet(f"subnet-{zone}", vpc_id="vpc-1", cidr_block="10.0.0.0/24", availability_zone=zone)
    """)
    subnets = read_program(program(tmp_path, text), deadline=60).of_type("aws:ec2/subnet:Subnet")
    assert len({subnet.urn for subnet in subnets}) > 1
    assert {subnet.inputs["availabilityZone"] for subnet in subnets} == {UNKNOWN}


def test_what_no_rule_judges_is_an_error_each(tmp_path: Path) -> None:
    text = AWS + dedent("""
        aws.s3.Bucket("b")
        pulumi.ComponentResource("awsx:ec2:Vpc", "net", {}, None, True)
        pulumi.CustomResource("aws-native:s3:Bucket", "native", {"bucketName": "n"})
        pulumi.CustomResource("aws:ec9/thing:Thing", "new", {})
        pulumi.ComponentResource("mine:Plain", "plain")
    """)
    stack = read_program(program(tmp_path, text), deadline=60)
    findings = scan(Target(name="t", stack_file="", region=""), stack).findings
    gaps = {f.where.split("::")[-1]: f for f in findings if f.check == UNJUDGED}
    assert set(gaps) == {"net", "native", "new"}
    assert {f.status for f in gaps.values()} == {Status.ERROR}
    assert "remote component" in gaps["net"].detail
    assert "aws-native" in gaps["native"].detail
    assert "no such type" in gaps["new"].detail


def test_what_a_program_would_declare_from_what_aws_answers_is_an_error_each(tmp_path: Path) -> None:
    text = AWS + dedent("""
        import functools
        vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
        def queue(name): aws.sqs.Queue(name)
        class Maker:
            def make(self, id): queue("second")
        vpc.id.apply(lambda id: queue("first"))
        pulumi.Output.all(vpc.arn, vpc.id).apply(
            lambda both: [aws.sns.Topic(one) for one in both]
        )
        vpc.id.apply(functools.partial(Maker().make))
        vpc.arn.apply(lambda arn: f"{arn}/*")
        pulumi.Output.from_input("known").apply(lambda name: aws.sns.Topic(name))
    """)
    stack = read_program(program(tmp_path, text), deadline=60)
    assert only(stack, "aws:sns/topic:Topic").name == "known"
    findings = unjudged_findings(plan_of(stack), stack.pending)
    lines = {f.where for f in findings if f.status is Status.ERROR}
    assert lines == {"__main__.py:8", "__main__.py:9", "__main__.py:11"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import no_such_thing", "no module 'no_such_thing' at __main__.py:1"),
        ("import pulumi; pulumi.Config().require('color')", "no setting 'weak:color' at __main__.py:1"),
        ("raise SystemExit(0)", "it ended early, with exit code 0"),
        ("import os; os._exit(0)", "the program ended early, before its resources were declared"),
        ("{}['a secret']", "KeyError at __main__.py:1"),
    ],
)
def test_a_program_that_does_not_run_says_why_in_one_line(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_program(program(tmp_path, text), deadline=60)
    assert raised.value.message.endswith(reason)


def test_the_line_that_is_named_is_the_programs_own_and_none_of_the_packages_in_its_folder(
    tmp_path: Path,
) -> None:
    package = tmp_path / "venv" / "lib" / "site-packages" / "of_others.py"
    package.parent.mkdir(parents=True)
    package.write_text("\n\nraise TypeError")
    text = f"import sys\nsys.path.append({str(package.parent)!r})\nimport of_others"
    with pytest.raises(ConfigError, match=r"TypeError at __main__\.py:3"):
        read_program(program(tmp_path, text), deadline=60)


def test_a_program_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    text = "import subprocess, time\nsubprocess.Popen(['sleep', '60'])\ntime.sleep(60)"
    started = time.monotonic()
    with pytest.raises(ConfigError, match="took longer than 4 s"):
        read_program(program(tmp_path, text), deadline=4)
    assert time.monotonic() - started < 30


def test_settings_come_from_the_file_of_the_stack_from_pulumi_yaml_and_from_the_command(
    tmp_path: Path,
) -> None:
    text = AWS + dedent("""
        config = pulumi.Config()
        names = (config.require("a"), config.require("b"), config.require("c"), pulumi.get_stack())
        aws.s3.Bucket("b", bucket="-".join(names))
    """)
    project = "name: weak\nruntime: python\nconfig:\n  a: {type: string, default: one}\n  weak:b: two\n"
    folder = program(tmp_path, text, project)
    (folder / "Pulumi.blue.yaml").write_text("config:\n  weak:b: three\n")
    stack = read_program(folder, settings=["c=four"], deadline=60)
    assert only(stack, "aws:s3/bucket:Bucket").inputs["bucket"] == "one-three-four-blue"


def test_the_projects_own_interpreter_is_used(tmp_path: Path) -> None:
    folder = program(tmp_path, "", "name: x\nruntime: {name: python, options: {virtualenv: env}}\n")
    assert interpreter(folder).name.startswith("python")
    own = folder / "env" / "bin" / "python"
    own.parent.mkdir(parents=True)
    own.write_text("#!/bin/sh\necho 'Error: the program failed: of its own'; exit 1\n")
    own.chmod(0o755)
    assert interpreter(folder) == own
    with pytest.raises(ConfigError, match="of its own"):
        read_program(folder, deadline=60)
