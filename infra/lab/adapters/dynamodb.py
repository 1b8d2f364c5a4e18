"""Amazon DynamoDB."""

from __future__ import annotations

from typing import Any

from infra.lab.adapters.desired_resource import Adapter, DesiredResource
from infra.program_run.monitor import Created


def dynamodb_table(desired: DesiredResource) -> Created:
    """CreateTable, then its recovery and expiry."""
    name = desired.physical_name()
    keys = [{"AttributeName": desired.take("hashKey"), "KeyType": "HASH"}]
    range_key = desired.take("rangeKey")
    if range_key:
        keys.append({"AttributeName": range_key, "KeyType": "RANGE"})
    recovery = desired.take("pointInTimeRecovery")
    expiry = desired.take("ttl")
    encrypted = desired.take("serverSideEncryption")
    if encrypted:
        desired.left["sseSpecification"] = _sse(encrypted)
    stream = desired.pick("streamEnabled", "streamViewType")
    if stream:
        desired.left["streamSpecification"] = stream
    desired.left |= {"globalSecondaryIndexes": _indexes(desired.take("globalSecondaryIndexes", [])) or None}
    made = desired.create(
        "dynamodb",
        "CreateTable",
        {
            "attributes": "AttributeDefinitions",
            "attributes.name": "AttributeName",
            "attributes.type": "AttributeType",
        },
        TableName=name,
        KeySchema=keys,
    )["TableDescription"]
    if recovery:
        _set_recovery(desired, name, recovery)
    if expiry:
        desired.call("dynamodb", "UpdateTimeToLive", {"timeToLiveSpecification": expiry}, TableName=name)
    return Created(
        name, {"name": name, "arn": made["TableArn"], "streamArn": made.get("LatestStreamArn", "")}
    )


def _set_recovery(desired: DesiredResource, name: str, recovery: dict[str, Any]) -> None:
    specification = {"PointInTimeRecoveryEnabled": recovery["enabled"]}
    if recovery.get("recoveryPeriodInDays"):
        specification["RecoveryPeriodInDays"] = recovery["recoveryPeriodInDays"]
    desired.call(
        "dynamodb",
        "UpdateContinuousBackups",
        TableName=name,
        PointInTimeRecoverySpecification=specification,
    )


def _sse(encrypted: dict[str, Any]) -> dict[str, Any]:
    key = {"kmsMasterKeyId": encrypted["kmsKeyArn"]} if encrypted.get("kmsKeyArn") else {}
    return {"enabled": encrypted["enabled"], "sseType": "KMS", **key}


def _indexes(indexes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for index in indexes:
        keys = [{"attributeName": index["hashKey"], "keyType": "HASH"}]
        if index.get("rangeKey"):
            keys.append({"attributeName": index["rangeKey"], "keyType": "RANGE"})
        projection = {"projectionType": index["projectionType"]}
        if index.get("nonKeyAttributes"):
            projection["nonKeyAttributes"] = index["nonKeyAttributes"]
        found.append({"indexName": index["name"], "keySchema": keys, "projection": projection})
    return found


ADAPTERS: dict[str, Adapter] = {"aws:dynamodb/table:Table": dynamodb_table}
