"""What IAM policies mean: wildcards, conditions, principals, and the questions that checks ask."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hardening.checks import Status
from scanners.policy.checks.iam import (
    no_policy_grants_everything,
    readers_can_only_read,
    services_act_for_this_account,
)
from scanners.policy.checks.kms import key_policies_name_principals
from scanners.policy.checks.reading import are_open
from scanners.policy.checks.s3 import buckets_refuse_plaintext
from scanners.policy.iam.conditions import (
    Condition,
    all_but_addresses,
    all_but_principals,
    demand_mfa,
    limited_to_addresses,
    limited_to_owners,
)
from scanners.policy.iam.patterns import Malformed, covers, is_everything, matches, overlaps
from scanners.policy.iam.policy import parse
from scanners.policy.samples.data import DATA, policy, refuse_plaintext
from scanners.policy.samples.identity import ACCESS, trust
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import SECRET, UNKNOWN

OURS = "111122223333"
BUCKET = "arn:aws:s3:::audit"

# Small alphabets, in which patterns often meet.
TEXTS = some.text(alphabet="ab:", max_size=6)
PATTERNS = some.text(alphabet="ab:*?", max_size=6)


def _ours(account: str) -> bool:
    return account == OURS


def _conditions(condition: dict[str, Any]) -> tuple[Condition, ...]:
    return (
        parse(policy({"Effect": "Allow", "Action": "s3:*", "Condition": condition})).statements[0].conditions
    )


def _deny(**changes: Any) -> dict[str, Any]:
    statement = {**refuse_plaintext("s3:*", BUCKET, f"{BUCKET}/*"), **changes}
    return {name: value for name, value in statement.items() if value is not None}


def _refuses(*statements: dict[str, Any]) -> bool:
    return parse(policy(*statements)).refuses_plaintext("s3:*", BUCKET, f"{BUCKET}/*")


# --- patterns


@given(pattern=PATTERNS, other=PATTERNS, text=TEXTS)
def test_what_a_pattern_covers_never_escapes_it(pattern: str, other: str, text: str) -> None:
    if covers(pattern, other) and matches(other, text):
        assert matches(pattern, text)


@given(pattern=PATTERNS, other=PATTERNS, text=TEXTS)
def test_patterns_that_share_any_text_overlap(pattern: str, other: str, text: str) -> None:
    if matches(pattern, text) and matches(other, text):
        assert overlaps(pattern, other)
        assert overlaps(other, pattern)


@given(pattern=PATTERNS, text=TEXTS)
def test_for_a_plain_text_covering_overlapping_and_matching_are_the_same(pattern: str, text: str) -> None:
    assert covers(pattern, text) == matches(pattern, text) == overlaps(pattern, text)


@given(pattern=PATTERNS)
def test_every_pattern_covers_itself_and_a_star_covers_any(pattern: str) -> None:
    assert covers(pattern, pattern)
    assert covers("*", pattern)


@pytest.mark.parametrize(
    ("resource", "everything"),
    [
        ("*", True),
        ("arn:aws:*", True),
        ("arn:aws:s3:::*", True),
        ("arn:aws:s3:::audit/*", False),
        ("arn:aws:dynamodb:*:*:table/*", False),
        ("audit", False),
    ],
)
def test_a_resource_is_everything_where_its_last_part_is_a_wildcard(resource: str, everything: bool) -> None:
    assert is_everything(resource) is everything


# --- refusing plaintext


@pytest.mark.parametrize(
    "statement",
    [
        _deny(),
        _deny(Principal={"AWS": "*"}),
        _deny(Principal={"AWS": ["*"]}),
        _deny(Action="*"),
        _deny(Action=["S3:*"]),
        _deny(Resource="*"),
        _deny(Resource=f"{BUCKET}*"),
        _deny(Condition={"Bool": {"AWS:securetransport": False}}),
        _deny(Condition={"BoolIfExists": {"aws:SecureTransport": "false"}}),
        _deny(Condition={"StringEquals": {"aws:SecureTransport": "false"}}),
        _deny(Condition={"StringNotEquals": {"aws:SecureTransport": "true"}}),
        _deny(Condition={"Bool": {"aws:SecureTransport": ["true", "false"]}}),
        _deny(Condition=None),
        _deny(Action=None, NotAction="sqs:*"),
        _deny(Resource=None, NotResource="arn:aws:s3:::another"),
    ],
)
def test_a_deny_of_all_plaintext_on_this_bucket_refuses_it(statement: dict[str, Any]) -> None:
    assert _refuses(statement)


@pytest.mark.parametrize(
    "statement",
    [
        _deny(Effect="Allow"),
        _deny(Resource=["arn:aws:s3:::another", "arn:aws:s3:::another/*"]),
        _deny(Resource=BUCKET),
        _deny(Resource=f"{BUCKET}/*"),
        _deny(Resource=[BUCKET, f"{BUCKET}/one/*"]),
        _deny(Action="s3:GetObject"),
        _deny(Action="sqs:*"),
        _deny(Action=None, NotAction="s3:PutObject"),
        _deny(Resource=None, NotResource=f"{BUCKET}/public/*"),
        _deny(Principal={"AWS": f"arn:aws:iam::{OURS}:root"}),
        _deny(Principal={"Service": "s3.amazonaws.com"}),
        _deny(Principal=None, NotPrincipal={"AWS": f"arn:aws:iam::{OURS}:root"}),
        _deny(Principal=None),
        _deny(Resource=None),
        _deny(Condition={"Bool": {"aws:SecureTransport": "true"}}),
        _deny(Condition={"Null": {"aws:SecureTransport": "true"}}),
        _deny(Condition={"StringEquals": {"aws:SecureTransport": "FALSE"}}),
        _deny(Condition={"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}}),
        _deny(Condition={"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:userid": "x"}}),
        _deny(Condition={"Bool": {"aws:SecureTransport": "${aws:SecureTransport}"}}),
    ],
)
def test_a_deny_that_leaves_any_plaintext_does_not_refuse_it(statement: dict[str, Any]) -> None:
    assert not _refuses(statement)


def test_two_statements_refuse_together_what_neither_does_alone() -> None:
    assert _refuses(_deny(Resource=BUCKET), _deny(Resource=f"{BUCKET}/*"))


@given(
    condition=some.dictionaries(
        some.sampled_from(["Bool", "StringEquals", "StringNotEquals", "StringLike", "NumericEquals", "Null"]),
        some.dictionaries(
            some.sampled_from(["aws:SourceVpc", "aws:userid", "s3:prefix"]),
            some.sampled_from(["true", "false", "*", "x"]),
            min_size=1,
        ),
        min_size=1,
    )
)
def test_a_deny_under_any_other_condition_never_refuses_plaintext(condition: dict[str, Any]) -> None:
    assert not _refuses(_deny(Condition=condition))


# --- limits


LIMITS: list[dict[str, Any]] = [
    {"StringEquals": {"aws:SourceAccount": OURS}},
    {"StringEquals": {"AWS:sourceaccount": [OURS]}},
    {"StringEqualsIgnoreCase": {"aws:PrincipalAccount": OURS}},
    {"StringLike": {"aws:SourceArn": f"arn:aws:cloudtrail:eu-central-1:{OURS}:trail/*"}},
    {"ArnLike": {"aws:SourceArn": f"arn:aws:*:*:{OURS}:*"}},
    {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:eu-central-1:{OURS}:*"}},
    {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
    {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"}},
    {"StringEquals": {"aws:SourceVpc": "vpc-1"}},
    {"StringEqualsIfExists": {"aws:SourceAccount": OURS}, "Null": {"aws:SourceAccount": "false"}},
    {"StringEquals": {"aws:SourceAccount": OURS, "aws:userid": "x"}},
]
LIMITS_NOBODY: list[dict[str, Any]] = [
    {},
    {"StringNotEquals": {"aws:SourceAccount": OURS}},
    {"StringNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{OURS}:*"}},
    {"StringEquals": {"aws:SourceAccount": "999999999999"}},
    {"StringEquals": {"aws:SourceAccount": [OURS, "999999999999"]}},
    {"StringEqualsIfExists": {"aws:SourceAccount": OURS}},
    {"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}},
    {"StringLike": {"aws:SourceAccount": "*"}},
    {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
    {"StringLike": {"aws:SourceArn": f"arn:aws:*:{OURS}:*"}},
    {"StringLike": {"aws:SourceArn": f"arn:aws:*:*:{OURS}:*"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:topic"}},
    {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::audit"}},
    {"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}},
    {"StringEquals": {"aws:PrincipalTag/team": "ours"}},
    {"Bool": {"aws:ViaAWSService": "true"}},
    {"Null": {"aws:SourceAccount": "false"}},
    {"StringEqualsIfExists": {"aws:SourceAccount": OURS}, "Null": {"aws:SourceArn": "false"}},
]


@pytest.mark.parametrize("condition", LIMITS)
def test_a_condition_that_only_owners_meet_limits(condition: dict[str, Any]) -> None:
    assert limited_to_owners(_conditions(condition), _ours)


@pytest.mark.parametrize("condition", LIMITS_NOBODY)
def test_a_condition_that_a_stranger_meets_does_not_limit(condition: dict[str, Any]) -> None:
    assert not limited_to_owners(_conditions(condition), _ours)


@given(condition=some.sampled_from([c for c in LIMITS if "ForAnyValue:StringLike" not in c]))
def test_no_negated_operator_ever_limits(condition: dict[str, Any]) -> None:
    negated = {
        re.sub(r"(Equals|Like)", r"Not\1", operator): keys
        for operator, keys in condition.items()
        if operator != "Null" and "If" not in operator
    }
    assert not limited_to_owners(_conditions(negated), _ours)


@pytest.mark.parametrize(
    ("question", "condition", "answer"),
    [
        (demand_mfa, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, True),
        (demand_mfa, {"Bool": {"aws:MultiFactorAuthPresent": True}}, True),
        (demand_mfa, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, False),
        (demand_mfa, {"Bool": {"aws:MultiFactorAuthPresent": ["true", "false"]}}, False),
        (demand_mfa, {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, False),
        (all_but_principals, {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::1:role/r"}}, True),
        (all_but_principals, {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::1:role/*"}}, False),
        (all_but_principals, {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::1:role/r"}}, False),
        (all_but_principals, {"StringNotLike": {"aws:PrincipalArn": "*"}}, False),
        (all_but_principals, {}, False),
    ],
)
def test_conditions_on_sessions_and_readers(
    question: Callable[..., bool], condition: dict[str, Any], answer: bool
) -> None:
    assert question(_conditions(condition)) is answer


@pytest.mark.parametrize(
    ("condition", "denies_strangers", "admits_few"),
    [
        ({"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/28", "2001:db8::/48"]}}, True, False),
        ({"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, False, False),
        (
            {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/28"}, "Bool": {"aws:SecureTransport": "true"}},
            False,
            False,
        ),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/28"}}, False, True),
        ({"IpAddressIfExists": {"aws:SourceIp": "192.0.2.0/28"}}, False, False),
        ({"IpAddress": {"aws:SourceIp": ["192.0.2.0/28", "::/0"]}}, False, False),
    ],
)
def test_conditions_on_addresses(condition: dict[str, Any], denies_strangers: bool, admits_few: bool) -> None:
    conditions = _conditions(condition)
    assert all_but_addresses(conditions, are_open) is denies_strangers
    assert limited_to_addresses(conditions, are_open) is admits_few


# --- identities


def test_a_boundary_denies_what_its_patterns_name_in_any_case_and_nothing_under_a_condition() -> None:
    rules = parse(
        policy({"Effect": "Deny", "Action": ["iam:Delete*", "S3:putbucketpolicy"], "Resource": "*"})
    )
    assert rules.denies("iam:DeleteRole", "*")
    assert rules.denies("s3:PutBucketPolicy", "*")
    assert not rules.denies("iam:CreateRole", "*")
    limited = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:x": "true"}}}
    assert not parse(policy(limited)).denies("iam:DeleteRole", "*")


# --- reading


@pytest.mark.parametrize(
    "written",
    [
        "not JSON",
        "[]",
        "{}",
        '{"Statement": 1}',
        '{"Statement": [], "Version": "2020-01-01"}',
        '{"Statement": [], "Statments": []}',
        '{"Statement": {"Effect": "allow", "Action": "s3:*"}}',
        '{"Statement": {"Effect": "Allow"}}',
        '{"Statement": {"Effect": "Allow", "Action": "s3:*", "NotAction": "s3:*"}}',
        '{"Statement": {"Effect": "Allow", "Action": []}}',
        '{"Statement": {"Effect": "Allow", "Action": "GetObject"}}',
        '{"Statement": {"Effect": "Deny", "Effect": "Allow", "Action": "s3:*"}}',
        '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Principal": "everyone"}}',
        '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Principal": {"Aws": "*"}}}',
        '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Condition": {"Equals": {"a": "b"}}}}',
        '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Condition": {"NullIfExists": {"a": "true"}}}}',
        '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Condition": {"Bool": {"a": {}}}}}',
        '{"Statement": {"Effect": "Allow", "Action": "s3:*", "Condition": {"ForNoValue:Bool": {"a": "b"}}}}',
    ],
)
def test_what_iam_would_refuse_is_refused_without_quoting_it(written: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse(written)
    assert "s3:" not in str(refused.value)


@given(
    document=some.recursive(
        some.none() | some.booleans() | some.integers() | some.text(max_size=5),
        lambda inner: (
            some.lists(inner, max_size=3)
            | some.dictionaries(
                some.sampled_from(
                    ["Version", "Statement", "Effect", "Action", "Condition", "Principal", "x"]
                ),
                inner,
            )
        ),
    )
)
def test_any_document_is_parsed_or_refused(document: Any) -> None:
    with contextlib.suppress(Malformed):
        assert not parse(json.dumps(document)).refuses_plaintext("s3:*", BUCKET)


@given(value=some.sampled_from([UNKNOWN, SECRET, "{", 7, ["x"], {"Statement": UNKNOWN}]))
def test_a_policy_that_cannot_be_read_is_an_error_and_never_a_pass(value: Any) -> None:
    findings = buckets_refuse_plaintext.run(weaken(AUDIT, "policy-audit", "policy", value))
    assert {f.status for f in findings} == {Status.ERROR}


def test_a_policy_may_be_an_object_as_well_as_a_text() -> None:
    written = json.loads(policy(refuse_plaintext("s3:*", "arn:audit", "arn:audit/*")))
    findings = buckets_refuse_plaintext.run(weaken(AUDIT, "policy-audit", "policy", written))
    assert {f.status for f in findings} == {Status.PASS}


# --- the checks that ask


def test_another_account_than_the_stacks_own_is_a_stranger() -> None:
    service, other = {"Service": "ecs-tasks.amazonaws.com"}, {"aws:SourceAccount": "999999999999"}
    confused = weaken(ACCESS, "role-guard", "assumeRolePolicy", trust(service, StringEquals=other))
    assert Status.FAIL in {f.status for f in services_act_for_this_account.run(confused)}
    inverted = trust(service, StringNotEquals={"aws:SourceAccount": OURS})
    findings = services_act_for_this_account.run(weaken(ACCESS, "role-guard", "assumeRolePolicy", inverted))
    assert Status.FAIL in {f.status for f in findings}


def test_a_key_for_all_under_a_condition_that_anybody_meets_serves_anyone() -> None:
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    over_tls = policy({**anyone, "Condition": {"Bool": {"aws:SecureTransport": "true"}}})
    findings = key_policies_name_principals.run(weaken(DATA, "kms-data", "policy", over_tls))
    assert Status.FAIL in {f.status for f in findings}


def _use_in_our_trails(**principal: str) -> str:
    ours = {
        "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": f"arn:aws:cloudtrail:eu-west-1:{OURS}:*"}
    }
    named = {"Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*"}
    return policy({**named, "Condition": ours})


@pytest.mark.parametrize(
    ("key_policy", "holds"),
    [
        (_use_in_our_trails(Service="cloudtrail.amazonaws.com"), True),
        (_use_in_our_trails(Service="cloudtrail.amazonaws.com", AWS=f"arn:aws:iam::{OURS}:root"), True),
        (_use_in_our_trails(AWS="*"), False),
        (_use_in_our_trails(Service="cloudtrail.amazonaws.com", AWS="*"), False),
    ],
)
def test_an_encryption_context_limits_services_and_nobody_else(key_policy: str, holds: bool) -> None:
    """Anybody may write our trail's ARN into the context of their call."""
    findings = key_policies_name_principals.run(weaken(DATA, "kms-data", "policy", key_policy))
    assert (Status.FAIL not in {f.status for f in findings}) is holds


@pytest.mark.parametrize("action", ["s3:*", "s3:**", "s3:?*", "S3:*?"])
@pytest.mark.parametrize("resource", ["*", "?*", "arn:aws:s3:::*", "arn:aws:s3:::*/*"])
def test_no_spelling_of_all_actions_on_all_resources_passes(action: str, resource: str) -> None:
    star = policy({"Effect": "Allow", "Action": action, "Resource": resource})
    findings = no_policy_grants_everything.run(weaken(ACCESS, "policy-guard", "policy", star))
    assert Status.FAIL in {f.status for f in findings}


def test_a_policy_of_ours_with_the_name_of_one_of_aws_does_not_count_as_reading() -> None:
    named = weaken(ACCESS, "attach-reader", "policyArn", f"arn:aws:iam::{OURS}:policy/ReadOnlyAccess")
    assert Status.FAIL in {f.status for f in readers_can_only_read.run(named)}
