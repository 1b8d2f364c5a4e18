"""One kind of Lambda function: signed, in the VPC, with its own role, log and dead-letter queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.compute.signer import SignedCode
from infra.identity.iam_policies import Statement, allow, deny_plaintext, document

_INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
)


@dataclass(frozen=True, slots=True)
class Attachment:
    """The subnets (ids) and the security group (id) of a function, which waits for `after`."""

    subnets: Sequence[pulumi.Input[str]]
    group: pulumi.Input[str]
    after: Sequence[pulumi.Resource] = ()


@dataclass(frozen=True, slots=True)
class LambdaFunctionArgs:
    """`entry` is `module.function`; `statements` what the function may do besides writing its log.

    `concurrency` is reserved (Lambda Developer Guide, "Configuring reserved concurrency"): this function
    always has so many executions at once, and never more. Lambda refuses a reservation that leaves less than
    100 executions of the account's quota to the others; new accounts have 10.
    """

    context: ComponentContext
    code: SignedCode
    entry: str
    about: str
    attachment: Attachment
    environment: Mapping[str, pulumi.Input[str]]
    statements: Sequence[Statement]
    concurrency: int
    timeout_seconds: int


class LambdaFunction(pulumi.ComponentResource):
    """`arn` and `name` are the function's; API Gateway calls `invoke_arn`; `dead_letters` is a queue."""

    def __init__(
        self, name: str, args: LambdaFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("rampart:compute:LambdaFunction", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.dead_letters = self._queue()
        self.log_group = args.context.log_group(
            name, self._child, f"/aws/lambda/{args.context.environment.name(name)}"
        )
        self.role = args.context.role(name, "lambda.amazonaws.com", self._statements(), self._child)
        self.function = self._function()
        self.arn, self.name = self.function.arn, self.function.name
        self.invoke_arn = self.function.invoke_arn
        self.register_outputs({"arn": self.arn})

    def _queue(self) -> aws.sqs.Queue:
        environment = self._args.context.environment
        queue = aws.sqs.Queue(
            self._name,
            name=environment.name(self._name, "dead-letters"),
            kms_master_key_id=self._args.context.keys.messages.arn,
            kms_data_key_reuse_period_seconds=300,
            message_retention_seconds=1_209_600,
            tags=environment.tags(f"{self._name}-dead-letters", data_class="confidential"),
            opts=self._child,
        )
        policy = document(deny_plaintext(["sqs:*"], [queue.arn]))
        aws.sqs.QueuePolicy(self._name, queue_url=queue.url, policy=policy, opts=self._child)
        return queue

    def _statements(self) -> list[Statement]:
        context = self._args.context
        environment = context.environment
        interfaces = [
            environment.arn("ec2", f"{kind}/*") for kind in ("network-interface", "security-group", "subnet")
        ]
        here = {"StringEquals": {"aws:RequestedRegion": environment.region}}
        return [
            allow(
                "Log",
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                [pulumi.Output.concat(self.log_group.arn, ":*")],
            ),
            allow("Interfaces", _INTERFACES, interfaces),
            # Lambda asks whether the role may delete an interface of no name, and refuses the function if not
            # (Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC").
            allow("DeleteInterfaces", ["ec2:DeleteNetworkInterface"], [environment.arn("ec2", "*/*")]),
            # Neither describing interfaces nor tracing can be granted for a single resource.
            allow("Describe", ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], ["*"], None, here),
            allow("Trace", ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"], None, here),
            allow("DeadLetters", ["sqs:SendMessage"], [self.dead_letters.arn]),
            allow("DeadLetterKey", ["kms:Decrypt", "kms:GenerateDataKey"], [context.keys.messages.arn]),
            allow("EnvironmentKey", ["kms:Decrypt"], [context.keys.secrets.arn]),
            *self._args.statements,
        ]

    def _function(self) -> aws.lambda_.Function:
        args = self._args
        environment = args.context.environment
        return aws.lambda_.Function(
            self._name,
            name=environment.name(self._name),
            description=args.about,
            role=self.role.arn,
            runtime=aws.lambda_.Runtime.PYTHON3D13,
            architectures=["arm64"],
            package_type="Zip",
            handler=args.entry,
            s3_bucket=args.code.bucket,
            s3_key=args.code.key,
            code_signing_config_arn=args.code.config,
            memory_size=512,
            timeout=args.timeout_seconds,
            reserved_concurrent_executions=args.concurrency if args.context.reserve_concurrency else None,
            kms_key_arn=args.context.keys.secrets.arn,
            environment={"variables": dict(args.environment)},
            vpc_config={
                "subnet_ids": list(args.attachment.subnets),
                "security_group_ids": [args.attachment.group],
            },
            dead_letter_config={"target_arn": self.dead_letters.arn},
            tracing_config={"mode": "Active"},
            logging_config={
                "log_format": "JSON",
                "log_group": self.log_group.name,
                "application_log_level": "INFO",
                "system_log_level": "WARN",
            },
            tags=environment.tags(self._name, tier="service"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.attachment.after)),
        )
