"""What an OpenAPI body tells API Gateway about access (API Gateway extensions to OpenAPI)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.normalize import dump, number

_VERBS: Final = ("get", "put", "post", "patch", "delete", "head", "options")
_ANY: Final = "x-amazon-apigateway-any-method"
_AUTHORIZER: Final = "x-amazon-apigateway-authorizer"


def methods_of(document: Mapping[str, Any]) -> Iterator[str]:
    """`VERB /path: authorizer [with key]` for each operation; `NONE` where anybody may call."""
    schemes = _schemes(document)
    for path, operations in (document.get("paths") or {}).items():
        for verb, operation in operations.items():
            if verb not in _VERBS and verb != _ANY:
                continue
            named = operation.get("security", document.get("security")) or []
            required = [name for requirement in named for name in requirement]
            by_whom = next((name for name in required if _AUTHORIZER in schemes.get(name, {})), "")
            if not by_whom:
                signed = any(_is_signed(schemes.get(name, {})) for name in required)
                by_whom = "AWS_IAM" if signed else "NONE"
            key = " with key" if any(_is_key(schemes.get(name, {})) for name in required) else ""
            yield f"{'ANY' if verb == _ANY else verb.upper()} {path}: {by_whom}{key}"


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
