"""What nobody declared is judged by the policy checks: weak, sound, or not to be verified."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from hardening.checks import Finding, Status
from scanners.drift.declared import Declared
from scanners.drift.live_stack import ASKED
from scanners.drift.records import Drift, Live, Reading, Unmanaged, Unseen
from scanners.drift.scan import as_scan
from scanners.drift.undeclared import judged, unjudged
from scanners.policy.checks import stack_checks
from scanners.policy.stack import UNKNOWN, Resource, Stack

OURS, THEIRS = "123456789012", "210987654321"
DECLARED = Resource(
    urn="urn:pulumi:test::example::aws:sns/topic:Topic::alarms",
    type="aws:sns/topic:Topic",
    name="alarms",
    id=f"arn:aws:sns:eu-central-1:{OURS}:alarms",
    outputs={"arn": f"arn:aws:sns:eu-central-1:{OURS}:alarms"},
)
STACK = Stack("test", "example", (DECLARED,))
GROUP, BUCKET, QUEUE = "aws:ec2/securityGroup:SecurityGroup", "aws:s3/bucket:Bucket", "aws:sqs/queue:Queue"
TOPIC, KEY, SECRET = "aws:sns/topic:Topic", "aws:kms/key:Key", "aws:secretsmanager/secret:Secret"
LOGS, TABLE, BALANCER = (
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:dynamodb/table:Table",
    "aws:lb/loadBalancer:LoadBalancer",
)
IMAGES, LOG_WRITERS, SUBSCRIPTION, LISTENER = (
    "aws:ecr/repository:Repository",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
    "aws:sns/topicSubscription:TopicSubscription",
    "aws:lb/listener:Listener",
)
ROLE, USER, TEAM, POLICY = (
    "aws:iam/role:Role",
    "aws:iam/user:User",
    "aws:iam/group:Group",
    "aws:iam/policy:Policy",
)
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
KEYS = {
    QUEUE: f"arn:aws:sqs:eu-central-1:{OURS}:made",
    TOPIC: f"arn:aws:sns:eu-central-1:{OURS}:made",
    SECRET: f"arn:aws:secretsmanager:eu-central-1:{OURS}:secret:made",
    BALANCER: f"arn:aws:elasticloadbalancing:eu-central-1:{OURS}:loadbalancer/net/made/1",
    POLICY: f"arn:aws:iam::{OURS}:policy/made",
}


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def store(account: str, *more: Mapping[str, Any]) -> str:
    who = {"AWS": f"arn:aws:iam::{account}:root"}
    return document({"Effect": "Allow", "Principal": who, "Action": "*", "Resource": "*"}, *more)


TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
FOREIGN = store(THEIRS, ANYBODY)
STAR = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
READS = document({"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"})


def trust(principal: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(
        document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    )
    return found


SOUND: Mapping[str, Mapping[str, Any]] = {
    GROUP: {"ingress": ["tcp 443 from sg-1", "all from 10.1.0.0/16"]},
    BUCKET: {
        "publicAccess": [],
        "ownership": ["BucketOwnerEnforced"],
        "versioning": "Enabled",
        "policy": store(OURS, TLS_ONLY),
    },
    QUEUE: {"policy": store(OURS, TLS_ONLY)},
    TOPIC: {"policy": store(OURS, TLS_ONLY)},
    KEY: {"enableKeyRotation": True, "policy": store(OURS)},
    SECRET: {"policy": store(OURS)},
    LOGS: {"retentionInDays": 400},
    TABLE: {"deletionProtectionEnabled": True, "policy": store(OURS)},
    BALANCER: {"internal": True},
    IMAGES: {"policy": store(OURS)},
    LOG_WRITERS: {"policyDocument": store(OURS)},
    SUBSCRIPTION: {"protocol": "sqs"},
    LISTENER: {"protocol": "TLS", "sslPolicy": "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"},
    ROLE: {
        "assumeRolePolicy": trust({"AWS": f"arn:aws:iam::{OURS}:role/other"}),
        "inlinePolicies": [f"own: {READS}"],
        "managedPolicies": ["arn:aws:iam::aws:policy/SecurityAudit"],
    },
    TEAM: {
        "inlinePolicies": [f"own: {READS}"],
        "managedPolicies": ["arn:aws:iam::aws:policy/SecurityAudit"],
    },
    POLICY: {"policy": READS},
}
WEAK: Mapping[str, Mapping[str, Any]] = {
    GROUP: {"ingress": ["tcp 443 from sg-1", "tcp 22-23 from ::/0"]},
    BUCKET: {
        "publicAccess": ["blockPublicAcls is off"],
        "ownership": [],
        "versioning": None,
        "policy": FOREIGN,
    },
    QUEUE: {"policy": FOREIGN},
    TOPIC: {"policy": FOREIGN},
    KEY: {"enableKeyRotation": False, "policy": FOREIGN},
    SECRET: {"policy": FOREIGN},
    LOGS: {"retentionInDays": 7},
    TABLE: {"deletionProtectionEnabled": False, "policy": FOREIGN},
    BALANCER: {"internal": False},
    IMAGES: {"policy": FOREIGN},
    LOG_WRITERS: {"policyDocument": FOREIGN},
    SUBSCRIPTION: {"protocol": "http"},
    LISTENER: {"protocol": "TCP", "sslPolicy": None},
    ROLE: {
        "assumeRolePolicy": trust({"AWS": "*", "Service": "config.amazonaws.com"}),
        "inlinePolicies": [f"own: {STAR}"],
        "managedPolicies": [ADMINISTRATOR],
    },
    USER: {"inlinePolicies": [f"own: {STAR}"], "managedPolicies": [ADMINISTRATOR]},
    TEAM: {"inlinePolicies": [f"own: {STAR}"], "managedPolicies": [ADMINISTRATOR]},
    POLICY: {"policy": STAR},
}


def found_at(type_: str, properties: Mapping[str, Any], stack: Stack = STACK) -> list[Finding]:
    key = KEYS.get(type_) or "made"
    drift = Drift(unmanaged=(Unmanaged(type_, key),))
    return list(judged(stack, drift, Reading({(type_, ""): (Live(type_, key, properties),)})))


def by_check(findings: list[Finding]) -> dict[str, set[Status]]:
    found: dict[str, set[Status]] = {}
    for finding in findings:
        found.setdefault(finding.check, set()).add(finding.status)
    return found


def test_every_type_that_is_asked_has_a_case() -> None:
    assert set(WEAK) == set(ASKED)
    assert set(SOUND) == set(ASKED) - {USER}  # a user is never sound: people come by roles


@pytest.mark.parametrize("type_", sorted(ASKED))
def test_what_is_weak_fails_in_each_check_what_is_sound_in_none_and_what_is_unread_never_passes(
    type_: str,
) -> None:
    weak = found_at(type_, WEAK[type_])
    failed = {name for name, statuses in by_check(weak).items() if Status.FAIL in statuses}
    assert failed == set(ASKED[type_]) - {"log-groups-forget"}
    where = KEYS.get(type_) or f"{type_} made"
    assert all(finding.where.startswith(where) for finding in weak)
    if type_ in SOUND:
        sound = by_check(found_at(type_, SOUND[type_]))
        assert set().union(*sound.values()) == {Status.PASS}
        assert set(sound) >= set(ASKED[type_]) - {"services-act-for-this-account"}
    unread = found_at(type_, {name: Unseen("denied") for name in WEAK[type_]})
    assert unread
    assert all(finding.status is not Status.PASS for finding in unread)


def test_a_log_group_that_keeps_for_ever_never_forgets() -> None:
    found = by_check(found_at(LOGS, {"retentionInDays": None}))
    assert found["log-groups-forget"] == {Status.FAIL}


def test_a_check_that_the_stack_itself_ends_is_an_error_for_what_nobody_declared() -> None:
    unknown = Resource(
        urn="urn:pulumi:test::example::aws:iam/rolePolicy:RolePolicy::own",
        type="aws:iam/rolePolicy:RolePolicy",
        name="own",
        inputs={"policy": UNKNOWN},
    )
    without = {"assumeRolePolicy": SOUND[ROLE]["assumeRolePolicy"]}
    found = by_check(found_at(ROLE, without, Stack("test", "example", (DECLARED, unknown))))
    assert found["no-policy-grants-everything"] == {Status.ERROR}


def test_a_crash_after_a_pass_of_what_nobody_declared_is_an_error_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def judge(stack: Stack) -> Iterator[tuple[str, None]]:
        yield f"{stack.resources[0].urn}#policy", None
        raise RuntimeError

    name = ASKED[SECRET][0]
    changed = [replace(one, judge=judge) if one.name == name else one for one in stack_checks()]
    monkeypatch.setattr("scanners.policy.checks.stack_checks", lambda: changed)
    found = [each.status for each in found_at(SECRET, {"policy": None}) if each.check == name]
    assert found == [Status.PASS, Status.ERROR]


def test_the_drift_audit_reports_the_weakness_and_lists_what_no_check_is_asked_of() -> None:
    weak, other = Unmanaged(GROUP, "sg-2", "eu-central-1"), Unmanaged("aws:ec2/instance:Instance", "i-1")
    drift = Drift(unmanaged=(weak, other))
    live = Live(GROUP, "sg-2", WEAK[GROUP], "eu-central-1")
    scan = as_scan(Declared(STACK, "eu-central-1"), drift, Reading({(GROUP, "eu-central-1"): (live,)}))
    failed = {(one.control, one.where) for one in scan.findings if one.status is Status.FAIL}
    assert failed == {
        ("nothing-unmanaged", weak.where),
        ("nothing-unmanaged", other.where),
        ("no-ingress-from-world", f"{weak.where}#ingress.1"),
    }
    assert [(one.type, one.urn) for one in unjudged(drift)] == [(other.type, other.where)]
