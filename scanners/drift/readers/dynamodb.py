"""DynamoDB tables with recovery, expiry and resource policy (DynamoDB API reference)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, blocks, by
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import number, policy, unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource

_LONGEST: Final = 35


def tables(view: View) -> Iterator[Live]:
    """Tables with recovery, expiry and resource policy (DescribeTable, DescribeContinuousBackups)."""
    for name in view.pages("dynamodb", "list_tables", "TableNames"):
        yield Live("aws:dynamodb/table:Table", name, partial(_table, view, name), view.region)


def _table(view: View, name: str) -> Mapping[str, Any]:
    table = view.ask("dynamodb", "describe_table", TableName=name)["Table"]
    arn = table["TableArn"]
    encryption = table.get("SSEDescription") or {}
    return {
        "name": name,
        **_schema(table),
        "attributes": _attributes(table.get("AttributeDefinitions")),
        "billingMode": (table.get("BillingModeSummary") or {}).get("BillingMode"),
        "deletionProtectionEnabled": table.get("DeletionProtectionEnabled"),
        "pointInTimeRecovery": partial(_recovers, view, name),
        "pointInTimeRecovery.recoveryPeriodInDays": partial(_recovery_days, view, name),
        "ttl": partial(_expiry, view, name),
        "serverSideEncryption": encryption.get("KMSMasterKeyArn")
        if encryption.get("Status") in ("ENABLED", "ENABLING", "UPDATING")
        else None,
        "tableClass": (table.get("TableClassSummary") or {}).get("TableClass", "STANDARD"),
        "streamEnabled": bool((table.get("StreamSpecification") or {}).get("StreamEnabled")),
        "policy": view.later(
            "dynamodb",
            "get_resource_policy",
            "Policy",
            absent=("PolicyNotFoundException", "ResourceNotFoundException"),
            ResourceArn=arn,
        ),
        "tags": view.tags_or(
            arn, partial(view.pages, "dynamodb", "list_tags_of_resource", "Tags", ResourceArn=arn)
        ),
    }


def _recovery(view: View, name: str) -> Mapping[str, Any]:
    found = view.ask("dynamodb", "describe_continuous_backups", TableName=name)
    return found["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription") or {}


def _recovers(view: View, name: str) -> bool:
    return bool(_recovery(view, name).get("PointInTimeRecoveryStatus") == "ENABLED")


def _recovery_days(view: View, name: str) -> Any:
    """How far back; AWS keeps 35 days where nobody says how many."""
    return _recovery(view, name).get("RecoveryPeriodInDays", _LONGEST)


def _expiry(view: View, name: str) -> Any:
    found = view.ask("dynamodb", "describe_time_to_live", TableName=name)["TimeToLiveDescription"]
    on = found.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
    return found.get("AttributeName") if on else None


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
        block(inputs.get(name)) for name in ("pointInTimeRecovery", "ttl", "serverSideEncryption")
    )
    shared = declared.parts(table, "aws:dynamodb/resourcePolicy:ResourcePolicy", "resourceArn")
    return {
        **inputs,
        "attributes": [f"{each.get('name')} {each.get('type')}" for each in blocks(inputs.get("attributes"))],
        "pointInTimeRecovery": bool(recovery.get("enabled")),
        "pointInTimeRecovery.recoveryPeriodInDays": recovery.get("recoveryPeriodInDays"),
        "ttl": expiry.get("attributeName") if expiry.get("enabled", True) else None,
        "serverSideEncryption": encryption.get("kmsKeyArn", "a key of AWS")
        if encryption.get("enabled")
        else None,
        "globalSecondaryIndexes": [each.get("name") for each in blocks(inputs.get("globalSecondaryIndexes"))],
        "policy": shared[0].inputs.get("policy") if shared else None,
    }


READERS: Final = (
    ResourceReader(
        type="aws:dynamodb/table:Table",
        service="dynamodb",
        read=tables,
        key=by("name"),
        declare=_declared_table,
        fields=(
            exposure("policy", policy, default=None),
            protection("pointInTimeRecovery", default=False),
            protection("pointInTimeRecovery.recoveryPeriodInDays", number, default=_LONGEST),
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
