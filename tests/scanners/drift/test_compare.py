"""The comparison, which reads nothing: what counts as equal, and what is said where it is not."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardening.checks import Status
from scanners.drift.compare import compare
from scanners.drift.declared import Declared, account_of
from scanners.drift.difference import difference
from scanners.drift.exclusions import EXCLUSIONS, exclusion
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import camel, dump, marked, plain, policy, tags, unordered
from scanners.drift.readers import READERS
from scanners.drift.records import Change, Concern, Drift, Live, Part, Reading, ResourceReader
from scanners.drift.scan import judge
from scanners.policy.stack import Resource, Stack
from tests.beds.aws_account import REGION, declare, stack_of

TYPE = "aws:example/thing:Thing"
READER = ResourceReader(
    type=TYPE,
    service="example",
    read=lambda _: (),
    fields=(exposure("open", unordered, default=()), protection("logged", default=True), TAGS),
)
WORDS = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8)
STATEMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "Effect": st.sampled_from(["Allow", "Deny"]),
            "Action": st.lists(WORDS, min_size=1, max_size=3, unique=True),
            "Resource": st.lists(WORDS, min_size=1, max_size=3, unique=True),
        }
    ),
    min_size=1,
    max_size=4,
)


def held(resource: Resource, **live: Any) -> Any:
    reading = Reading({(TYPE, REGION): (Live(TYPE, resource.id, live, REGION),)})
    return compare(Declared(stack_of(resource), REGION), reading, (READER,))


def test_a_default_stands_for_what_is_not_declared() -> None:
    thing = declare(TYPE, "t-1", {})
    assert held(thing, logged=True).changes == ()
    change = held(thing, logged=False, open=["0.0.0.0/0"]).changes
    assert [each.property for each in change] == ["open", "logged"]
    assert (change[0].declared, change[0].live) == ("nothing", "0.0.0.0/0")


def test_a_value_that_is_neither_declared_nor_a_known_default_is_listed() -> None:
    reader = replace(READER, fields=(setting("size"),))
    thing = declare(TYPE, "t-1", {})

    def listed(live: Any) -> list[tuple[str, str]]:
        reading = Reading({(TYPE, REGION): (Live(TYPE, thing.id, {"size": live}, REGION),)})
        drift = compare(Declared(stack_of(thing), REGION), reading, (reader,))
        assert (drift.changes, drift.compared) == ((), ())
        return [(each.property, each.reason) for each in drift.not_compared]

    ((name, reason),) = listed(9)
    assert name == "size"
    assert "the account has one" in reason
    assert listed(None) == listed(0) == []


def test_what_pulumi_did_not_finish_is_an_error() -> None:
    """It is in the account as declared, so nothing else would tell of it."""
    thing = replace(declare(TYPE, "t-1", {}), unsettled="it did not come up")
    stack = replace(stack_of(thing), pending={"a resource without a urn": "an update was cut short"})
    reading = Reading({(TYPE, REGION): (Live(TYPE, thing.id, {"logged": True}, REGION),)})
    errors = [
        f
        for f in judge(compare(Declared(stack, REGION), reading, (READER,)))
        if f.status is Status.ERROR and f.control == "nothing-deleted"
    ]
    assert [(f.where, f.detail) for f in errors] == [
        (thing.urn, "could not look: it did not come up"),
        ("a resource without a urn", "could not look: an update was cut short"),
    ]


def test_the_providers_own_tags_count_as_declared() -> None:
    thing = declare(TYPE, "t-1", {"tags": {"a": "1"}}, tagsAll={"a": "1", "owner": "ops"})
    live = [{"Key": "a", "Value": "1"}, {"Key": "owner", "Value": "ops"}, {"Key": "aws:x", "Value": "y"}]
    assert held(thing, logged=True, tags=live).changes == ()


def test_what_was_never_deployed_cannot_be_verified() -> None:
    drift = held(declare(TYPE, "", {}), logged=True)
    assert drift.presences == ()
    assert "never deployed" in drift.unread[0].reason


def test_a_part_without_its_owner_is_not_compared() -> None:
    owner = ResourceReader(
        type=TYPE, service="x", read=lambda _: (), fields=(), parts=(Part("aws:x/y:Y", "thing", "open"),)
    )
    lonely = declare("aws:x/y:Y", "y-1", {"thing": "t-of-another-stack"})
    drift = compare(Declared(stack_of(lonely), REGION), Reading({(TYPE, REGION): ()}), (owner,))
    assert [each.reason for each in drift.not_compared] == ["its owner is not in the stack"]


def test_what_the_stack_only_reads_is_known_and_not_judged() -> None:
    external = Resource(urn="urn:x", type=TYPE, name="x", id="t-1", external=True)
    reading = Reading({(TYPE, REGION): (Live(TYPE, "t-1", {}, REGION),)})
    drift = compare(Declared(Stack("s", "p", (external,)), REGION), reading, (READER,))
    assert drift.unmanaged == ()
    assert drift.presences == ()


@given(STATEMENTS, st.randoms(use_true_random=False))
def test_the_order_of_a_policy_never_counts(statements: list[dict[str, Any]], rng: random.Random) -> None:
    shuffled = [
        {
            key: (value[0] if len(value) == 1 else rng.sample(value, len(value)))
            if isinstance(value, list)
            else value
            for key, value in statement.items()
        }
        for statement in rng.sample(statements, len(statements))
    ]
    declared = json.dumps({"Version": "2012-10-17", "Statement": statements})
    live = {"Statement": shuffled, "Version": "2012-10-17"}
    assert dump(policy(declared)) == dump(policy(live))


@given(STATEMENTS, WORDS)
def test_any_new_action_in_a_policy_is_seen(statements: list[dict[str, Any]], word: str) -> None:
    more = json.loads(json.dumps(statements))
    more[0]["Action"].append(f"new:{word}")
    assert dump(policy({"Statement": statements})) != dump(policy({"Statement": more}))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 99) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_shapes_change_nothing_twice(value: Any) -> None:
    for shape in (plain, unordered, marked):
        assert dump(shape(shape(value))) == dump(shape(value))


@given(st.lists(WORDS, unique=True), st.lists(WORDS, unique=True))
def test_a_difference_names_both_sides(declared: list[str], live: list[str]) -> None:
    ours, theirs = unordered(declared), unordered(live)
    if dump(ours) != dump(theirs):
        missing, added = difference(ours, theirs)
        assert missing != added
        assert all(word in missing for word in set(declared) - set(live))


def test_a_changed_policy_is_told_statement_by_statement_and_whole() -> None:
    kept = {"Sid": "kept", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:Get*"}
    many = [f"arn:aws:s3:::bucket-{number}/*" for number in range(60)]
    added = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": many}
    ours = policy({"Version": "2012-10-17", "Statement": [{**kept, "Resource": "*"}]})
    theirs = policy({"Version": "2012-10-17", "Statement": [added, {**kept, "Resource": "*"}]})
    declared, live = difference(ours, theirs)
    assert declared == "nothing"
    assert live == f"Allow AWS * to s3:* on {', '.join(sorted(many))}"


def test_a_changed_inline_policy_names_itself_and_the_statement() -> None:
    def named(*actions: str) -> list[str]:
        statements = [{"Effect": "Allow", "Action": each, "Resource": "*"} for each in actions]
        return [f"own: {dump(policy({'Statement': statements}))}"]

    assert difference(named("s3:GetObject"), named("s3:GetObject", "iam:*")) == (
        "nothing",
        "own: Allow to iam:* on *",
    )


def test_a_changed_value_deep_inside_is_told_by_its_path() -> None:
    ours = {"GET /a": {"uri": "https://ours.example", "type": "HTTP"}, "GET /b": {"uri": "same"}}
    theirs = {"GET /a": {"uri": "https://theirs.example", "type": "HTTP"}, "GET /b": {"uri": "same"}}
    assert difference(ours, theirs) == (
        "GET /a.uri=https://ours.example",
        "GET /a.uri=https://theirs.example",
    )


def test_what_is_only_on_one_side_is_said_to_be_so() -> None:
    def said(declared: str, live: str) -> str:
        change = Change("urn:x", "ingress", Concern.EXPOSURE, declared, live)
        (finding,) = (f for f in judge(Drift(changes=(change,))) if f.status is Status.FAIL)
        return finding.detail

    assert said("nothing", "tcp 22") == "added: tcp 22, which the stack does not declare"
    assert said("true", "nothing") == "taken away: true, which the stack declares"
    assert said("1", "2") == "changed: declared 1, live 2"


@pytest.mark.parametrize(
    ("api", "pulumi"), [("ARN", "arn"), ("IPSet", "ipSet"), ("KMSKeyId", "kmsKeyId"), ("Name", "name")]
)
def test_api_names_become_pulumis(api: str, pulumi: str) -> None:
    assert camel({api: 1}) == {pulumi: 1}


def test_tags_compare_from_any_shape() -> None:
    assert tags([{"TagKey": "a", "TagValue": "1"}]) == tags({"a": "1", "aws:b": "2"}) == {"a": "1"}


def test_every_exclusion_has_a_reason_and_a_reader_of_its_type() -> None:
    types = {reader.type for reader in READERS}
    for each in EXCLUSIONS:
        assert each.reason
        assert each.type in types


@pytest.mark.parametrize(
    ("type_", "key", "facts", "out"),
    [
        ("aws:ec2/vpc:Vpc", "vpc-1", {"isDefault": True}, True),
        ("aws:ec2/vpc:Vpc", "vpc-2", {"isDefault": False}, False),
        ("aws:kms/key:Key", "k", {"awsManaged": True}, True),
        ("aws:kms/key:Key", "k", {}, False),
        ("aws:kms/alias:Alias", "alias/aws/s3", {}, True),
        ("aws:kms/alias:Alias", "alias/mine", {}, False),
        ("aws:iam/role:Role", "admin", {"path": "/"}, False),
        ("aws:secretsmanager/secret:Secret", "s", {"owningService": "rds"}, True),
    ],
)
def test_only_what_aws_makes_is_left_out(type_: str, key: str, facts: dict[str, Any], out: bool) -> None:
    assert bool(exclusion(Live(type_, key, facts))) is out


def test_each_type_has_one_reader_and_each_part_one_place() -> None:
    types = [reader.type for reader in READERS]
    assert len(types) == len(set(types))
    for reader in READERS:
        fields = {field.name for field in reader.fields}
        for part in reader.parts:
            assert part.field in fields, (reader.type, part)


def test_the_account_of_a_stack_is_that_of_its_arns() -> None:
    topic = declare("aws:sns/topic:Topic", "t", {}, arn="arn:aws:sns:eu-central-1:111122223333:t")
    bucket = declare("aws:s3/bucket:Bucket", "b", {}, arn="arn:aws:s3:::b")
    assert account_of(stack_of(bucket, topic)) == "111122223333"
    assert account_of(stack_of(bucket)) == ""
