"""Cases: AWS Lambda: functions with who may call them and where their results go."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.case import Case
from tests.scanners.drift.iam_cases import trust


def code() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("main.py", "def main(event, context):\n    return {}\n")
    return written.getvalue()


def function_case(account: Account) -> list[Resource]:
    functions = account.client("lambda")
    who = trust({"Service": "lambda.amazonaws.com"})
    arn = account.iam.create_role(RoleName="authorizer", AssumeRolePolicyDocument=who)["Role"]["Arn"]
    made = functions.create_function(
        FunctionName="authorizer",
        Runtime="python3.13",
        Role=arn,
        Handler="main.main",
        Code={"ZipFile": code()},
        Timeout=5,
        MemorySize=256,
        Environment={"Variables": {"TABLE": "tokens", "SECRETIVE": "a-value-that-no-report-may-show"}},
        TracingConfig={"Mode": "Active"},
        Tags={"owner": "ops"},
    )
    source = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:api/authorizers/a"
    functions.add_permission(
        FunctionName="authorizer",
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=source,
    )
    functions.put_function_concurrency(FunctionName="authorizer", ReservedConcurrentExecutions=50)
    inputs = {
        "name": "authorizer",
        "runtime": "python3.13",
        "role": arn,
        "handler": "main.main",
        "timeout": 5.0,
        "memorySize": 256.0,
        "environment": {"variables": {"TABLE": "tokens", "SECRETIVE": "a-value-that-no-report-may-show"}},
        "tracingConfig": {"mode": "Active"},
        "reservedConcurrentExecutions": 50.0,
        "tags": {"owner": "ops"},
    }
    permission = {
        "function": "authorizer",
        "action": "lambda:InvokeFunction",
        "principal": "apigateway.amazonaws.com",
        "sourceArn": source,
    }
    return [
        declare(
            "aws:lambda/function:Function",
            "authorizer",
            inputs,
            arn=made["FunctionArn"],
            codeSha256=made["CodeSha256"],
        ),
        declare("aws:lambda/permission:Permission", "api", permission),
    ]


def configure(**change: Any) -> Any:
    return lambda a, r: a.client("lambda").update_function_configuration(FunctionName=r.id, **change)


def replace_code(account: Account, resource: Resource) -> object:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("main.py", "import os\n")
    return account.client("lambda").update_function_code(FunctionName=resource.id, ZipFile=written.getvalue())


CASES = {
    "function": Case(
        function_case,
        {
            "environment": configure(Environment={"Variables": {"TABLE": "other"}}),
            "role": configure(Role=f"arn:aws:iam::{ACCOUNT}:role/other"),
            "timeout": configure(Timeout=900),
            "codeSha256": replace_code,
            "permissions": lambda a, r: a.client("lambda").add_permission(
                FunctionName=r.id, StatementId="all", Action="lambda:InvokeFunction", Principal="*"
            ),
            "url": lambda a, r: a.client("lambda").create_function_url_config(
                FunctionName=r.id, AuthType="NONE"
            ),
            "destinations": lambda a, r: a.client("lambda").put_function_event_invoke_config(
                FunctionName=r.id,
                DestinationConfig={"OnSuccess": {"Destination": f"arn:aws:sqs:{REGION}:999999999999:x"}},
            ),
            "reservedConcurrentExecutions": lambda a, r: a.client("lambda").delete_function_concurrency(
                FunctionName=r.id
            ),
        },
        lambda a, r: a.client("lambda").delete_function(FunctionName=r.id),
    ),
}
