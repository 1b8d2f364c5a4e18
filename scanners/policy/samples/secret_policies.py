"""Samples of who may write a secret: the function that rotates it, and what is denied to others."""

from __future__ import annotations

from typing import Any, Final

from scanners.policy.samples.data import policy
from scanners.policy.samples.sample_stack import aws
from scanners.policy.stack import Resource

# What sets a secret's value: a new version, and the secret as a whole or an old version made current.
PUT: Final = "secretsmanager:PutSecretValue"
WHOLE: Final = ("secretsmanager:UpdateSecret", "secretsmanager:UpdateSecretVersionStage")
ROTATOR: Final = "arn:aws:iam::111122223333:role/rotation"


def all_but(*roles: str, operator: str = "ArnNotEquals", **changes: Any) -> dict[str, Any]:
    """A Deny of every way to write for all but these roles; a change of None takes a member away."""
    rule: dict[str, Any] = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": [PUT, *WHOLE],
        "Resource": "*",
        "Condition": {operator: {"aws:PrincipalArn": list(roles)}},
    }
    return {name: value for name, value in {**rule, **changes}.items() if value}


def rotated(secret: str, *rules: dict[str, Any]) -> tuple[Resource, ...]:
    """What rotates the secret of that name, and its policy of `rules`: the rotation alone may write it."""
    rules = rules or (all_but(ROTATOR),)
    return (
        aws("iam/role:Role", f"role-of-{secret}", arn=ROTATOR),
        aws("lambda/function:Function", f"fn-of-{secret}", role=ROTATOR, arn=f"arn:fn-of-{secret}"),
        aws(
            "secretsmanager/secretRotation:SecretRotation",
            f"rotation-of-{secret}",
            secretId=secret,
            rotationLambdaArn=f"arn:fn-of-{secret}",
        ),
        aws(
            "secretsmanager/secretPolicy:SecretPolicy",
            f"policy-of-{secret}",
            secretArn=secret,
            policy=policy(*rules),
        ),
    )
