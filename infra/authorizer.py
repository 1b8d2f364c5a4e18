"""The Lambda authorizer: the first place where a partner's token is looked at."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.cloud_function import Attachment, CloudFunction, CloudFunctionArgs
from infra.code_signing import SignedCode
from infra.ground import Ground
from infra.policies import allow

_CALLS_AT_ONCE = 50
_SECONDS = 5


@dataclass(frozen=True, slots=True)
class AuthorizerArgs:
    """`tokens` is the table of token digests."""

    ground: Ground
    code: SignedCode
    attachment: Attachment
    tokens: aws.dynamodb.Table


class Authorizer(pulumi.ComponentResource):
    """The function, and `role`, with which API Gateway may call it and nothing else."""

    def __init__(self, name: str, args: AuthorizerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("rampart:authorizer:Authorizer", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        ground = args.ground
        place, keys = ground.place, ground.keys
        usage = place.arn("ssm", f"parameter/rampart/{place.environment}/usage/*")
        self.function = CloudFunction(
            "authorizer",
            CloudFunctionArgs(
                ground,
                args.code,
                "infra.functions.authorizer.authorize",
                "Decides on the headers of every OCPI call",
                args.attachment,
                {
                    "RAMPART_TOKEN_TABLE": args.tokens.name,
                    "RAMPART_ENVIRONMENT": place.environment,
                    "RAMPART_USAGE_KEYS": f"/rampart/{place.environment}/usage",
                },
                [
                    allow("Tokens", ["dynamodb:GetItem"], [args.tokens.arn]),
                    allow("TokenKey", ["kms:Decrypt"], [keys.data.arn]),
                    allow("UsageKeys", ["ssm:GetParameter"], [usage]),
                ],
                _CALLS_AT_ONCE,
                _SECONDS,
            ),
            child,
        )
        self.role = ground.role(
            "authorizer-call",
            "apigateway.amazonaws.com",
            [allow("Call", ["lambda:InvokeFunction"], [self.function.arn])],
            child,
        )
        self.register_outputs({"arn": self.function.arn})
