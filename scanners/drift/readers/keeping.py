"""What keeps data and keys: KMS, Secrets Manager, Parameter Store, DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import last_part, policy, unordered
from scanners.drift.records import Kind, Live, Part
from scanners.policy.stack import Resource


def keys(view: View) -> Iterator[Live]:
    """Customer keys, also disabled and dying ones. Of keys that AWS manages, only that they are there."""
    for entry in view.pages("kms", "list_keys", "Keys"):
        key = view.ask("kms", "describe_key", KeyId=entry["KeyId"])["KeyMetadata"]
        if key.get("KeyManager") == "AWS":
            yield Live("aws:kms/key:Key", key["KeyId"], {"awsManaged": True}, view.region)
            continue
        rotation = _rotation_of_key(view, key)
        yield Live(
            "aws:kms/key:Key",
            key["KeyId"],
            {
                "description": key.get("Description"),
                "keyUsage": key.get("KeyUsage"),
                "customerMasterKeySpec": key.get("KeySpec") or key.get("CustomerMasterKeySpec"),
                "isEnabled": key.get("KeyState") == "Enabled",
                "multiRegion": key.get("MultiRegion"),
                "enableKeyRotation": rotation.get("KeyRotationEnabled"),
                "rotationPeriodInDays": rotation.get("RotationPeriodInDays"),
                "policy": view.ask("kms", "get_key_policy", KeyId=key["KeyId"], PolicyName="default")[
                    "Policy"
                ],
                "tags": view.pages("kms", "list_resource_tags", "Tags", KeyId=key["KeyId"]),
            },
            view.region,
        )


def _rotation_of_key(view: View, key: Mapping[str, Any]) -> Mapping[str, Any]:
    # Only symmetric keys with AWS's own material rotate; for others the call fails (KMS API).
    if key.get("KeySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT" or key.get("Origin") == "EXTERNAL":
        return {}
    dying = ("KMSInvalidStateException",)
    return view.ask("kms", "get_key_rotation_status", absent=dying, KeyId=key["KeyId"])


def aliases(view: View) -> Iterator[Live]:
    """Key aliases."""
    for alias in view.pages("kms", "list_aliases", "Aliases"):
        yield Live(
            "aws:kms/alias:Alias",
            alias["AliasName"],
            {"name": alias["AliasName"], "targetKeyId": alias.get("TargetKeyId")},
            view.region,
        )


def secrets(view: View) -> Iterator[Live]:
    """Secrets without their values: those are never asked for. A secret that awaits deletion is gone."""
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


def parameters(view: View) -> Iterator[Live]:
    """Parameters without their values: those are never asked for."""
    for parameter in view.pages("ssm", "describe_parameters", "Parameters"):
        yield Live(
            "aws:ssm/parameter:Parameter",
            parameter["Name"],
            {
                "name": parameter["Name"],
                "type": parameter.get("Type"),
                "keyId": parameter.get("KeyId"),
                "tier": parameter.get("Tier"),
                "tags": _parameter_tags(view, parameter["Name"]),
                "dataType": parameter.get("DataType"),
                "description": parameter.get("Description"),
            },
            view.region,
        )


def _parameter_tags(view: View, name: str) -> Any:
    answer = view.ask("ssm", "list_tags_for_resource", ResourceType="Parameter", ResourceId=name)
    return answer.get("TagList")


def tables(view: View) -> Iterator[Live]:
    """DynamoDB tables with recovery, expiry and who else may use them."""
    for name in view.pages("dynamodb", "list_tables", "TableNames"):
        table = view.ask("dynamodb", "describe_table", TableName=name)["Table"]
        backups = view.ask("dynamodb", "describe_continuous_backups", TableName=name)
        expiry = view.ask("dynamodb", "describe_time_to_live", TableName=name)["TimeToLiveDescription"]
        shared = view.ask(
            "dynamodb",
            "get_resource_policy",
            absent=("PolicyNotFoundException", "ResourceNotFoundException"),
            ResourceArn=table["TableArn"],
        )
        recovery = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        encryption = table.get("SSEDescription") or {}
        expires = expiry.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
        yield Live(
            "aws:dynamodb/table:Table",
            name,
            {
                "name": name,
                **_schema(table),
                "attributes": _attributes(table.get("AttributeDefinitions")),
                "billingMode": (table.get("BillingModeSummary") or {}).get("BillingMode"),
                "deletionProtectionEnabled": table.get("DeletionProtectionEnabled"),
                "pointInTimeRecovery": recovery.get("PointInTimeRecoveryStatus") == "ENABLED",
                "ttl": expiry.get("AttributeName") if expires else None,
                "serverSideEncryption": encryption.get("KMSMasterKeyArn")
                if encryption.get("Status") in ("ENABLED", "ENABLING", "UPDATING")
                else None,
                "tableClass": (table.get("TableClassSummary") or {}).get("TableClass", "STANDARD"),
                "streamEnabled": bool((table.get("StreamSpecification") or {}).get("StreamEnabled")),
                "policy": shared.get("Policy"),
                "tags": view.pages(
                    "dynamodb", "list_tags_of_resource", "Tags", ResourceArn=table["TableArn"]
                ),
            },
            view.region,
        )


def _schema(table: Mapping[str, Any]) -> Mapping[str, Any]:
    parts = {each["KeyType"]: each["AttributeName"] for each in table["KeySchema"]}
    indexes = table.get("GlobalSecondaryIndexes") or ()
    return {
        "hashKey": parts.get("HASH"),
        "rangeKey": parts.get("RANGE"),
        "globalSecondaryIndexes": [each["IndexName"] for each in indexes],
    }


def _attributes(definitions: Any) -> list[str]:
    return [f"{each['AttributeName']} {each['AttributeType']}" for each in definitions or ()]


def _declared_table(declared: Declared, table: Resource) -> Mapping[str, Any]:
    inputs = table.inputs
    recovery, expiry, encryption = (
        next(iter(blocks(inputs.get(name))), {})
        for name in ("pointInTimeRecovery", "ttl", "serverSideEncryption")
    )
    shared = declared.parts(table, "aws:dynamodb/resourcePolicy:ResourcePolicy", "resourceArn")
    return {
        **inputs,
        "attributes": [f"{each.get('name')} {each.get('type')}" for each in blocks(inputs.get("attributes"))],
        "pointInTimeRecovery": bool(recovery.get("enabled")),
        "ttl": expiry.get("attributeName") if expiry.get("enabled", True) else None,
        "serverSideEncryption": encryption.get("kmsKeyArn", "a key of AWS")
        if encryption.get("enabled")
        else None,
        "globalSecondaryIndexes": [each.get("name") for each in blocks(inputs.get("globalSecondaryIndexes"))],
        "policy": shared[0].inputs.get("policy") if shared else None,
    }


KINDS: Final = (
    Kind(
        type="aws:kms/key:Key",
        service="kms",
        read=keys,
        key=by("keyId"),
        fields=(
            exposure("policy", policy),
            protection("enableKeyRotation", default=False),
            protection("rotationPeriodInDays"),
            protection("isEnabled", default=True),
            protection("keyUsage", default="ENCRYPT_DECRYPT"),
            protection("customerMasterKeySpec", default="SYMMETRIC_DEFAULT"),
            setting("multiRegion", default=False),
            setting("description"),
            TAGS,
        ),
    ),
    Kind(
        type="aws:kms/alias:Alias",
        service="kms",
        read=aliases,
        key=by("name"),
        fields=(protection("targetKeyId", last_part), setting("name")),
    ),
    Kind(
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
    Kind(
        type="aws:ssm/parameter:Parameter",
        service="ssm",
        read=parameters,
        key=by("name"),
        fields=(
            protection("type"),
            protection("keyId", last_part),
            setting("tier"),
            setting("dataType"),
            setting("description"),
            setting("name"),
            TAGS,
        ),
    ),
    Kind(
        type="aws:dynamodb/table:Table",
        service="dynamodb",
        read=tables,
        key=by("name"),
        declare=_declared_table,
        fields=(
            exposure("policy", policy, default=None),
            protection("pointInTimeRecovery", default=False),
            protection("deletionProtectionEnabled", default=False),
            protection("serverSideEncryption", default=None),
            protection("ttl", default=None),
            setting("streamEnabled", default=False),
            setting("billingMode", default="PROVISIONED"),
            setting("tableClass"),
            setting("hashKey"),
            setting("rangeKey", default=None),
            setting("attributes", unordered),
            setting("globalSecondaryIndexes", unordered, default=()),
            setting("name"),
            TAGS,
        ),
        parts=(Part("aws:dynamodb/resourcePolicy:ResourcePolicy", "resourceArn", "policy", ("policy",)),),
    ),
)
