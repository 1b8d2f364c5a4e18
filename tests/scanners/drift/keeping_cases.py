"""Cases: keys, secrets, parameters, tables and buckets."""

from __future__ import annotations

import json
from typing import Any

from scanners.stack import Resource
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


BUCKET = "rampart-drift-audit"


def bucket_case(account: Account) -> list[Resource]:
    s3 = account.s3
    key = key_case(account)[0]
    place = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True)
    s3.create_bucket(Bucket="rampart-drift-access", CreateBucketConfiguration=place)
    delivery = allow(
        {"Service": "logging.s3.amazonaws.com"}, "s3:PutObject", "arn:aws:s3:::rampart-drift-access/*"
    )
    s3.put_bucket_policy(Bucket="rampart-drift-access", Policy=delivery)
    every = {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=every)
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key.outputs["arn"]}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_object_lock_configuration(
        Bucket=BUCKET,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}},
        },
    )
    s3.put_bucket_ownership_controls(
        Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    s3.put_bucket_policy(
        Bucket=BUCKET, Policy=allow({"AWS": ROOT}, "s3:PutObject", f"arn:aws:s3:::{BUCKET}/*")
    )
    s3.put_bucket_lifecycle_configuration(
        Bucket=BUCKET,
        LifecycleConfiguration={
            "Rules": [
                {"ID": "keep", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 500}}
            ]
        },
    )
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "owner", "Value": "ops"}]})
    parts = {
        "bucketPublicAccessBlock:BucketPublicAccessBlock": {n[0].lower() + n[1:]: True for n in every},
        "bucketVersioning:BucketVersioning": {"versioningConfiguration": {"status": "Enabled"}},
        "bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": "aws:kms",
                        "kmsMasterKeyId": key.outputs["arn"],
                    },
                    "bucketKeyEnabled": True,
                }
            ]
        },
        "bucketOwnershipControls:BucketOwnershipControls": {
            "rule": {"objectOwnership": "BucketOwnerEnforced"}
        },
        "bucketPolicy:BucketPolicy": {
            "policy": allow({"AWS": ACCOUNT}, "s3:PutObject", f"arn:aws:s3:::{BUCKET}/*")
        },
        "bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
            "rules": [{"id": "keep", "status": "Enabled", "filter": {}, "expiration": {"days": 500}}]
        },
        "bucketObjectLockConfiguration:BucketObjectLockConfiguration": {
            "rule": {"defaultRetention": {"mode": "COMPLIANCE", "days": 400}}
        },
    }
    inputs = {"bucket": BUCKET, "objectLockEnabled": True, "tags": {"owner": "ops"}}
    other = {"bucket": "rampart-drift-access"}
    return [
        declare("aws:s3/bucket:Bucket", BUCKET, inputs, arn=f"arn:aws:s3:::{BUCKET}"),
        *(declare(f"aws:s3/{t}", BUCKET, {"bucket": BUCKET, **given}) for t, given in parts.items()),
        declare("aws:s3/bucket:Bucket", other["bucket"], other),
        declare("aws:s3/bucketPolicy:BucketPolicy", other["bucket"], {**other, "policy": delivery}),
        key,
    ]


def unblock(account: Account, resource: Resource) -> object:
    return account.s3.put_public_access_block(
        Bucket=resource.id, PublicAccessBlockConfiguration={"BlockPublicAcls": True}
    )


def share(account: Account, resource: Resource) -> object:
    policy = allow("*", "s3:GetObject", f"arn:aws:s3:::{BUCKET}/*")
    return account.s3.put_bucket_policy(Bucket=resource.id, Policy=policy)


def weaken_encryption(account: Account, resource: Resource) -> object:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    return account.s3.put_bucket_encryption(
        Bucket=resource.id, ServerSideEncryptionConfiguration={"Rules": [rule]}
    )


def shorten_lock(account: Account, resource: Resource) -> object:
    return account.s3.put_object_lock_configuration(
        Bucket=resource.id,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
        },
    )


def log_access(account: Account, resource: Resource) -> object:
    enabled = {"TargetBucket": "rampart-drift-access", "TargetPrefix": "x/"}
    return account.s3.put_bucket_logging(Bucket=resource.id, BucketLoggingStatus={"LoggingEnabled": enabled})


def another_bucket(account: Account) -> str:
    account.s3.create_bucket(Bucket="unmanaged", CreateBucketConfiguration={"LocationConstraint": REGION})
    return "unmanaged"


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
    "bucket": Case(
        bucket_case,
        {
            "publicAccess": unblock,
            "policy": share,
            "encryption": weaken_encryption,
            "versioning": lambda a, r: a.s3.put_bucket_versioning(
                Bucket=r.id, VersioningConfiguration={"Status": "Suspended"}
            ),
            "objectLock": shorten_lock,
            "accessLog": log_access,
            "lifecycle": lambda a, r: a.s3.delete_bucket_lifecycle(Bucket=r.id),
            "ownership": lambda a, r: a.s3.put_bucket_ownership_controls(
                Bucket=r.id, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
            ),
            "acl": lambda a, r: a.s3.put_bucket_acl(Bucket=r.id, ACL="public-read"),
            "tags": lambda a, r: a.s3.delete_bucket_tagging(Bucket=r.id),
        },
        lambda a, r: a.s3.delete_bucket(Bucket=r.id),
        another_bucket,
    ),
}
