"""One side of a pair: `main.tf` says the same in Terraform."""

import pulumi
import pulumi_aws as aws

key = aws.kms.Key("fn", enable_key_rotation=True)
good = aws.lambda_.Function(
    "authorizer",
    role="arn:aws:iam::123456789012:role/a",
    runtime="python3.13",
    handler="a.b",
    code=pulumi.FileArchive("./nowhere"),
    reserved_concurrent_executions=10,
    tracing_config={"mode": "Active"},
    kms_key_arn=key.arn,
    code_signing_config_arn="arn:aws:lambda:eu-central-1:123456789012:code-signing-config:c",
    environment={"variables": {"TABLE": "digests"}},
    dead_letter_config={"target_arn": "arn:aws:sqs:eu-central-1:123456789012:dlq"},
    vpc_config={"subnet_ids": ["subnet-0123456789abcdef0"], "security_group_ids": ["sg-0123456789abcdef0"]},
)
aws.lambda_.Permission(
    "api",
    action="lambda:InvokeFunction",
    function=good.name,
    principal="apigateway.amazonaws.com",
    source_arn="arn:aws:execute-api:eu-central-1:123456789012:a/*",
)
bad = aws.lambda_.Function(
    "loose",
    role="arn:aws:iam::123456789012:role/a",
    runtime="python3.6",
    handler="a.b",
    code=pulumi.FileArchive("./nowhere"),
    environment={"variables": {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}},
)
aws.lambda_.Permission("anyone", action="lambda:InvokeFunction", function=bad.name, principal="*")
aws.lambda_.FunctionUrl("open", function_name=bad.name, authorization_type="NONE")
