"""Cases: S3 buckets, with the settings that Pulumi declares apart."""

from __future__ import annotations

from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.case import ROOT, Case, allow
from tests.scanners.drift.kms_cases import key_case
from tests.scanners.drift.lambda_functions_cases import function_case

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
    parts: dict[str, dict[str, Any]] = {
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


def list_to_others(account: Account, resource: Resource) -> object:
    there = {"Bucket": "arn:aws:s3:::elsewhere", "Format": "CSV"}
    listed = {
        "Id": "all",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": there},
    }
    return account.s3.put_bucket_inventory_configuration(
        Bucket=resource.id, Id="all", InventoryConfiguration=listed
    )


def tell_a_function(account: Account, resource: Resource) -> object:
    function = function_case(account)[0].outputs["arn"]
    told = [{"LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"]}]
    return account.s3.put_bucket_notification_configuration(
        Bucket=resource.id, NotificationConfiguration={"LambdaFunctionConfigurations": told}
    )


def another_bucket(account: Account) -> str:
    account.s3.create_bucket(Bucket="unmanaged", CreateBucketConfiguration={"LocationConstraint": REGION})
    return "unmanaged"


CASES = {
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
            "notifications": tell_a_function,
            "accessLog": log_access,
            "website": lambda a, r: a.s3.put_bucket_website(
                Bucket=r.id,
                WebsiteConfiguration={"RedirectAllRequestsTo": {"HostName": "elsewhere.example"}},
            ),
            "inventory": list_to_others,
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
