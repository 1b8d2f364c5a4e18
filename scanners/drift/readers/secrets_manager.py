"""Secrets of AWS Secrets Manager without their values (Secrets Manager API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import last_part, policy
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def secrets(view: View) -> Iterator[Live]:
    """Secrets without their values, which are never asked for (DescribeSecret). Deleted ones are left out."""
    for secret in view.pages("secretsmanager", "list_secrets", "SecretList"):
        found = view.ask("secretsmanager", "describe_secret", SecretId=secret["ARN"])
        if found.get("DeletedDate"):
            continue
        rules = found.get("RotationRules") or {}
        answer = view.ask(
            "secretsmanager",
            "get_resource_policy",
            absent=("ResourceNotFoundException",),
            SecretId=secret["ARN"],
        )
        yield Live(
            "aws:secretsmanager/secret:Secret",
            found["ARN"],
            {
                "name": found.get("Name"),
                "description": found.get("Description"),
                "kmsKeyId": found.get("KmsKeyId"),
                "owningService": found.get("OwningService"),
                "policy": answer.get("ResourcePolicy"),
                "rotates": bool(found.get("RotationEnabled")),
                "rotationLambdaArn": found.get("RotationLambdaARN"),
                "rotationRules": _rules(rules.get("AutomaticallyAfterDays"), rules.get("ScheduleExpression")),
                "tags": found.get("Tags"),
            },
            view.region,
        )


def _rules(days: Any, schedule: Any) -> str | None:
    if schedule:
        return str(schedule)
    return f"every {int(days)} days" if days else None


def _declared_secret(declared: Declared, secret: Resource) -> Mapping[str, Any]:
    found: dict[str, Any] = {**secret.inputs}
    for one in declared.parts(secret, "aws:secretsmanager/secretPolicy:SecretPolicy", "secretArn"):
        found["policy"] = one.inputs.get("policy")
    for one in declared.parts(secret, "aws:secretsmanager/secretRotation:SecretRotation", "secretId"):
        rules = blocks(one.inputs.get("rotationRules"))[0]
        found["rotates"] = True
        found["rotationLambdaArn"] = one.inputs.get("rotationLambdaArn")
        found["rotationRules"] = _rules(rules.get("automaticallyAfterDays"), rules.get("scheduleExpression"))
    return found


READERS: Final = (
    ResourceReader(
        type="aws:secretsmanager/secret:Secret",
        service="secretsmanager",
        read=secrets,
        key=by("arn"),
        declare=_declared_secret,
        fields=(
            exposure("policy", policy, default=None),
            protection("kmsKeyId", last_part, default=None),
            protection("rotates", default=False),
            protection("rotationLambdaArn"),
            protection("rotationRules"),
            setting("name"),
            setting("description"),
            TAGS,
        ),
        parts=(
            Part("aws:secretsmanager/secretPolicy:SecretPolicy", "secretArn", "policy", ("policy",)),
            Part(
                "aws:secretsmanager/secretRotation:SecretRotation",
                "secretId",
                "rotationRules",
                ("rotationLambdaArn", "rotationRules"),
            ),
        ),
    ),
)
