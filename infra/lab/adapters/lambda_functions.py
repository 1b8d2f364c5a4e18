"""AWS Lambda."""

from __future__ import annotations

from infra.lab.adapters.archives import zipped
from infra.lab.adapters.desired_resource import Adapter, DesiredResource, Row, table
from infra.program_run.monitor import Created


def function(desired: DesiredResource) -> Created:
    """CreateFunction, then its reserved concurrency."""
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
            "codeSha256": made.get("CodeSha256", ""),
            "sourceCodeHash": made.get("CodeSha256", ""),
        },
    )


def permission(desired: DesiredResource) -> Created:
    """AddPermission."""
    statement = desired.take("statementId") or desired.physical_name("statementId")
    desired.create("lambda", "AddPermission", {"function": "FunctionName"}, StatementId=statement)
    return Created(statement, {"statementId": statement})


ADAPTERS: dict[str, Adapter] = {
    "aws:lambda/function:Function": function,
    "aws:lambda/permission:Permission": permission,
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
