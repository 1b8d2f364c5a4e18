"""Cases: keys, secrets, parameters and tables."""

from __future__ import annotations

import json
from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.drift_cases import Case

ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def allow(principal: Any, action: str, resource: str = "*") -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def key_case(account: Account) -> list[Resource]:
    policy = allow({"AWS": ROOT}, "kms:*")
    made = account.kms.create_key(
        Description="Data",
        Policy=policy,
        KeyUsage="ENCRYPT_DECRYPT",
        Tags=[{"TagKey": "owner", "TagValue": "ops"}],
    )
    id_ = made["KeyMetadata"]["KeyId"]
    account.kms.enable_key_rotation(KeyId=id_)
    inputs = {
        "description": "Data",
        "policy": policy,
        "enableKeyRotation": True,
        "deletionWindowInDays": 30,
        "tags": {"owner": "ops"},
    }
    return [declare("aws:kms/key:Key", id_, inputs, keyId=id_, arn=made["KeyMetadata"]["Arn"])]


def alias_case(account: Account) -> list[Resource]:
    key = key_case(account)[0]
    account.kms.create_alias(AliasName="alias/data", TargetKeyId=key.id)
    inputs = {"name": "alias/data", "targetKeyId": key.outputs["arn"]}
    return [declare("aws:kms/alias:Alias", "alias/data", inputs), key]


def another_key(account: Account, resource: Resource) -> object:
    key = account.kms.create_key()["KeyMetadata"]["KeyId"]
    return account.kms.update_alias(AliasName=resource.id, TargetKeyId=key)


def secret_case(account: Account) -> list[Resource]:
    key = key_case(account)[0]
    policy = allow({"AWS": ROOT}, "secretsmanager:GetSecretValue")
    arn = account.secretsmanager.create_secret(
        Name="rampart/test/partner/inbound",
        Description="Token",
        KmsKeyId=key.outputs["arn"],
        SecretString="token-that-no-report-may-show",
        Tags=[{"Key": "owner", "Value": "ops"}],
    )["ARN"]
    account.secretsmanager.put_resource_policy(SecretId=arn, ResourcePolicy=policy)
    function = rotation_function(account)
    account.secretsmanager.rotate_secret(
        SecretId=arn, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 30}
    )
    rotation = {
        "secretId": arn,
        "rotationLambdaArn": function,
        "rotationRules": {"automaticallyAfterDays": 30.0},
    }
    inputs = {
        "name": "rampart/test/partner/inbound",
        "description": "Token",
        "kmsKeyId": key.outputs["arn"],
        "tags": {"owner": "ops"},
        "recoveryWindowInDays": 7,
    }
    return [
        declare("aws:secretsmanager/secret:Secret", arn, inputs, arn=arn),
        declare("aws:secretsmanager/secretPolicy:SecretPolicy", arn, {"secretArn": arn, "policy": policy}),
        declare("aws:secretsmanager/secretRotation:SecretRotation", arn, rotation),
        key,
    ]


FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotation"


def rotation_function(account: Account) -> str:
    """A function that exists; the emulator does not run it."""
    trust = allow({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole")
    role = account.iam.create_role(RoleName="rotation", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    made = account.client("lambda").create_function(
        FunctionName="rotation",
        Runtime="python3.13",
        Role=role,
        Handler="main.main",
        Code={"ZipFile": b"UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="},
    )
    return str(made["FunctionArn"])


def forgotten_secret(account: Account) -> str:
    return str(account.secretsmanager.create_secret(Name="forgotten", SecretString="x")["ARN"])


def parameter_case(account: Account) -> list[Resource]:
    key = key_case(account)[0]
    account.ssm.put_parameter(
        Name="/rampart/partner", Type="SecureString", Value="secret", KeyId=key.id, Description="Usage key"
    )
    inputs = {
        "name": "/rampart/partner",
        "type": "SecureString",
        "keyId": key.id,
        "description": "Usage key",
    }
    return [declare("aws:ssm/parameter:Parameter", "/rampart/partner", inputs), key]


def other_key(account: Account, resource: Resource) -> object:
    return account.ssm.put_parameter(
        Name=resource.id, Type="SecureString", Value="secret", KeyId="alias/aws/ssm", Overwrite=True
    )


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
    "key": Case(
        key_case,
        {
            "enableKeyRotation": lambda a, r: a.kms.disable_key_rotation(KeyId=r.id),
            "policy": lambda a, r: a.kms.put_key_policy(
                KeyId=r.id, PolicyName="default", Policy=allow("*", "kms:*")
            ),
            "isEnabled": lambda a, r: a.kms.disable_key(KeyId=r.id),
            "description": lambda a, r: a.kms.update_key_description(KeyId=r.id, Description="?"),
            "tags": lambda a, r: a.kms.untag_resource(KeyId=r.id, TagKeys=["owner"]),
        },
        add=lambda a: a.kms.create_key()["KeyMetadata"]["KeyId"],
    ),
    "alias": Case(alias_case, {"targetKeyId": another_key}, lambda a, r: a.kms.delete_alias(AliasName=r.id)),
    "secret": Case(
        secret_case,
        {
            "policy": lambda a, r: a.secretsmanager.put_resource_policy(
                SecretId=r.id, ResourcePolicy=allow("*", "secretsmanager:GetSecretValue")
            ),
            "rotates": lambda a, r: a.secretsmanager.cancel_rotate_secret(SecretId=r.id),
            "rotationRules": lambda a, r: a.secretsmanager.rotate_secret(
                SecretId=r.id, RotationLambdaARN=FUNCTION, RotationRules={"AutomaticallyAfterDays": 300}
            ),
            "kmsKeyId": lambda a, r: a.secretsmanager.update_secret(SecretId=r.id, KmsKeyId="alias/other"),
            "description": lambda a, r: a.secretsmanager.update_secret(SecretId=r.id, Description="?"),
            "tags": lambda a, r: a.secretsmanager.untag_resource(SecretId=r.id, TagKeys=["owner"]),
        },
        lambda a, r: a.secretsmanager.delete_secret(SecretId=r.id, RecoveryWindowInDays=7),
        forgotten_secret,
    ),
    "parameter": Case(
        parameter_case,
        {"keyId": other_key},
        lambda a, r: a.ssm.delete_parameter(Name=r.id),
        lambda a: a.ssm.put_parameter(Name="/more", Type="String", Value="x") and "/more",
    ),
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
