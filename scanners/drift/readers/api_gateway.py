"""API Gateway: REST APIs with what their document declares, and the account (REST API reference)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import number, policy, unordered
from scanners.drift.openapi import (
    SENT,
    document_of,
    gateway_response,
    integration,
    model,
    own_calls,
    validator,
)
from scanners.drift.records import Live, ResourceReader
from scanners.policy.stack import Resource


def endpoint_configuration(value: Any) -> Any:
    """Endpoint types, and the VPC endpoints of private APIs. Pulumi flattens a list of one type."""
    found = block(value)
    types = found.get("types")
    types = [types] if isinstance(types, str) else list(types or ())
    return unordered({"types": types, "vpcEndpointIds": found.get("vpcEndpointIds")})


def policy_text(value: Any) -> Any:
    """A policy as JSON text: API Gateway answers it with escaped quotes (REST API reference, RestApi)."""
    return value.replace('\\"', '"') if isinstance(value, str) else value


def rest_apis(view: View) -> Iterator[Live]:
    """REST APIs with all that their document declares (GetRestApis, GetResources, GetModels, …)."""
    for api in view.pages("apigateway", "get_rest_apis", "items"):
        key = api["id"]
        methods = partial(_of_methods, view, key)
        yield Live(
            "aws:apigateway/restApi:RestApi",
            key,
            {
                "name": api.get("name"),
                "description": api.get("description"),
                "policy": own_calls(policy_text(api.get("policy")), key),
                "disableExecuteApiEndpoint": api.get("disableExecuteApiEndpoint"),
                "securityPolicy": api.get("securityPolicy"),
                "endpointAccessMode": api.get("endpointAccessMode"),
                "endpointConfiguration": api.get("endpointConfiguration"),
                "apiKeySource": api.get("apiKeySource"),
                "minimumCompressionSize": api.get("minimumCompressionSize"),
                "binaryMediaTypes": api.get("binaryMediaTypes"),
                "body.methods": partial(_callers, view, key),
                "body.integrations": partial(methods, integration),
                "body.connections": partial(methods, _connection),
                "body.sent": partial(methods, _sent),
                "body.validation": partial(_validation, view, key),
                "body.authorizers": partial(_authorizers, view, key),
                "body.models": partial(_models, view, key),
                "body.validators": partial(_validators, view, key),
                "body.gatewayResponses": partial(_responses, view, key),
                "tags": api.get("tags"),
            },
            view.region,
        )


def _listed(view: View, operation: str, api: str) -> list[Any]:
    return view.pages("apigateway", operation, "items", restApiId=api)


def _methods(view: View, api: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """`VERB /path` of each method, and the method."""
    for resource in view.pages("apigateway", "get_resources", "items", restApiId=api, embed=["methods"]):
        for verb, method in (resource.get("resourceMethods") or {}).items():
            yield f"{verb} {resource['path']}", method


def _of_methods(view: View, api: str, part: Callable[[Mapping[str, Any]], Any]) -> Mapping[str, Any]:
    return {name: part(method.get("methodIntegration") or {}) for name, method in _methods(view, api)}


def _connection(found: Mapping[str, Any]) -> Any:
    return found.get("connectionId")


def _sent(found: Mapping[str, Any]) -> Any:
    return {name: found.get(name) for name in SENT}


def _callers(view: View, api: str) -> list[str]:
    names = {each["id"]: each["name"] for each in _listed(view, "get_authorizers", api)}
    found = []
    for name, method in _methods(view, api):
        by_whom = names.get(str(method.get("authorizerId")), method.get("authorizationType") or "NONE")
        found.append(f"{name}: {by_whom}{' with key' if method.get('apiKeyRequired') else ''}")
    return found


def _validation(view: View, api: str) -> Mapping[str, Any]:
    names = {each["id"]: each["name"] for each in _listed(view, "get_request_validators", api)}
    return {
        name: {
            "validator": names.get(str(method.get("requestValidatorId"))),
            "required": [each for each, must in (method.get("requestParameters") or {}).items() if must],
            "models": method.get("requestModels"),
        }
        for name, method in _methods(view, api)
    }


def _authorizers(view: View, api: str) -> list[Any]:
    names = ("name", "type", "authorizerUri", "identitySource", "identityValidationExpression")
    return [
        {
            **{name: found.get(name) for name in names},
            "credentials": found.get("authorizerCredentials"),
            "ttl": number(found.get("authorizerResultTtlInSeconds", 300)) or 0,
        }
        for found in _listed(view, "get_authorizers", api)
    ]


def _models(view: View, api: str) -> Mapping[str, Any]:
    return {
        each["name"]: model(json.loads(each.get("schema") or "{}"))
        for each in _listed(view, "get_models", api)
        # API Gateway makes these two with every API.
        if each["name"] not in ("Empty", "Error")
    }


def _validators(view: View, api: str) -> list[str]:
    return [validator(each["name"], each) for each in _listed(view, "get_request_validators", api)]


def _responses(view: View, api: str) -> Mapping[str, Any]:
    return {
        each["responseType"]: gateway_response(each["responseType"], each)
        for each in _listed(view, "get_gateway_responses", api)
        if not each.get("defaultResponse")
    }


def _declared_api(_: Declared, api: Resource) -> Mapping[str, Any]:
    found = _written(api)
    return {**found, "policy": own_calls(found.get("policy"), api.id)}


def _written(api: Resource) -> Mapping[str, Any]:
    body = api.inputs.get("body")
    document = json.loads(body) if isinstance(body, str) and body.startswith("{") else body
    if not isinstance(document, Mapping):
        return api.inputs
    settings = {
        "policy": document.get("x-amazon-apigateway-policy"),
        "minimumCompressionSize": document.get("x-amazon-apigateway-minimum-compression-size"),
        "binaryMediaTypes": document.get("x-amazon-apigateway-binary-media-types"),
        "apiKeySource": document.get("x-amazon-apigateway-api-key-source"),
    }
    inputs = {name: value for name, value in api.inputs.items() if value is not None}
    return {
        **settings,
        **inputs,
        **document_of(document),
    }


def accounts(view: View) -> Iterator[Live]:
    """The region's account settings: the role by which API Gateway writes logs (GetAccount)."""
    found = view.ask("apigateway", "get_account")
    yield Live(
        "aws:apigateway/account:Account",
        "api-gateway-account",
        {"cloudwatchRoleArn": found.get("cloudwatchRoleArn")},
        view.region,
    )


READERS: Final = (
    ResourceReader(
        type="aws:apigateway/restApi:RestApi",
        service="apigateway",
        read=rest_apis,
        declare=_declared_api,
        fields=(
            exposure("policy", policy, default=None),
            exposure("disableExecuteApiEndpoint", default=False),
            protection("securityPolicy"),
            protection("endpointAccessMode"),
            exposure("endpointConfiguration", endpoint_configuration),
            exposure("body.methods", unordered),
            exposure("body.authorizers", unordered),
            exposure("body.integrations"),
            exposure("body.connections"),
            # Headers and templates may hold a secret.
            exposure("body.sent", sealed=True),
            protection("body.validation", unordered),
            protection("body.models"),
            protection("body.validators", unordered),
            protection("body.gatewayResponses"),
            setting("name"),
            setting("description"),
            setting("apiKeySource", default="HEADER"),
            setting("minimumCompressionSize", number),
            setting("binaryMediaTypes", unordered),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:apigateway/account:Account",
        service="apigateway",
        read=accounts,
        key=lambda _: "api-gateway-account",
        fields=(protection("cloudwatchRoleArn", default=None),),
        unlisted="there is one in every region",
    ),
)
