"""Checks of the key with which the guard proves to the OCPI service that a call came through it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.lambda_functions import FUNCTION
from scanners.policy.checks.policies import policy_at
from scanners.policy.checks.reading import attached, points_at, read, verdict
from scanners.policy.checks.secrets_manager import ROTATION
from scanners.policy.checks.variables import of_containers
from scanners.policy.iam.conditions import Condition, all_but_principals
from scanners.policy.samples.data import policy
from scanners.policy.samples.sample_stack import aws, plus, weaken, without
from scanners.policy.samples.sample_stack import stack as stack_of
from scanners.policy.stack import SECRET, Resource, Stack

_TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
_SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105  (a type)
_POLICY: Final = "aws:secretsmanager/secretPolicy:SecretPolicy"
_VERSION: Final = "aws:secretsmanager/secretVersion:SecretVersion"
# The policy service has it, and nothing else.
_PORT: Final = "RAMPART_POLICY_PORT"
_NAME: Final = "RAMPART_HOP_KEY_ID"
# In clear, or in a file that comes with the image.
_WITH_THE_TASK: Final = ("RAMPART_HOP_KEY", "RAMPART_HOP_KEY_FILE")

_KEY: Final = "rampart/production/internal/hop-key"


def _container(**variables: str) -> str:
    environment = [{"name": name, "value": value} for name, value in variables.items() if value]
    return json.dumps([{"name": "main", "environment": environment}])


def _guard(**changes: str) -> str:
    return _container(**{_PORT: "9000", _NAME: _KEY, **changes})


_SIGNED = stack_of(
    aws(_SECRET.removeprefix("aws:"), "hop-key", name=_KEY),
    aws(_SECRET.removeprefix("aws:"), "another", name="rampart/production/volta/inbound"),
    aws(_TASK.removeprefix("aws:"), "guard", containerDefinitions=_guard()),
    aws(_TASK.removeprefix("aws:"), "service", containerDefinitions=_container(**{_NAME: _KEY})),
)


def _with(**changes: str) -> Stack:
    return weaken(_SIGNED, "guard", "containerDefinitions", _guard(**changes))


@check(
    "hop-key-out-of-state",
    good=_SIGNED,
    bad={
        "not signed": _with(RAMPART_HOP_KEY_ID=""),
        "in clear": _with(RAMPART_HOP_KEY="a-key"),
        "in the image": _with(RAMPART_HOP_KEY_FILE="/etc/rampart/hop.key"),
        "no service believes it": without(_SIGNED, "service"),
    },
)
def the_guard_signs_with_a_key_that_it_fetches(stack: Stack) -> Verdicts:
    """Guard and service are told the name of one secret, and are given no key with their task."""
    told = list(of_containers(stack))
    for where, variables in told:
        if _PORT in variables:
            name = variables.get(_NAME)
            others = [other for other, own in told if own.get(_NAME) == name and other != where]
            yield verdict(where, bool(name), "the service cannot tell whether a call came through the guard")
            yield verdict(where, bool(others), "no other container is told of the guard's key")
    for where, variables in told:
        if _PORT in variables or _NAME in variables:
            own = [name for name in _WITH_THE_TASK if name in variables]
            yield verdict(where, not own, f"a key that comes with the task: {', '.join(own)}")


@check(
    "hop-key-out-of-state",
    good=_SIGNED,
    bad={
        "not declared": without(_SIGNED, "hop-key"),
        "its value is declared": plus(
            _SIGNED, aws(_VERSION.removeprefix("aws:"), "value", secretId="hop-key", secretString=SECRET)
        ),
    },
)
def the_key_of_the_hop_has_no_declared_value(stack: Stack) -> Verdicts:
    """The secret is this stack's own, and what it holds is made outside of program and state."""
    for name in sorted({str(own[_NAME]) for _, own in of_containers(stack) if _NAME in own}):
        found = [secret for secret in stack.of_type(_SECRET) if read(secret, "name") == name]
        yield verdict(f"{stack.name}#{name}", len(found) == 1, "not one secret of this stack")
        for secret in found:
            declared = attached(stack, secret, _VERSION, "secretId")
            yield verdict(secret.urn, not declared, "the state holds the key")


_WRITE: Final = "secretsmanager:PutSecretValue"
_ROTATOR: Final = "arn:aws:iam::111122223333:role/rotation"


def rotated(secret: str) -> tuple[Resource, ...]:
    """A sample: what rotates a secret of that name in a sample stack, and alone may write it."""
    return (
        aws("iam/role:Role", f"role-of-{secret}", arn=_ROTATOR),
        aws("lambda/function:Function", f"fn-of-{secret}", role=_ROTATOR, arn=f"arn:fn-of-{secret}"),
        aws(
            ROTATION.removeprefix("aws:"),
            f"rotation-of-{secret}",
            secretId=secret,
            rotationLambdaArn=f"arn:fn-of-{secret}",
        ),
        _writing(_ROTATOR, of=secret),
    )


def _writing(*allowed: str, operator: str = "ArnNotEquals", of: str = "hop-key", **changes: Any) -> Resource:
    others = {operator: {"aws:PrincipalArn": list(allowed)}}
    rule: dict[str, Any] = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": _WRITE,
        "Resource": "*",
        "Condition": others,
    }
    only = {name: value for name, value in {**rule, **changes}.items() if value}
    return aws(_POLICY.removeprefix("aws:"), f"policy-of-{of}", secretArn=of, policy=policy(only))


def _written_by(rule: Resource) -> Stack:
    return plus(without(_ROTATED, "policy-of-hop-key"), rule)


_ROTATED: Final = plus(_SIGNED, *rotated("hop-key"))


@check(
    "hop-key-out-of-state",
    good=_ROTATED,
    bad={
        "no policy": without(_ROTATED, "policy-of-hop-key"),
        "another action": _written_by(_writing(_ROTATOR, Action="secretsmanager:GetSecretValue")),
        "denied to a service": _written_by(_writing(_ROTATOR, Principal={"Service": "ecs.amazonaws.com"})),
        "a service too": _written_by(_writing(_ROTATOR, "arn:aws:iam::111122223333:role/service")),
        "denied to one alone": _written_by(_writing(_ROTATOR, operator="ArnEquals")),
        "not who rotates": _written_by(_writing("arn:aws:iam::111122223333:role/service")),
        "nothing rotates it": without(_ROTATED, "rotation-of-hop-key"),
    },
    unverifiable={"denied to nobody": _written_by(_writing(_ROTATOR, Principal=None))},
)
def the_key_of_the_hop_is_written_by_its_rotation_alone(stack: Stack) -> Verdicts:
    """Its policy denies writing to all but the role of the function that rotates it: nobody plants a key."""
    names = {str(own[_NAME]) for _, own in of_containers(stack) if _NAME in own}
    for secret in stack.of_type(_SECRET):
        if read(secret, "name") in names:
            closed = rotation_alone_writes(stack, secret)
            yield verdict(secret.urn, closed, "others than the function that rotates it may write the key")


def rotation_alone_writes(stack: Stack, secret: Resource) -> bool:
    """Whether the secret's own policy denies writing to all but the role of the function that rotates it."""
    rotators = set(_rotators(stack, secret))
    return any(
        _alone(rule.conditions, rotators)
        for each in attached(stack, secret, _POLICY, "secretArn")
        for rule in policy_at(each, "policy").denying
        if rule.principals.everyone and rule.actions.covers(_WRITE)
    )


def _rotators(stack: Stack, secret: Resource) -> Iterator[str]:
    """The ARNs of the roles of the functions that rotate the secret."""
    for rotation in attached(stack, secret, ROTATION, "secretId"):
        for function in stack.of_type(FUNCTION):
            if points_at(rotation, "rotationLambdaArn", function):
                yield str(read(function, "role"))


def _alone(conditions: tuple[Condition, ...], rotators: set[str]) -> bool:
    named = {value for condition in conditions for value in condition.values}
    return all_but_principals(conditions) and named == rotators
