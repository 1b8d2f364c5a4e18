"""What an OpenAPI body tells API Gateway (API Gateway extensions to OpenAPI)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.normalize import dump, number, unordered

_VERBS: Final = ("get", "put", "post", "patch", "delete", "head", "options")
_ANY: Final = "x-amazon-apigateway-any-method"
_OURS: Final = "x-amazon-apigateway"
_AUTHORIZER: Final = f"{_OURS}-authorizer"
_INTEGRATION: Final = f"{_OURS}-integration"
_VALIDATOR: Final = f"{_OURS}-request-validator"
_PLACES: Final = {"path": "path", "query": "querystring", "header": "header"}
_LONGEST: Final = 29000  # milliseconds, and the default
# What a method sends on: static values in it may be secrets.
SENT: Final = ("requestParameters", "requestTemplates")
# The status of each gateway response that has one ("Gateway response types for API Gateway").
_STATUSES: Final[Mapping[str, int]] = {
    **dict.fromkeys(("BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS"), 400),
    "UNAUTHORIZED": 401,
    **dict.fromkeys(("ACCESS_DENIED", "EXPIRED_TOKEN", "INVALID_API_KEY", "INVALID_SIGNATURE"), 403),
    **dict.fromkeys(("MISSING_AUTHENTICATION_TOKEN", "WAF_FILTERED"), 403),
    "RESOURCE_NOT_FOUND": 404,
    "REQUEST_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    **dict.fromkeys(("QUOTA_EXCEEDED", "THROTTLED"), 429),
    **dict.fromkeys(("API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR"), 500),
    "AUTHORIZER_FAILURE": 500,
    **dict.fromkeys(("INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT"), 504),
}


def document_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Everything that a body declares and a REST API keeps, each under a name of its own."""
    operations = dict(_operations(document))
    integrations = {name: one.get(_INTEGRATION) or {} for name, one in operations.items()}
    kept = document.get(f"{_OURS}-request-validators") or {}
    answers = document.get(f"{_OURS}-gateway-responses") or {}
    return {
        "body.methods": list(methods_of(document)),
        "body.authorizers": list(authorizers_of(document)),
        "body.integrations": {name: integration(one) for name, one in integrations.items()},
        "body.connections": {name: one.get("connectionId") for name, one in integrations.items()},
        "body.sent": {name: {key: one.get(key) for key in SENT} for name, one in integrations.items()},
        "body.validation": {name: _checked(document, one) for name, one in operations.items()},
        "body.models": {name: model(one) for name, one in _schemas(document).items()},
        "body.validators": [validator(name, one) for name, one in kept.items()],
        "body.gatewayResponses": {kind: gateway_response(kind, one) for kind, one in answers.items()},
    }


def integration(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where a method leads, from the API or from the body, with API Gateway's defaults left out."""
    if not found:
        return {}
    tls = found.get("tlsConfig") or {}
    timeout = number(found.get("timeoutInMillis"))
    passed = str(found.get("passthroughBehavior") or "WHEN_NO_MATCH").upper()
    connected = str(found.get("connectionType") or "INTERNET").upper()
    return {
        "type": str(found.get("type")).upper(),
        "uri": found.get("uri"),
        "httpMethod": found.get("httpMethod"),
        "credentials": found.get("credentials"),
        "connectionType": None if connected == "INTERNET" else connected,
        "passthroughBehavior": None if passed == "WHEN_NO_MATCH" else passed,
        "timeoutInMillis": None if timeout == _LONGEST else timeout,
        "contentHandling": found.get("contentHandling"),
        "insecureSkipVerification": tls.get("insecureSkipVerification"),
        "cacheKeyParameters": found.get("cacheKeyParameters"),
    }


def model(schema: Any) -> str:
    """A model's schema as text, with its references by name: API Gateway makes addresses of them."""
    return dump(unordered(_with_names(schema))) if schema else "anything"


def _with_names(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        return {key: _named(value) if key == "$ref" else _with_names(value) for key, value in schema.items()}
    return [_with_names(each) for each in schema] if isinstance(schema, list) else schema


def _named(reference: Any) -> str:
    return str(reference).rpartition("/")[2]


def validator(name: str, found: Mapping[str, Any]) -> str:
    """A request validator and what it looks at."""
    looked_at = [key for key in ("body", "parameters") if found.get(f"validateRequest{key.title()}")]
    return f"{name}: {' and '.join(looked_at) or 'nothing'}"


def gateway_response(kind: str, found: Mapping[str, Any]) -> Mapping[str, Any]:
    """What API Gateway answers by itself; `kind` has a status of its own where none is written."""
    return {
        "statusCode": number(found.get("statusCode")) or _STATUSES.get(kind),
        "responseParameters": found.get("responseParameters"),
        "responseTemplates": found.get("responseTemplates"),
    }


def _checked(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Mapping[str, Any]:
    content = (operation.get("requestBody") or {}).get("content") or {}
    return {
        "validator": operation.get(_VALIDATOR) or document.get(_VALIDATOR),
        "required": [
            f"method.request.{_PLACES[each['in']]}.{each['name']}"
            for each in operation.get("parameters") or ()
            if each.get("required")
        ],
        "models": {
            kind: _named(body["schema"]["$ref"])
            for kind, body in content.items()
            if "$ref" in (body.get("schema") or {})
        },
    }


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """`VERB /path`, and the operation."""
    for path, operations in (document.get("paths") or {}).items():
        for verb, operation in operations.items():
            if verb in _VERBS or verb == _ANY:
                yield f"{'ANY' if verb == _ANY else verb.upper()} {path}", operation


def methods_of(document: Mapping[str, Any]) -> Iterator[str]:
    """`VERB /path: authorizer [with key]` for each operation; `NONE` where anybody may call."""
    schemes = _schemes(document)
    for name, operation in _operations(document):
        named = operation.get("security", document.get("security")) or []
        required = [name for requirement in named for name in requirement]
        by_whom = next((name for name in required if _AUTHORIZER in schemes.get(name, {})), "")
        if not by_whom:
            signed = any(_is_signed(schemes.get(name, {})) for name in required)
            by_whom = "AWS_IAM" if signed else "NONE"
        key = " with key" if any(_is_key(schemes.get(name, {})) for name in required) else ""
        yield f"{name}: {by_whom}{key}"


def authorizers_of(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The authorizers that the body declares, with the API's names. `ttl` is in seconds."""
    for name, scheme in _schemes(document).items():
        made = scheme.get(_AUTHORIZER)
        if not isinstance(made, Mapping):
            continue
        source = made.get("identitySource")
        if not source and str(made.get("type")).lower() == "token":
            source = f"method.request.header.{scheme.get('name')}"
        yield {
            "name": name,
            "type": str(made.get("type")).upper(),
            "authorizerUri": made.get("authorizerUri"),
            "identitySource": source,
            "identityValidationExpression": made.get("identityValidationExpression"),
            "credentials": made.get("authorizerCredentials"),
            "ttl": number(made.get("authorizerResultTtlInSeconds", 300)) or 0,
        }


def own_calls(policy: Any, api: str) -> Any:
    """The resource policy of `api` with its own ARN in the short form, `execute-api:/*`.

    AWS stores the long form, with region, account and id (API Gateway Developer Guide, "Control access to a
    REST API with API Gateway resource policies").
    """
    if not policy or not api:
        return policy
    text = policy if isinstance(policy, str) else dump(policy)
    return re.sub(rf"arn:[\w-]+:execute-api:[\w-]*:\d*:{re.escape(api)}/", "execute-api:/", text)


def _schemas(document: Mapping[str, Any]) -> Mapping[str, Any]:
    found = (document.get("components") or {}).get("schemas") or document.get("definitions")
    return found if isinstance(found, Mapping) else {}


def _schemes(document: Mapping[str, Any]) -> Mapping[str, Any]:
    found = (document.get("components") or {}).get("securitySchemes") or document.get("securityDefinitions")
    return found if isinstance(found, Mapping) else {}


def _is_key(scheme: Mapping[str, Any]) -> bool:
    return (
        scheme.get("type") == "apiKey"
        and str(scheme.get("name")).lower() == "x-api-key"
        and _AUTHORIZER not in scheme
    )


def _is_signed(scheme: Mapping[str, Any]) -> bool:
    return scheme.get("x-amazon-apigateway-authtype") == "awsSigv4"
