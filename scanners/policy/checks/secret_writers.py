"""Checks of who writes secrets: what a function rotates takes its value from it, and from named roles.

Source: AWS Secrets Manager API Reference, PutSecretValue, UpdateSecret (it takes a value too) and
UpdateSecretVersionStage (it makes an old version the current one).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.lambda_functions import FUNCTION
from scanners.policy.checks.policies import policy_at
from scanners.policy.checks.reading import attached, points_at, read, verdict
from scanners.policy.checks.secrets_manager import ROTATION
from scanners.policy.iam.conditions import all_but_principals
from scanners.policy.samples.data import policy
from scanners.policy.samples.sample_stack import aws, plus, weaken, without
from scanners.policy.samples.sample_stack import stack as stack_of
from scanners.policy.samples.secret_policies import PUT, ROTATOR, WHOLE, all_but, rotated
from scanners.policy.stack import Resource, Stack

SECRET_TYPE: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105  (a type)
_POLICY: Final = "aws:secretsmanager/secretPolicy:SecretPolicy"

_KEEPER: Final = "arn:aws:iam::111122223333:role/service"


def _written(*rules: dict[str, Any]) -> Stack:
    return weaken(_WRITTEN, "policy-of-token", "policy", policy(*rules))


_BY_THE_KEEPER_TOO: Final = all_but(ROTATOR, _KEEPER, Action=PUT)
_WRITTEN: Final = plus(
    stack_of(aws(SECRET_TYPE.removeprefix("aws:"), "token", name="rampart/production/volta/inbound")),
    *rotated("token", _BY_THE_KEEPER_TOO, all_but(ROTATOR, Action=list(WHOLE))),
)


@check(
    "secrets-closed-to-strangers",
    good=_WRITTEN,
    bad={
        "no policy": without(_WRITTEN, "policy-of-token"),
        "anybody puts a value": _written(all_but(ROTATOR, Action=list(WHOLE))),
        "the secret as a whole": _written(_BY_THE_KEEPER_TOO, all_but(ROTATOR, Action=WHOLE[1])),
        "the stage is free": _written(_BY_THE_KEEPER_TOO, all_but(ROTATOR, Action=WHOLE[0])),
        "the stage is another's too": _written(all_but(ROTATOR, _KEEPER)),
        "the rotation is shut out": _written(
            all_but(_KEEPER, Action=PUT), all_but(ROTATOR, Action=list(WHOLE))
        ),
        "whoever has such a name": _written(
            all_but("arn:aws:iam::111122223333:role/*", operator="ArnNotLike")
        ),
        "nothing of this stack rotates it": without(_WRITTEN, "fn-of-token"),
    },
    also_good={
        "by the rotation alone": _written(all_but(ROTATOR)),
        "this secret": _written(all_but(ROTATOR, Resource="arn:token")),
        "nothing rotates it": without(_WRITTEN, "rotation-of-token", "policy-of-token"),
    },
)
def rotated_secrets_are_written_by_few(stack: Stack) -> Verdicts:
    """A new value comes from its rotation, or from roles that its policy names; all else is the former's."""
    for secret in stack.of_type(SECRET_TYPE):
        if attached(stack, secret, ROTATION, "secretId"):
            rotators = rotators_of(stack, secret)
            whole = all(rotators in denied_to_all_but(stack, secret, action) for action in WHOLE)
            put = any(rotators <= named for named in denied_to_all_but(stack, secret, PUT))
            yield verdict(secret.urn, whole and put, "others than its rotation may set its value")


def rotation_alone_writes(stack: Stack, secret: Resource) -> bool:
    """Whether its policy leaves each way to set its value to the function that rotates it alone."""
    rotators = rotators_of(stack, secret)
    return all(rotators in denied_to_all_but(stack, secret, action) for action in (PUT, *WHOLE))


def rotators_of(stack: Stack, secret: Resource) -> frozenset[str]:
    """The ARNs of the roles of the functions that rotate the secret. Raises Unverifiable."""
    return frozenset(
        str(read(function, "role"))
        for rotation in attached(stack, secret, ROTATION, "secretId")
        for function in stack.of_type(FUNCTION)
        if points_at(rotation, "rotationLambdaArn", function)
    )


def denied_to_all_but(stack: Stack, secret: Resource, action: str) -> list[frozenset[str]]:
    """Whom each Deny of the secret's policy leaves the action, where it leaves it to nobody else."""
    return list(_exceptions(stack, secret, action))


def _exceptions(stack: Stack, secret: Resource, action: str) -> Iterator[frozenset[str]]:
    names = ["*", *([str(secret.outputs["arn"])] if secret.outputs.get("arn") else [])]
    for each in attached(stack, secret, _POLICY, "secretArn"):
        for rule in policy_at(each, "policy").denying:
            covered = rule.principals.everyone and any(rule.covers(action, name) for name in names)
            if covered and all_but_principals(rule.conditions):
                yield frozenset(value for condition in rule.conditions for value in condition.values)
