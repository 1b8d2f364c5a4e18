"""What API Gateway's updates take: its models know no members (API reference, patch operations)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.beds.aws_account import ACCOUNT, REGION
from tests.mutation.drift_values import POLICY

_LOG = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:changed"

PATCHES: Final[Mapping[tuple[str, str], tuple[tuple[str, str], ...]]] = {
    ("apigateway", "UpdateRestApi"): (
        ("/name", "changed"),
        ("/description", "changed"),
        ("/policy", POLICY),
        ("/apiKeySource", "AUTHORIZER"),
        ("/minimumCompressionSize", "64"),
        ("/disableExecuteApiEndpoint", "false"),
        ("/binaryMediaTypes/changed~1changed", ""),
    ),
    ("apigateway", "UpdateStage"): (
        ("/description", "changed"),
        ("/tracingEnabled", "false"),
        ("/tracingEnabled", "true"),
        ("/cacheClusterEnabled", "true"),
        ("/cacheClusterSize", "0.5"),
        ("/clientCertificateId", "changed"),
        ("/variables/changed", "changed"),
        ("/deploymentId", "changed"),
        ("/accessLogSettings/destinationArn", _LOG),
        ("/accessLogSettings/format", "$context.changed"),
        ("/*/*/logging/loglevel", "ERROR"),
        ("/*/*/logging/loglevel", "OFF"),
        ("/*/*/logging/dataTrace", "true"),
        ("/*/*/metrics/enabled", "false"),
        ("/*/*/metrics/enabled", "true"),
        ("/*/*/throttling/burstLimit", "9999"),
        ("/*/*/throttling/rateLimit", "9999"),
        ("/*/*/caching/enabled", "true"),
        ("/*/*/caching/dataEncrypted", "true"),
        ("/*/*/caching/ttlInSeconds", "1"),
    ),
    ("apigateway", "UpdateUsagePlan"): (
        ("/name", "changed"),
        ("/description", "changed"),
        ("/throttle/rateLimit", "9999"),
        ("/throttle/burstLimit", "9999"),
        ("/quota/limit", "9999"),
        ("/quota/period", "MONTH"),
        ("/quota/offset", "1"),
        ("/productCode", "changed"),
    ),
    ("apigateway", "UpdateApiKey"): (
        ("/name", "changed"),
        ("/description", "changed"),
        ("/enabled", "false"),
        ("/enabled", "true"),
        ("/customerId", "changed"),
    ),
    ("apigateway", "UpdateAuthorizer"): (
        ("/name", "changed"),
        ("/authorizerUri", "arn:aws:apigateway:changed"),
        ("/authorizerCredentials", f"arn:aws:iam::{ACCOUNT}:role/changed"),
        ("/authorizerResultTtlInSeconds", "300"),
        ("/identitySource", "method.request.header.Changed"),
        ("/identityValidationExpression", "changed"),
        ("/type", "REQUEST"),
        ("/type", "TOKEN"),
    ),
    ("apigateway", "UpdateDomainName"): (
        ("/securityPolicy", "TLS_1_0"),
        ("/regionalCertificateArn", f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/changed"),
        ("/mutualTlsAuthentication/truststoreUri", "s3://changed/changed"),
    ),
    ("apigateway", "UpdateBasePathMapping"): (
        ("/restApiId", "changed"),
        ("/stage", "changed"),
        ("/basePath", "changed"),
    ),
    ("apigateway", "UpdateVpcLink"): (("/name", "changed"), ("/description", "changed")),
    ("apigateway", "UpdateAccount"): (
        ("/cloudwatchRoleArn", f"arn:aws:iam::{ACCOUNT}:role/changed"),
        ("/throttleSettings/rateLimit", "1"),
    ),
    ("apigateway", "UpdateRequestValidator"): (
        ("/name", "changed"),
        ("/validateRequestBody", "false"),
        ("/validateRequestParameters", "false"),
    ),
    ("apigateway", "UpdateGatewayResponse"): (("/statusCode", "418"),),
    ("apigateway", "UpdateModel"): (("/schema", "{}"), ("/description", "changed")),
}
