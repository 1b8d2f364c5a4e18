"""The sample's OpenAPI document, as the API takes it."""

from __future__ import annotations

import json
from typing import Any

_INTEGRATION = {
    "type": "http_proxy",
    "connectionType": "VPC_LINK",
    "connectionId": "link-1",
    "uri": "https://guard.ocpi.example/",
}


def _operation(**more: Any) -> dict[str, Any]:
    return {
        "security": [{"partner": [], "usage": []}],
        "x-amazon-apigateway-integration": _INTEGRATION,
        **more,
    }


_CALLS = {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
_STRANGERS = {"NotIpAddress": {"aws:SourceIp": ["192.0.2.0/28"]}}
AUTHORIZER_URI = (
    "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/"
    "arn:aws:lambda:eu-central-1:111122223333:function:authorizer/invocations"
)
TLS_POLICY = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"
POLICY_IN_BODY = "x-amazon-apigateway-policy"

_BODY = {
    "openapi": "3.0.1",
    POLICY_IN_BODY: {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", **_CALLS},
            {"Effect": "Deny", **_CALLS, "Condition": _STRANGERS},
        ],
    },
    "x-amazon-apigateway-security-policy": TLS_POLICY,
    "x-amazon-apigateway-endpoint-access-mode": "STRICT",
    "x-amazon-apigateway-request-validator": "all",
    "x-amazon-apigateway-request-validators": {
        "all": {"validateRequestBody": True, "validateRequestParameters": True}
    },
    "x-amazon-apigateway-gateway-responses": {
        name: {"responseTemplates": {"application/json": f'{{"status_code": {code}}}'}}
        for name, code in (("DEFAULT_4XX", 2000), ("DEFAULT_5XX", 3000))
    },
    "components": {
        "securitySchemes": {
            "partner": {
                "type": "apiKey",
                "name": "Authorization",
                "in": "header",
                "x-amazon-apigateway-authorizer": {
                    "type": "request",
                    "identitySource": "method.request.header.Authorization",
                    "authorizerUri": AUTHORIZER_URI,
                    "authorizerResultTtlInSeconds": 60,
                },
            },
            "usage": {"type": "apiKey", "name": "x-api-key", "in": "header"},
        },
        "schemas": {"Session": {"type": "object", "properties": {"id": {"type": "string"}}}},
    },
    "paths": {
        "/ocpi/versions": {"get": _operation()},
        "/ocpi/2.2.1/sessions": {
            "put": _operation(
                requestBody={
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Session"}}},
                }
            )
        },
    },
}


def api_body(**changes: Any) -> str:
    """The sample's OpenAPI document, as text. `changes` replace whole top-level members."""
    return json.dumps({**_BODY, **changes})


def with_operation(path: str, method: str, **more: Any) -> str:
    """The document with one operation more."""
    return api_body(paths={**_BODY["paths"], path: {method: _operation(**more)}})  # type: ignore[dict-item]  # a JSON object
