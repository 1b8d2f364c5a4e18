"""Cases: declared objects of S3 buckets."""

from __future__ import annotations

from scanners.policy.stack import Resource
from tests.beds.aws_account import REGION, Account, declare
from tests.scanners.drift.case import Case

BUCKET = "rampart-drift-objects"


def object_case(account: Account) -> list[Resource]:
    account.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    made = account.s3.put_object(Bucket=BUCKET, Key="registry.json", Body=b"{}")
    inputs = {"bucket": BUCKET, "key": "registry.json"}
    etag = made["ETag"].strip('"')
    return [
        declare("aws:s3/bucketObjectv2:BucketObjectv2", "registry.json", inputs, etag=etag),
        declare("aws:s3/bucket:Bucket", BUCKET, {"bucket": BUCKET}, bucket=BUCKET),
    ]


CASES = {
    "object": Case(
        object_case,
        {
            "etag": lambda a, r: a.s3.put_object(Bucket=BUCKET, Key=r.id, Body=b"[]"),
            "tags": lambda a, r: a.s3.put_object_tagging(
                Bucket=BUCKET, Key=r.id, Tagging={"TagSet": [{"Key": "owner", "Value": "nobody"}]}
            ),
        },
        lambda a, r: a.s3.delete_object(Bucket=BUCKET, Key=r.id),
    ),
}
