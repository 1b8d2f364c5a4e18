"""The API as an OpenAPI 3.0 document, generated from the route table and the partners' contracts.

Only what some partner contracted is in it: a module that nobody has does not exist at the edge.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hardening.registry.partners import Partner
from hardening.requests.modules import CONFIGURATION
from hardening.requests.routes import ROUTES, Operation, Route
from infra.edge.openapi_models import body_models
from infra.identity.iam_policies import Statement, allow, deny

# TLS 1.3 and 1.2, forward secrecy and AEAD only, post-quantum key exchange; of AWS's policies for a
# regional API that admit TLS 1.2, the only family without CBC and static RSA. The API negotiates with its
# own policy, whatever its domain name has (API Gateway Developer Guide, "Security policies for REST APIs").
TLS_POLICY = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"

_BACKEND_MILLISECONDS = 29_000
_PAGE = ("date_from", "date_to", "offset", "limit")

# gateway response -> (HTTP status, OCPI status, message); OCPI 2.2.1, "Status codes".
_ANSWERS = {
    "ACCESS_DENIED": (403, 2000, "not allowed"),
    "BAD_REQUEST_BODY": (400, 2001, "invalid body"),
    "BAD_REQUEST_PARAMETERS": (400, 2001, "invalid parameters"),
    "DEFAULT_4XX": (None, 2000, "refused"),
    "DEFAULT_5XX": (None, 3000, "server error"),
    "MISSING_AUTHENTICATION_TOKEN": (404, 2000, "unknown endpoint"),
    "QUOTA_EXCEEDED": (429, 2000, "quota exceeded"),
    "REQUEST_TOO_LARGE": (413, 2001, "body too large"),
    "THROTTLED": (429, 2000, "too many requests"),
    "UNAUTHORIZED": (401, 2000, "unauthorized"),
    "UNSUPPORTED_MEDIA_TYPE": (415, 2001, "unsupported media type"),
    "WAF_FILTERED": (403, 2000, "not allowed"),
}


@dataclass(frozen=True, slots=True)
class Backend:
    """Where calls go: the authorizer and its caller's role (ARNs), the VPC link, and the guard's name."""

    authorizer: str
    role: str
    link: str
    host: str


def api_definition(title: str, partners: tuple[Partner, ...], backend: Backend) -> dict[str, Any]:
    """The OpenAPI 3.0 document, with API Gateway's extensions. `title` is the API's name.

    API Gateway Developer Guide, "OpenAPI extensions for API Gateway".
    """
    routes = contracted(partners)
    paths: dict[str, Any] = {}
    for route in routes:
        methods = {o.method.lower(): _operation(route, o, backend) for o in route.operations}
        paths[route.template] = methods
    return {
        "openapi": "3.0.1",
        "info": {"title": title, "version": "1.0", "description": "OCPI gateway"},
        "x-amazon-apigateway-api-key-source": "AUTHORIZER",
        # What an import leaves out, it resets: policy and TLS are part of every import and deployment.
        "x-amazon-apigateway-policy": {"Version": "2012-10-17", "Statement": _callers(partners)},
        "x-amazon-apigateway-security-policy": TLS_POLICY,
        "x-amazon-apigateway-endpoint-access-mode": "STRICT",
        "x-amazon-apigateway-request-validators": {
            "all": {"validateRequestBody": True, "validateRequestParameters": True}
        },
        "x-amazon-apigateway-request-validator": "all",
        "x-amazon-apigateway-gateway-responses": {name: _answer(*about) for name, about in _ANSWERS.items()},
        "paths": paths,
        "components": {"securitySchemes": _schemes(backend), "schemas": _models(routes)},
    }


def contracted(partners: tuple[Partner, ...]) -> tuple[Route, ...]:
    """The routes that at least one partner's versions and modules open."""
    open_modules = {(version, m) for p in partners for version in p.versions for m in p.modules}
    versions = {version for version, _ in open_modules}
    return tuple(
        route
        for route in ROUTES
        if (route.version, route.module) in open_modules
        or (route.module in CONFIGURATION and (not route.version or route.version in versions))
    )


def _operation(route: Route, operation: Operation, backend: Backend) -> dict[str, Any]:
    described: dict[str, Any] = {
        "parameters": list(_parameters(route, operation)),
        "responses": {"200": {"description": "OCPI envelope"}},
        # Both: the authorizer says who calls, the usage plan how often.
        "security": [{"partner": [], "usage": []}],
        "x-amazon-apigateway-request-validator": "all",
        "x-amazon-apigateway-integration": _integration(route, operation, backend),
    }
    if operation.body:
        schema = {"$ref": f"#/components/schemas/{_model_name(route, operation)}"}
        # A real-time authorization may come without a location (OCPI 2.2.1, 12.2.2).
        required = operation.body != "LocationReferences"
        described["requestBody"] = {"required": required, "content": {"application/json": {"schema": schema}}}
    return described


def _parameters(route: Route, operation: Operation) -> Iterator[dict[str, Any]]:
    for name in route.parameters:
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    if operation.many:
        for name in _PAGE:
            yield {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}


def _integration(route: Route, operation: Operation, backend: Backend) -> dict[str, Any]:
    mapped = {f"integration.request.path.{n}": f"method.request.path.{n}" for n in route.parameters}
    return {
        "type": "http_proxy",
        "httpMethod": operation.method,
        "uri": f"https://{backend.host}{route.template}",
        "connectionType": "VPC_LINK",
        "connectionId": backend.link,
        "passthroughBehavior": "when_no_match",
        "timeoutInMillis": _BACKEND_MILLISECONDS,
        "tlsConfig": {"insecureSkipVerification": False},
        "requestParameters": mapped,
    }


def _schemes(backend: Backend) -> dict[str, Any]:
    return {
        "partner": {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": {
                "type": "request",
                "identitySource": "method.request.header.Authorization",
                "authorizerUri": backend.authorizer,
                "authorizerCredentials": backend.role,
                # Nothing is remembered: a revoked token is refused on its next call.
                "authorizerResultTtlInSeconds": 0,
            },
        },
        "usage": {"type": "apiKey", "name": "x-api-key", "in": "header"},
    }


def _models(routes: tuple[Route, ...]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for route in routes:
        for one in route.operations:
            if one.body:
                found |= body_models(route.version, one.body, one.partial, _model_name(route, one))
    return dict(sorted(found.items()))


def _model_name(route: Route, operation: Operation) -> str:
    """API Gateway takes letters and digits only."""
    part = "Patch" if operation.partial else ""
    return f"{operation.body}{part}V{route.version.replace('.', '')}"


def _answer(status: int | None, ocpi: int, message: str) -> dict[str, Any]:
    """An OCPI envelope for what the edge itself refuses, with as little detail as OCPI allows."""
    text = f'{{"status_code":{ocpi},"status_message":"{message}","timestamp":"$context.requestTime"}}'
    return {
        **({"statusCode": status} if status is not None else {}),
        "responseParameters": {
            "gatewayresponse.header.Cache-Control": "'no-store'",
            "gatewayresponse.header.Strict-Transport-Security": "'max-age=31536000'",
        },
        "responseTemplates": {"application/json": text},
    }


def _callers(partners: tuple[Partner, ...]) -> list[Statement]:
    """The statements of the resource policy: partners' networks and nobody else. Without partners, nobody.

    API Gateway Developer Guide, "Control access to a REST API with API Gateway resource policies".
    """
    networks = sorted({network for partner in partners for network in partner.networks})
    invoke, everything = ["execute-api:Invoke"], ["execute-api:/*"]
    if not networks:
        return [deny("Nobody", invoke, everything, "*")]
    inside = {"IpAddress": {"aws:SourceIp": networks}}
    outside = {"NotIpAddress": {"aws:SourceIp": networks}}
    return [
        allow("Partners", invoke, everything, "*", inside),
        deny("Strangers", invoke, everything, "*", outside),
    ]
