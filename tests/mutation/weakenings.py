"""The weakenings of a stack, made from the types of its resources and the IAM policies in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hardening.controls import Severity
from scanners.policy.stack import Resource, Stack
from tests.mutation.types_by_service import REMOVED, SETTINGS
from tests.mutation.weakening import GONE, Weakening, at, places

C, H, M = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM
FOREIGN: Final = "999999999999"
POLICIES: Final = ("policy", "assumeRolePolicy", "policyDocument")
# AWS serves these over TLS alone, so a Deny of plaintext is a second line.
TLS_ALWAYS: Final = ("Key", "SecretPolicy")
RESOURCE_POLICIES: Final = ("Key", "BucketPolicy", "SecretPolicy", "TopicPolicy", "QueuePolicy")


def weakenings(stack: Stack) -> Iterator[Weakening]:
    """Every single weakening, resource by resource."""
    for resource in stack.resources:
        kind = resource.type.removeprefix("aws:")
        if not resource.custom:
            continue
        if kind in REMOVED:
            yield Weakening(resource.urn, (), GONE, REMOVED[kind], "taken away")
        for path, value, severity in SETTINGS.get(kind, ()):
            yield from _settings(resource, tuple(path.split("/")), value, severity)
        for name in POLICIES:
            if isinstance(resource.inputs.get(name), str):
                yield from _policy(resource, name)


def _settings(
    resource: Resource, path: tuple[str, ...], value: Any, severity: Severity
) -> Iterator[Weakening]:
    for place in places(resource.inputs, path):
        before = at(resource.inputs, place)
        after = value(before) if callable(value) else value
        if after is GONE and before is None:
            continue
        if after != before:
            told = "taken away" if after is GONE else json.dumps(after, default=str)[:60]
            yield Weakening(resource.urn, place, after, severity, f"{'/'.join(place)} = {told}")


def _policy(resource: Resource, name: str) -> Iterator[Weakening]:
    statements = json.loads(resource.inputs[name]).get("Statement", [])
    kind = resource.type.rpartition(":")[2]
    for index, statement in enumerate(statements):
        where = (name, "Statement", str(index))
        told = f"{name}/{statement.get('Sid', index)}"
        if statement["Effect"] == "Deny":
            severity = M if kind in TLS_ALWAYS or "TlsVersion" in str(statement) else H
            yield Weakening(resource.urn, where, GONE, severity, f"{told} taken away")
            for condition in statement.get("Condition", {}):
                narrow = {"StringEquals": {"aws:PrincipalAccount": FOREIGN}}
                yield Weakening(
                    resource.urn,
                    (*where, "Condition"),
                    narrow,
                    H,
                    f"{told} denies only a stranger ({condition})",
                )
            continue
        yield from _allowing(resource, where, statement, told)
    if name == "policy":
        yield from _added(resource, name, len(statements))


def _allowing(
    resource: Resource, where: tuple[str, ...], statement: Mapping[str, Any], told: str
) -> Iterator[Weakening]:
    def change(member: str, value: Any, severity: Severity, what: str) -> Weakening:
        return Weakening(resource.urn, (*where, member), value, severity, f"{told} {what}")

    if "Principal" in statement:
        if "Service" in statement["Principal"] or statement["Principal"] != "*":
            yield change("Principal", "*", C, "for anybody")
            yield change("Principal", {"AWS": f"arn:aws:iam::{FOREIGN}:root"}, C, "for a foreign account")
            yield change("Principal", {"AWS": "arn:aws:iam::*:root"}, C, "for any account")
        if statement.get("Condition"):
            yield change(
                "Condition", GONE, H if statement["Principal"] != "*" else C, "without its condition"
            )
    elif statement.get("Condition"):
        yield change("Condition", GONE, M, "without its condition")
    # A boundary grants nothing: what is wide in it is narrowed by the role's own policies.
    inline = resource.type == "aws:iam/rolePolicy:RolePolicy"
    if inline:
        yield change("Action", "*", C, "may do everything")
        yield change("NotAction", "iam:CreateUser", C, "may do all but one (beside Action)")
        if statement.get("Resource") not in ("*", ["*"]):
            yield change("Resource", "*", H, "on every resource")
        service = str(
            (statement.get("Action") or ["x:"])[0]
            if isinstance(statement.get("Action"), list)
            else statement.get("Action")
        ).split(":")[0]
        yield change("Action", f"{service}:*", H, f"may do {service}:*")


def _added(resource: Resource, name: str, count: int) -> Iterator[Weakening]:
    statements = json.loads(resource.inputs[name]).get("Statement", [])
    kind = resource.type.rpartition(":")[2]
    more: list[tuple[str, dict[str, Any], Severity]] = []
    if kind == "Policy":
        more = [
            ("administers", {"Effect": "Allow", "Action": "*", "Resource": "*"}, C),
            ("lets IAM through", {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}, C),
        ]
    elif kind == "RolePolicy":
        more = [
            ("administers", {"Effect": "Allow", "Action": "*", "Resource": "*"}, C),
            ("makes keys", {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}, C),
            (
                "passes any role",
                {"Effect": "Allow", "Action": ["iam:PassRole", "lambda:CreateFunction"], "Resource": "*"},
                H,
            ),
            (
                "reads all secrets",
                {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"},
                H,
            ),
            ("takes foreign roles", {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}, H),
        ]
    elif kind in RESOURCE_POLICIES:
        stranger = {"AWS": f"arn:aws:iam::{FOREIGN}:root"}
        more = [
            (
                "a foreign account",
                {"Effect": "Allow", "Principal": stranger, "Action": "*", "Resource": "*"},
                C,
            ),
            ("anybody", {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}, C),
            (
                "every account's roles",
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*"}},
                },
                C,
            ),
        ]
    for told, statement, severity in more:
        yield Weakening(
            resource.urn, (name, "Statement"), [*statements, statement], severity, f"{name}: {told}, added"
        )
