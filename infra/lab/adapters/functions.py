"""AWS Lambda and AWS Signer."""

from __future__ import annotations

from infra.lab.adapters.archives import zipped
from infra.lab.adapters.s3 import policy_replaced
from infra.lab.adapters.wanted import Adapter, Row, Wanted, table
from infra.lab.monitor import Created


def function(wanted: Wanted) -> Created:
    name = wanted.physical_name()
    reserved = wanted.take("reservedConcurrentExecutions")
    archive = wanted.take("code")
    wanted.take("sourceCodeHash")
    wanted.take("skipDestroy")
    code = {"ZipFile": zipped(archive)} if archive is not None else {}
    for key, parameter in {
        "s3Bucket": "S3Bucket",
        "s3Key": "S3Key",
        "s3ObjectVersion": "S3ObjectVersion",
        "imageUri": "ImageUri",
    }.items():
        value = wanted.take(key)
        if value:
            code[parameter] = value
    made = wanted.create("lambda", "CreateFunction", FunctionName=name, Code=code)
    if reserved is not None:
        wanted.call(
            "lambda",
            "PutFunctionConcurrency",
            FunctionName=name,
            ReservedConcurrentExecutions=reserved,
        )
    arn = made["FunctionArn"]
    invoke = f"arn:aws:apigateway:{wanted.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
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


def permission(wanted: Wanted) -> Created:
    statement = wanted.take("statementId") or wanted.physical_name("statementId")
    wanted.create("lambda", "AddPermission", {"function": "FunctionName"}, StatementId=statement)
    return Created(statement, {"statementId": statement})


def signing_profile(wanted: Wanted) -> Created:
    # A profile's name may only hold letters, digits and underscores.
    name = wanted.physical_name().replace("-", "_")
    made = wanted.create("signer", "PutSigningProfile", profileName=name)
    return Created(
        name,
        {
            "name": name,
            "arn": made["arn"],
            "version": made["profileVersion"],
            "versionArn": made["profileVersionArn"],
        },
    )


def signing_job(wanted: Wanted) -> Created:
    """What a signing job leaves behind: a signed copy of the object. Here it is a plain copy."""
    source = wanted.take("source")["s3"]
    target = wanted.take("destination")["s3"]
    wanted.pick("profileName", "ignoreSigningJobFailure")
    job = wanted.physical_name("jobId")
    key = f"{target.get('prefix') or ''}{job}.zip"
    place = {"Bucket": source["bucket"], "Key": source["key"]}
    if source.get("version"):
        place["VersionId"] = source["version"]
    with policy_replaced(wanted, source["bucket"]):
        wanted.call("s3", "CopyObject", Bucket=target["bucket"], Key=key, CopySource=place)
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
