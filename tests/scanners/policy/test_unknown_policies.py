"""A policy beside an unknown value is judged by itself: never by the verdict of another policy."""

from __future__ import annotations

import json
from typing import Any

from hardening.checks import Status
from scanners.policy.scan import scan
from scanners.policy.stack import UNKNOWN, Resource, Stack
from scanners.target import Target

TARGET = Target(name="test", stack_file="", region="eu-central-1")
HARMLESS = ["logs:PutLogEvents"]
DANGEROUS = ["iam:PassRole", "iam:CreateAccessKey", "secretsmanager:GetSecretValue"]
# Privilege escalation, credentials exposure, data exfiltration.
ANALYSED = {"CKV_AWS_286", "CKV_AWS_287", "CKV_AWS_288"}


def policy(name: str, actions: list[str], **more: Any) -> Resource:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return Resource(
        urn=f"urn:pulumi:test::p::aws:iam/rolePolicy:RolePolicy::{name}",
        type="aws:iam/rolePolicy:RolePolicy",
        name=name,
        inputs={
            "role": UNKNOWN,
            "policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            **more,
        },
    )


def found(*resources: Resource) -> set[tuple[str, str, Status]]:
    findings = scan(TARGET, Stack("test", "p", resources)).findings
    return {(f.check, f.where.split("::")[-1], f.status) for f in findings if f.check in ANALYSED}


def test_each_policy_gets_its_own_verdict_whatever_stands_before_it() -> None:
    harmless, dangerous = policy("a-harmless", HARMLESS), policy("b-dangerous", DANGEROUS)
    expected = {(rule, "b-dangerous", Status.FAIL) for rule in ANALYSED} | {
        (rule, "a-harmless", Status.PASS) for rule in ANALYSED
    }
    assert found(harmless, dangerous) == expected
    assert found(dangerous, harmless) == expected


def test_a_policy_that_is_not_known_is_an_error_for_every_rule_and_not_for_the_first_only() -> None:
    unknown = policy("unknown", HARMLESS, policy=UNKNOWN)
    assert found(policy("a-known", HARMLESS), unknown) == {
        *((rule, "a-known", Status.PASS) for rule in ANALYSED),
        *((rule, "unknown", Status.ERROR) for rule in ANALYSED),
    }


def test_a_policy_that_says_an_element_twice_is_an_error_and_not_the_last_of_the_two() -> None:
    statement = '{"Effect": "Allow", "Action": "*", "Resource": "*", "Effect": "Deny"}'
    twice = policy("twice", HARMLESS, policy=f'{{"Version": "2012-10-17", "Statement": [{statement}]}}')
    assert found(twice) == {(rule, "twice", Status.ERROR) for rule in ANALYSED}
