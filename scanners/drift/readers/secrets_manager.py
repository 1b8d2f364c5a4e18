"""Secrets of AWS Secrets Manager without their values (Secrets Manager API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import last_part, policy, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.drift.unanswered import UNANSWERED
from scanners.policy.stack import Resource

_NONE: Final = ("ResourceNotFoundException",)


def secrets(view: View) -> Iterator[Live]:
    """Secrets without their values, which are never asked for (ListSecrets). Deleted ones are left out."""
    listed = [each for each in _listed(view) if not each.get("DeletedDate")]
    for found in listed:
        arn = found["ARN"]
        rules = found.get("RotationRules") or {}
        yield Live(
            "aws:secretsmanager/secret:Secret",
            arn,
            {
                "name": found.get("Name"),
                "description": found.get("Description"),
                "kmsKeyId": found.get("KmsKeyId"),
                "owningService": found.get("OwningService"),
                "policy": view.later(
                    "secretsmanager", "get_resource_policy", "ResourcePolicy", absent=_NONE, SecretId=arn
                ),
                "rotates": bool(found.get("RotationEnabled")),
                "rotationLambdaArn": found.get("RotationLambdaARN"),
                "rotationRules": _rules(rules.get("AutomaticallyAfterDays"), rules.get("ScheduleExpression")),
                "replicas": partial(_replicas, view, arn, len(listed)),
                "tags": found.get("Tags"),
            },
            view.region,
        )


def _listed(view: View) -> list[Any]:
    return view.pages("secretsmanager", "list_secrets", "SecretList")


def _replicas(view: View, arn: str, secrets: int) -> list[str]:
    """The regions with a copy: from the lists of all regions where they are fewer than the secrets."""
    try:
        regions = view.regions()
        if secrets > len(regions):
            return [each for each in sorted(regions - {view.region}) if _copied(view, arn, each)]
    except UNANSWERED:
        pass  # a region that does not say what it holds: the secret itself does
    found = view.ask("secretsmanager", "describe_secret", SecretId=arn)
    return [str(each["Region"]) for each in found.get("ReplicationStatus") or ()]


def _copied(view: View, arn: str, region: str) -> bool:
    """Whether the region holds a copy: it has the ARN of the secret, but for the region."""
    copy = arn.replace(f":{view.region}:", f":{region}:", 1)
    there = _listed(view.narrowed_to((), region))
    return any(each["ARN"] == copy and each.get("PrimaryRegion") == view.region for each in there)


def _rules(days: Any, schedule: Any) -> str | None:
    if schedule:
        return str(schedule)
    return f"every {int(days)} days" if days else None


def _declared_secret(declared: Declared, secret: Resource) -> Mapping[str, Any]:
    found: dict[str, Any] = {**secret.inputs}
    found["replicas"] = [each.get("region") for each in blocks(secret.inputs.get("replicas"))]
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
            exposure("replicas", unordered, default=()),
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
