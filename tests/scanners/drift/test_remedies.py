"""What the audit tells people to do: each command is one of AWS's, and names what it is about."""

from __future__ import annotations

import json
import shlex
from functools import cache
from typing import Any

import pytest
from botocore import xform_name
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from hardening.checks import Status
from scanners.drift.declared import Declared
from scanners.drift.readers import READERS
from scanners.drift.records import Change, Concern, Drift, Presence, Reading, Unmanaged
from scanners.drift.remedies import commands, remedies
from scanners.drift.scan import as_scan
from scanners.outcome import decide
from scanners.report import document, table
from scanners.report.page.render import Reported, render
from scanners.waivers import Waivers
from tests.beds.aws_account import REGION, declare, stack_of

# What the AWS CLI calls otherwise than botocore does.
SERVICES = {"s3api": "s3", "configservice": "config"}
# Options that the CLI gives for a member that is true or false, and members that it fills in itself.
OPTIONS = {"ingress": "egress"}
FILLED_IN = {"creator-request-id"}
# What AWS makes with something else, and what is a part of another.
NEVER_DELETED = {
    "aws:apigateway/methodSettings:MethodSettings",
    "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
    "aws:ec2/defaultRouteTable:DefaultRouteTable",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
}
# What AWS fixes when it makes it: it is made anew.
NEVER_CHANGED = {
    "aws:backup/selection:Selection",
    "aws:securityhub/standardsSubscription:StandardsSubscription",
}
GROUP = declare("aws:ec2/securityGroup:SecurityGroup", "sg-1", {"name": "guard"})
RULE = declare(
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "sgr-1", {"securityGroupId": "sg-1"}
)
BUCKET = declare("aws:s3/bucket:Bucket", "records", {"bucket": "records"})


@cache
def model_of(service: str) -> Any:
    return get_session().get_service_model(SERVICES.get(service, service))


def problem_of(command: str) -> str:
    """Why the AWS CLI would not take a command."""
    service, operation, *words = command.split()
    model = model_of(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    if operation not in names:
        return "no such operation"
    shape = model.operation_model(names[operation]).input_shape
    members = {xform_name(name, "-") for name in (shape.members if shape else ())}
    required = {xform_name(name, "-") for name in (shape.required_members if shape else ())}
    given_options = {OPTIONS.get(word[2:], word[2:]) for word in words if word.startswith("--")}
    unknown, missing = given_options - members, required - given_options - FILLED_IN
    return f"unknown {unknown}, missing {missing}" if unknown or missing else ""


def test_each_command_is_one_that_aws_knows() -> None:
    every = {text for of_type in commands().values() for text in of_type.values()}
    assert len(every) > 250
    assert {text: why for text in every if (why := problem_of(text))} == {}


def test_a_command_that_aws_does_not_know_would_be_seen() -> None:
    assert "no such" in problem_of("iam forget-user --user-name x")
    assert "unknown" in problem_of("iam delete-user --user-name x --quickly yes")
    assert "missing" in problem_of("iam delete-user")


def test_each_type_has_a_command_that_deletes_it_and_commands_that_change_it() -> None:
    known = {reader.type: {field.name for field in reader.fields} for reader in READERS}
    assert set(commands()) <= set(known)
    for reader in READERS:
        of_type = commands().get(reader.type, {})
        if not reader.unlisted:
            assert ("delete" in of_type) is (reader.type not in NEVER_DELETED), reader.type
        named = set(of_type) - {"delete", "*"}
        assert named <= known[reader.type], (reader.type, named - known[reader.type])
        if reader.fields:
            assert bool(named or "*" in of_type) is (reader.type not in NEVER_CHANGED), reader.type


def told(drift: Drift, *resources: Any) -> dict[str, tuple[str, ...]]:
    return dict(remedies(drift, Declared(stack_of(*resources), REGION), READERS))


def test_a_change_says_how_pulumi_and_how_aws_undoes_it() -> None:
    change = Change(GROUP.urn, "ingress", Concern.EXPOSURE, "nothing", "tcp 22 from 0.0.0.0/0")
    drift = Drift(changes=(change,), presences=(Presence(GROUP.urn, "sg-1", True),))
    again, keep, by_hand = told(drift, GROUP, RULE)[f"{GROUP.urn}#ingress"]
    # The rule is a resource of its own: Pulumi makes it again only if it is named.
    assert again.endswith(f"pulumi up --refresh --target {GROUP.urn} --target {RULE.urn}")
    assert "into the program as ingress" in keep
    assert by_hand == (
        "by hand: aws ec2 revoke-security-group-ingress --group-id sg-1 --ip-permissions RULES"
        f" --region {REGION}"
    )


def test_what_is_gone_is_made_again_or_taken_out_of_the_program() -> None:
    drift = Drift(presences=(Presence(BUCKET.urn, "records", False),))
    again, keep = told(drift, BUCKET)[BUCKET.urn]
    assert f"pulumi up --refresh --target {BUCKET.urn}" in again
    assert "take it out of the program" in keep


def test_what_nobody_declared_is_imported_or_deleted() -> None:
    one = Unmanaged("aws:sqs/queue:Queue", "arn:aws:sqs:us-west-2:123456789012:odd", "us-west-2", away=True)
    user = Unmanaged("aws:iam/user:User", "mallory")
    ways = told(Drift(unmanaged=(one, user)))
    assert ways[one.where][0].startswith(
        f"keep it: pulumi import aws:sqs/queue:Queue {one.key.replace(':', '-')}"
    )
    assert ways[one.where][1].endswith("sqs delete-queue --queue-url URL --region us-west-2")
    assert ways[user.where][1] == "or delete it: aws iam delete-user --user-name mallory"


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1))
def test_a_name_is_one_word_of_a_command_whatever_somebody_called_it(name: str) -> None:
    """Who made it chose its name, and somebody copies the line into a shell."""
    one = Unmanaged("aws:iam/user:User", name)
    keep, delete = told(Drift(unmanaged=(one,)))[one.where]
    assert shlex.split(delete.removeprefix("or delete it: ")) == [
        "aws",
        "iam",
        "delete-user",
        "--user-name",
        name,
    ]
    words = shlex.split(keep.partition(", and the code")[0].removeprefix("keep it: "))
    assert len(words) == 5 or "," in name


def test_a_property_that_aws_fixes_says_so() -> None:
    key = declare("aws:kms/key:Key", "k-1", {"keyUsage": "ENCRYPT_DECRYPT"})
    change = Change(key.urn, "keyUsage", Concern.SETTING, "ENCRYPT_DECRYPT", "SIGN_VERIFY")
    drift = Drift(changes=(change,), presences=(Presence(key.urn, "k-1", True),))
    assert "no AWS command sets it back" in told(drift, key)[f"{key.urn}#keyUsage"][-1]


@pytest.mark.parametrize("form", ["table", "json", "html"])
def test_every_report_carries_what_can_be_done_and_how_it_is_accepted(form: str) -> None:
    drift = Drift(presences=(Presence(BUCKET.urn, "records", False),))
    findings = as_scan(Declared(stack_of(BUCKET), REGION), drift, Reading({})).findings
    outcome = decide(findings, Waivers(), frozenset())
    (row,) = (each for each in outcome.rows if each.finding.status is Status.FAIL)
    ways = [*row.finding.remedies]
    assert ways[-1].startswith(f"or accept it for a time: rampart drift accept {row.fingerprint[:12]} ")
    if form == "json":
        (found,) = (f for f in json.loads(document.render(outcome))["findings"] if f["status"] == "fail")
        assert found["remedies"] == ways
    elif form == "table":
        lines = [line.strip() for line in table.render(outcome).splitlines()]
        assert set(ways) <= set(lines)
    else:
        facts = {"target": "t", "started": "", "ended": "", "counts": outcome.counts(), "tools": {}}
        shown = render(Reported(outcome=outcome, facts=facts)).partition('id="act"')[2].partition("<h2")[0]
        assert "pulumi up --refresh" in shown
        assert ways[-1] in shown
