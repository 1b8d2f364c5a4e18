"""Checks of the partners' secrets: one for each direction, rotated, closed, and never in the state."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hardening.checks import Unverifiable, Verdicts, check
from hardening.egress.callers import (
    certificate_secret,
    client_certificate_secret,
    service_certificate_secret,
)
from scanners.policy.checks.policies import admits_anyone, policy_at
from scanners.policy.checks.reading import attached, containers, number, read, tag, verdict
from scanners.policy.iam.conditions import all_but_principals
from scanners.policy.samples.compute import WORKLOAD, with_container
from scanners.policy.samples.data import DATA, policy
from scanners.policy.samples.sample_stack import aws, plus, weaken, without
from scanners.policy.stack import SECRET, UNKNOWN, Resource, Stack

_SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105  (a type)
ROTATION: Final = "aws:secretsmanager/secretRotation:SecretRotation"
DIRECTIONS: Final = ("inbound", "outbound")

_LONGEST: Final = 30  # days
_DAY: Final = 1440  # minutes
_TELLING: Final = re.compile(
    r"(TOKEN|SECRET|PASSWORD|CREDENTIAL|API_?KEY|PRIVATE_?KEY)(_VALUE)?$", re.IGNORECASE
)


def _of_partners(stack: Stack) -> Iterator[tuple[Resource, str, str]]:
    """The secrets that belong to a partner, as (secret, partner, direction)."""
    for secret in stack.of_type(_SECRET):
        partner, direction = tag(secret, "rampart:partner"), tag(secret, "rampart:direction")
        if partner or direction:
            yield secret, partner, direction


@check(
    "secret-per-partner-and-direction",
    good=DATA,
    bad=weaken(DATA, "secret-volta-outbound", "tags.rampart:direction", "inbound"),
)
def each_partner_has_a_secret_for_each_direction(stack: Stack) -> Verdicts:
    """Each partner has one inbound and one outbound secret."""
    count = Counter((partner, direction) for _, partner, direction in _of_partners(stack))
    for partner in sorted({partner for partner, _ in count}):
        for direction in DIRECTIONS:
            found = count[(partner, direction)]
            yield verdict(f"{stack.name}#{partner}/{direction}", found == 1, f"{found} secrets, not one")


@check(
    "secret-per-partner-and-direction",
    good=DATA,
    bad=weaken(DATA, "secret-volta-inbound", "name", "rampart/volta"),
)
def secrets_are_named_after_whom_they_serve(stack: Stack) -> Verdicts:
    """A partner's secret is named `.../environment/partner/direction`."""
    for secret, partner, direction in _of_partners(stack):
        name = str(read(secret, "name") or "")
        own = f"/{tag(secret, 'rampart:environment')}/{partner}/{direction}"
        yield verdict(
            f"{secret.urn}#name", name.endswith(own), "the name is not .../environment/partner/direction"
        )


def _unrotated(name: str) -> Stack:
    """With one more secret, which nothing rotates."""
    tags = {"rampart:environment": "production"}
    return plus(DATA, aws("secretsmanager/secret:Secret", "secret-more", name=name, tags=tags))


@check(
    "secrets-rotate-monthly",
    good=DATA,
    also_good={
        "the authority's": _unrotated(certificate_secret("production")),
        "the service's": _unrotated(service_certificate_secret("production")),
        "shown to partners": _unrotated(client_certificate_secret("production", "us-2026")),
    },
    bad={
        "too seldom": weaken(DATA, "rotation-volta-inbound", "rotationRules.automaticallyAfterDays", 90),
        "never": _unrotated("rampart/production/volta/key"),
        "named much like the exception": _unrotated("rampart/production/volta/egress-certificate"),
        "the exception of another environment": _unrotated(certificate_secret("test")),
        "shown in another environment": _unrotated(client_certificate_secret("test", "us-2026")),
    },
)
def secrets_rotate_monthly(stack: Stack) -> Verdicts:
    """A function rotates each secret within 30 days, but those that an authority outside issues.

    These are the certificates of egress guard and service with their keys, which no function could make.
    """
    for secret in stack.of_type(_SECRET):
        if is_certificate(secret):
            continue
        rotations = attached(stack, secret, ROTATION, "secretId")
        brief = any(_rotates(rotation) for rotation in rotations)
        yield verdict(secret.urn, brief, f"no rotation by a function within {_LONGEST} days")


def is_certificate(secret: Resource) -> bool:
    """Whether it holds a certificate of the egress guard or the service, or one that partners are shown."""
    name, environment = str(read(secret, "name") or ""), tag(secret, "rampart:environment")
    own = name in (certificate_secret(environment), service_certificate_secret(environment))
    return own or name.startswith(client_certificate_secret(environment, ""))


def _rotates(rotation: Resource) -> bool:
    days = number(rotation, "rotationRules.automaticallyAfterDays")
    return days is not None and 0 < days <= _LONGEST and bool(rotation.inputs.get("rotationLambdaArn"))


_OVERLAP: Final = "environment.variables.RAMPART_OVERLAP_MINUTES"


@check("secrets-rotate-monthly", good=WORKLOAD, bad=weaken(WORKLOAD, "fn-rotation", _OVERLAP, "20160"))
def replaced_tokens_die_within_a_day(stack: Stack) -> Verdicts:
    """The old token lives on until the peer has confirmed the new one, and no longer than a day."""
    for function in stack.of_type("aws:lambda/function:Function"):
        minutes = number(function, _OVERLAP)
        if minutes is not None:
            yield verdict(
                f"{function.urn}#{_OVERLAP}", 0 < minutes <= _DAY, "a replaced token outlives a day"
            )


_LITERAL = plus(
    DATA,
    aws(
        "secretsmanager/secretVersion:SecretVersion",
        "version-1",
        secretId="secret-volta-inbound",
        secretString=SECRET,
    ),
)


@check("tokens-never-in-state", good=_LITERAL, bad=weaken(_LITERAL, "version-1", "secretString", "a-token"))
def secret_values_are_not_written(stack: Stack) -> Verdicts:
    """A value that the state holds encrypted (SECRET) is bearable; one in clear is not."""
    for version in stack.of_type("aws:secretsmanager/secretVersion:SecretVersion"):
        for name in ("secretString", "secretBinary"):
            value = version.inputs.get(name)
            if value is UNKNOWN:
                raise Unverifiable(f"{version.urn}#{name}", f"{name} is not known")
            if value is not None:
                yield verdict(f"{version.urn}#{name}", value is SECRET, "stands in the state in clear")


@check(
    "tokens-never-in-state",
    good=WORKLOAD,
    bad=with_container(environment=[{"name": "OCPI_TOKEN", "value": "x"}]),
)
def containers_are_given_no_secret_in_clear(stack: Stack) -> Verdicts:
    """No variable of a container or function looks like a secret and holds it in clear."""
    for task in stack.of_type("aws:ecs/taskDefinition:TaskDefinition"):
        for container in containers(task):
            names = [str(entry.get("name")) for entry in container.get("environment") or ()]
            yield verdict(*_clear(f"{task.urn}#{container.get('name')}", names))
    for function in stack.of_type("aws:lambda/function:Function"):
        variables: Mapping[str, Any] = (function.inputs.get("environment") or {}).get("variables") or {}
        plain = [name for name, value in variables.items() if value is not SECRET]
        yield verdict(*_clear(f"{function.urn}#environment", plain))


def _clear(where: str, names: list[str]) -> tuple[str, bool, str]:
    telling = [name for name in names if _TELLING.search(name)]
    return where, not telling, f"a secret in clear: {', '.join(telling)}"


@check("secrets-closed-to-strangers", good=DATA, bad=without(DATA, "secret-policy-nimbus-inbound"))
def secrets_refuse_strangers(stack: Stack) -> Verdicts:
    """Each secret's policy denies reading to all but the principals that it names."""
    for secret in stack.of_type(_SECRET):
        policies = attached(stack, secret, "aws:secretsmanager/secretPolicy:SecretPolicy", "secretArn")
        closed = any(read(p, "blockPublicPolicy") is True and _names_readers(p, secret) for p in policies)
        yield verdict(secret.urn, closed, "no policy that refuses all but named readers")


def _names_readers(attachment: Resource, secret: Resource) -> bool:
    """A Deny for everyone but those whom its condition names, on reading the value of this secret."""
    names = ["*", *([secret.outputs["arn"]] if secret.outputs.get("arn") else [])]
    return any(
        statement.principals.everyone
        and any(statement.covers("secretsmanager:GetSecretValue", name) for name in names)
        and all_but_principals(statement.conditions)
        for statement in policy_at(attachment, "policy").denying
    )


_OPEN = policy({"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:*", "Resource": "*"})


@check(
    "secrets-closed-to-strangers", good=DATA, bad=weaken(DATA, "secret-policy-volta-inbound", "policy", _OPEN)
)
def no_secret_admits_everyone(stack: Stack) -> Verdicts:
    """No secret's policy allows principals that it neither names nor limits to owners."""
    for each in stack.of_type("aws:secretsmanager/secretPolicy:SecretPolicy"):
        rules = policy_at(each, "policy")
        where = f"{each.urn}#policy"
        anyone = any(admits_anyone(stack, statement, where) for statement in rules.allowing)
        yield verdict(where, bool(rules.statements) and not anyone, "no policy, or one that admits anybody")


@check(
    "secrets-closed-to-strangers",
    good=DATA,
    bad=weaken(DATA, "secret-volta-inbound", "replicas", [{"region": "us-east-1"}]),
)
def secrets_stay_in_their_region(stack: Stack) -> Verdicts:
    """A replica has a key and a policy of its own, which nothing here declares."""
    for secret in stack.of_type(_SECRET):
        yield verdict(f"{secret.urn}#replicas", not read(secret, "replicas"), "copied to another region")
