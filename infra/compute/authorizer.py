"""The Lambda authorizer: the first of two places that check a partner's token; the guard is the second."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.compute.lambda_functions import Attachment, LambdaFunction, LambdaFunctionArgs
from infra.compute.signer import SignedCode
from infra.data.registry_object import RegistryObject
from infra.identity.iam_policies import allow

_CALLS_AT_ONCE = 50
_SECONDS = 5


@dataclass(frozen=True, slots=True)
class AuthorizerArgs:
    """`tokens` is the table of token digests; `registry` has the partners whose calls are decided on."""

    context: ComponentContext
    code: SignedCode
    attachment: Attachment
    tokens: aws.dynamodb.Table
    registry: RegistryObject


class Authorizer(pulumi.ComponentResource):
    """`function` decides on calls; API Gateway invokes it with `role`, which allows nothing else."""

    def __init__(self, name: str, args: AuthorizerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:compute:Authorizer", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        context = args.context
        environment, keys = context.environment, context.keys
        usage = environment.arn("ssm", f"parameter/rampart/{environment.label}/usage/*")
        self.function = LambdaFunction(
            "authorizer",
            LambdaFunctionArgs(
                context,
                args.code,
                "infra.runtime.functions.authorizer.authorize",
                "Decides on the headers of every OCPI call",
                args.attachment,
                {
                    **args.registry.variables,
                    "RAMPART_TOKEN_TABLE": args.tokens.name,
                    "RAMPART_ENVIRONMENT": environment.label,
                    "RAMPART_USAGE_KEYS": f"/rampart/{environment.label}/usage",
                },
                [
                    *args.registry.use,
                    allow("Tokens", ["dynamodb:GetItem"], [args.tokens.arn]),
                    allow("TokenKey", ["kms:Decrypt"], [keys.data.arn]),
                    allow("UsageKeys", ["ssm:GetParameter"], [usage]),
                ],
                _CALLS_AT_ONCE,
                _SECONDS,
            ),
            child,
        )
        self.role = context.role(
            "authorizer-call",
            "apigateway.amazonaws.com",
            [allow("Call", ["lambda:InvokeFunction"], [self.function.arn])],
            child,
        )
        self.register_outputs({"arn": self.function.arn})
