"""Cases: DynamoDB tables with recovery, expiry and resource policy."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.case import Case, allow
from tests.scanners.drift.kms_cases import key_case


def table_case(account: Account) -> list[Resource]:
    key = key_case(account)[0]
    account.dynamodb.create_table(
        TableName="tokens",
        KeySchema=[{"AttributeName": "digest", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "digest", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        DeletionProtectionEnabled=True,
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key.outputs["arn"]},
        Tags=[{"Key": "owner", "Value": "ops"}],
    )
    account.dynamodb.update_continuous_backups(
        TableName="tokens", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    account.dynamodb.update_time_to_live(
        TableName="tokens", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    inputs = {
        "name": "tokens",
        "hashKey": "digest",
        "attributes": [{"name": "digest", "type": "S"}],
        "billingMode": "PAY_PER_REQUEST",
        "deletionProtectionEnabled": True,
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": key.outputs["arn"]},
        "pointInTimeRecovery": {"enabled": True},
        "ttl": {"enabled": True, "attributeName": "expires"},
        "tags": {"owner": "ops"},
    }
    return [declare("aws:dynamodb/table:Table", "tokens", inputs), key]


def remove_table(account: Account, resource: Resource) -> object:
    account.dynamodb.update_table(TableName=resource.id, DeletionProtectionEnabled=False)
    return account.dynamodb.delete_table(TableName=resource.id)


CASES = {
    "table": Case(
        table_case,
        {
            "pointInTimeRecovery": lambda a, r: a.dynamodb.update_continuous_backups(
                TableName=r.id, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
            ),
            "deletionProtectionEnabled": lambda a, r: a.dynamodb.update_table(
                TableName=r.id, DeletionProtectionEnabled=False
            ),
            "ttl": lambda a, r: a.dynamodb.update_time_to_live(
                TableName=r.id, TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires"}
            ),
            "policy": lambda a, r: a.dynamodb.put_resource_policy(
                ResourceArn=f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{r.id}",
                Policy=allow("*", "dynamodb:*"),
            ),
            "tags": lambda a, r: a.dynamodb.untag_resource(
                ResourceArn=f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{r.id}", TagKeys=["owner"]
            ),
        },
        remove_table,
    ),
}
