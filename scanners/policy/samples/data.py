"""The sample's stores: keys, partners' secrets, the token store and the ledgers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scanners.policy.samples.sample_stack import aws, protected, stack
from scanners.policy.stack import Resource

ROOT = {"AWS": "arn:aws:iam::111122223333:root"}


def tags(data_class: str, **marks: str) -> dict[str, str]:
    """Tags as our program writes them."""
    marked = {f"rampart:{name}": value for name, value in marks.items()}
    return {"rampart:environment": "production", "rampart:data-class": data_class, **marked}


def policy(*statements: dict[str, Any]) -> str:
    """An IAM policy, as text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def refuse_plaintext(action: str, *resources: str) -> dict[str, Any]:
    """The statement that refuses what does not come over TLS."""
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    named = {"Action": action, "Resource": list(resources)}
    return {"Effect": "Deny", "Principal": "*", **named, "Condition": condition}


KEY_POLICY = policy({"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"})

SECRET_POLICY = policy(
    {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": ["arn:role-authorizer", "arn:role-rotation"]}},
    }
)


def key(name: str, key_policy: str = KEY_POLICY) -> Resource:
    """A key of ours."""
    return aws(
        "kms/key:Key",
        f"kms-{name}",
        enableKeyRotation=True,
        isEnabled=True,
        rotationPeriodInDays=365,
        deletionWindowInDays=30,
        policy=key_policy,
        tags=tags("restricted"),
    )


def _secret(partner: str, direction: str) -> Iterator[Resource]:
    name = f"{partner}-{direction}"
    yield aws(
        "secretsmanager/secret:Secret",
        f"secret-{name}",
        name=f"rampart/production/{partner}/{direction}",
        kmsKeyId="arn:kms-secrets",
        recoveryWindowInDays=30,
        tags=tags("restricted", partner=partner, direction=direction),
    )
    yield aws(
        "secretsmanager/secretRotation:SecretRotation",
        f"rotation-{name}",
        secretId=f"secret-{name}",
        rotationLambdaArn="arn:aws:lambda:eu-central-1:111122223333:function:rotation",
        rotationRules={"automaticallyAfterDays": 30},
    )
    yield aws(
        "secretsmanager/secretPolicy:SecretPolicy",
        f"secret-policy-{name}",
        secretArn=f"arn:secret-{name}",
        policy=SECRET_POLICY,
        blockPublicPolicy=True,
    )


def _table(name: str, hash_key: str, data_class: str) -> Resource:
    return protected(
        aws(
            "dynamodb/table:Table",
            f"table-{name}",
            name=f"rampart-production-{name}",
            hashKey=hash_key,
            attributes=[{"name": hash_key, "type": "S"}],
            ttl={"attributeName": "expires", "enabled": True},
            pointInTimeRecovery={"enabled": True, "recoveryPeriodInDays": 35},
            deletionProtectionEnabled=True,
            serverSideEncryption={"enabled": True, "kmsKeyArn": "arn:kms-data"},
            tags=tags(data_class),
        )
    )


DATA = stack(
    *(protected(key(name)) for name in ("data", "secrets")),
    *(key(name) for name in ("logs", "messages")),
    *(
        resource
        for partner in ("volta", "nimbus")
        for direction in ("inbound", "outbound")
        for resource in _secret(partner, direction)
    ),
    _table("tokens", "digest", "restricted"),
    _table("replay", "mark", "internal"),
    _table("cdrs", "cdr", "confidential"),
)


def changing_tokens(*attributes: str, action: str = "dynamodb:UpdateItem", null: str = "false") -> str:
    """A policy that changes records of the sample's token table, in these attributes alone (none: in all)."""
    limits = {
        "ForAllValues:StringEquals": {"dynamodb:Attributes": list(attributes)},
        **({"Null": {"dynamodb:Attributes": null}} if null else {}),
    }
    statement = {"Effect": "Allow", "Action": [action], "Resource": ["arn:table-tokens"]}
    return policy({**statement, "Condition": limits} if attributes else statement)


# Who uses tokens, and changes their state.
_TOKENS = _table("tokens", "digest", "restricted")
_USE = changing_tokens("digest", "expires", "state", "used")
_USER = aws("iam/rolePolicy:RolePolicy", "policy-guard", role="role-guard", policy=_USE)
TOKEN_USE = stack(_TOKENS, _USER)
# Before the table is there, nobody knows its name.
UNKNOWN_TABLE = stack(replace(_TOKENS, outputs={}), _USER)
