"""AWS Lambda and AWS Signer."""

from __future__ import annotations

from infra.lab.adapters.archives import zipped
from infra.lab.adapters.desired import Adapter, DesiredResource, Row, table
from infra.lab.adapters.s3 import policy_replaced
from infra.lab.monitor import Created


def function(desired: DesiredResource) -> Created:
    name = desired.physical_name()
    reserved = desired.take("reservedConcurrentExecutions")
    archive = desired.take("code")
    desired.take("sourceCodeHash")
    desired.take("skipDestroy")
    code = {"ZipFile": zipped(archive)} if archive is not None else {}
    for key, parameter in {
        "s3Bucket": "S3Bucket",
        "s3Key": "S3Key",
        "s3ObjectVersion": "S3ObjectVersion",
        "imageUri": "ImageUri",
    }.items():
        value = desired.take(key)
        if value:
            code[parameter] = value
    made = desired.create("lambda", "CreateFunction", FunctionName=name, Code=code)
    if reserved is not None:
        desired.call(
            "lambda",
            "PutFunctionConcurrency",
            FunctionName=name,
            ReservedConcurrentExecutions=reserved,
        )
    arn = made["FunctionArn"]
    invoke = f"arn:aws:apigateway:{desired.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    return Created(
        name,
        {
            "name": name,
            "arn": arn,
            "invokeArn": invoke,
            "qualifiedArn": f"{arn}:{made.get('Version', '$LATEST')}",
            "version": made.get("Version", "$LATEST"),
            "sourceCodeHash": made.get("CodeSha256", ""),
        },
    )


def permission(desired: DesiredResource) -> Created:
    statement = desired.take("statementId") or desired.physical_name("statementId")
    desired.create("lambda", "AddPermission", {"function": "FunctionName"}, StatementId=statement)
    return Created(statement, {"statementId": statement})


def signing_profile(desired: DesiredResource) -> Created:
    # A profile's name may only hold letters, digits and underscores.
    name = desired.physical_name().replace("-", "_")
    made = desired.create("signer", "PutSigningProfile", profileName=name)
    return Created(
        name,
        {
            "name": name,
            "arn": made["arn"],
            "version": made["profileVersion"],
            "versionArn": made["profileVersionArn"],
        },
    )


def signing_job(desired: DesiredResource) -> Created:
    """What a signing job leaves behind: a signed copy of the object. Here it is a plain copy."""
    source = desired.take("source")["s3"]
    target = desired.take("destination")["s3"]
    desired.pick("profileName", "ignoreSigningJobFailure")
    job = desired.physical_name("jobId")
    key = f"{target.get('prefix') or ''}{job}.zip"
    copy_source = {"Bucket": source["bucket"], "Key": source["key"]}
    if source.get("version"):
        copy_source["VersionId"] = source["version"]
    with policy_replaced(desired, source["bucket"]):
        desired.call("s3", "CopyObject", Bucket=target["bucket"], Key=key, CopySource=copy_source)
    return Created(
        job,
        {
            "jobId": job,
            "status": "Succeeded",
            "signedObjects": [{"s3s": [{"bucket": target["bucket"], "key": key}]}],
        },
    )


ADAPTERS: dict[str, Adapter] = {
    "aws:lambda/function:Function": function,
    "aws:lambda/permission:Permission": permission,
    "aws:signer/signingProfile:SigningProfile": signing_profile,
    "aws:signer/signingJob:SigningJob": signing_job,
} | table(
    [
        Row(
            type="aws:lambda/alias:Alias",
            service="lambda",
            operation="CreateAlias",
            id="AliasArn",
            outputs={"arn": "AliasArn"},
        ),
    ]
)
