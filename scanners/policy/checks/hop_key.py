"""Checks of the key with which the guard proves to the OCPI service that a call came through it."""

from __future__ import annotations

import json
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import attached, read, verdict
from scanners.policy.checks.secret_writers import rotation_alone_writes
from scanners.policy.checks.variables import of_containers
from scanners.policy.samples.data import policy
from scanners.policy.samples.sample_stack import aws, plus, weaken, without
from scanners.policy.samples.sample_stack import stack as stack_of
from scanners.policy.samples.secret_policies import PUT, ROTATOR, all_but, rotated
from scanners.policy.stack import SECRET, Stack

_TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
_SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105  (a type)
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


_ROTATED: Final = plus(_SIGNED, *rotated("hop-key"))


def _written_by(*roles: str, operator: str = "ArnNotEquals", **changes: Any) -> Stack:
    rule = all_but(*(roles or (ROTATOR,)), operator=operator, **changes)
    return weaken(_ROTATED, "policy-of-hop-key", "policy", policy(rule))


_SERVICE: Final = "arn:aws:iam::111122223333:role/service"


@check(
    "hop-key-out-of-state",
    good=_ROTATED,
    bad={
        "no policy": without(_ROTATED, "policy-of-hop-key"),
        "another action": _written_by(Action="secretsmanager:GetSecretValue"),
        "the stage is free": _written_by(Action=[PUT, "secretsmanager:UpdateSecret"]),
        "the secret as a whole is": _written_by(Action=[PUT, "secretsmanager:UpdateSecretVersionStage"]),
        "another secret's ARN": _written_by(Resource="arn:another"),
        "denied to a service": _written_by(Principal={"Service": "ecs.amazonaws.com"}),
        "a service too": _written_by(ROTATOR, _SERVICE),
        "denied to one alone": _written_by(operator="ArnEquals"),
        "not who rotates": _written_by(_SERVICE),
        "nothing rotates it": without(_ROTATED, "rotation-of-hop-key"),
    },
    also_good={"by its ARN": _written_by(Resource="arn:hop-key")},
    unverifiable={"denied to nobody": _written_by(Principal=None)},
)
def the_key_of_the_hop_is_written_by_its_rotation_alone(stack: Stack) -> Verdicts:
    """Its policy denies each way to set its value to all but the function's role: nobody plants a key."""
    names = {str(own[_NAME]) for _, own in of_containers(stack) if _NAME in own}
    for secret in stack.of_type(_SECRET):
        if read(secret, "name") in names:
            closed = rotation_alone_writes(stack, secret)
            yield verdict(secret.urn, closed, "others than the function that rotates it may write the key")
