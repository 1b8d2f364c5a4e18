"""One kind of DynamoDB table: our own key, point-in-time recovery, deletion protection."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext


@dataclass(frozen=True, slots=True)
class TableShape:
    """Key attributes are strings. `by` adds an index with that attribute as its partition key.

    `expires` is the attribute (epoch seconds) after which DynamoDB removes an item; empty: never.
    """

    name: str
    partition: str
    sort: str = ""
    by: str = ""
    expires: str = ""
    data_class: str = "confidential"


def table(context: ComponentContext, shape: TableShape, opts: pulumi.ResourceOptions) -> aws.dynamodb.Table:
    """Declare a table of `shape`, billed by request, with 35 days of point-in-time recovery.

    The stack must be told first before it deletes the table (`pulumi state unprotect`).
    """
    keys = [key for key in (shape.partition, shape.sort, shape.by) if key]
    return aws.dynamodb.Table(
        shape.name,
        name=context.environment.name(shape.name),
        billing_mode="PAY_PER_REQUEST",
        table_class="STANDARD",
        hash_key=shape.partition,
        range_key=shape.sort or None,
        attributes=[{"name": key, "type": "S"} for key in keys],
        global_secondary_indexes=[
            {"name": f"by-{shape.by}", "hash_key": shape.by, "projection_type": "KEYS_ONLY"}
        ]
        if shape.by
        else None,
        ttl={"attribute_name": shape.expires, "enabled": True} if shape.expires else None,
        point_in_time_recovery={"enabled": True, "recovery_period_in_days": 35},
        server_side_encryption={"enabled": True, "kms_key_arn": context.keys.data.arn},
        deletion_protection_enabled=True,
        stream_enabled=False,
        tags=context.environment.tags(shape.name, tier="data", data_class=shape.data_class),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=True)),
    )
