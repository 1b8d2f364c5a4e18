"""API Gateway: REST APIs with methods, stages, account, client certificates (REST API reference)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block
from scanners.drift.fields import TAGS, exposure, only, protection, setting
from scanners.drift.normalize import log_group, number, plain, policy, unordered
from scanners.drift.openapi import authorizers_of, methods_of, own_calls
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
    """REST APIs, with the authorizer of each method (GetRestApis, GetResources, GetAuthorizers)."""
    for api in view.pages("apigateway", "get_rest_apis", "items"):
        key = api["id"]
        authorizers = view.pages("apigateway", "get_authorizers", "items", restApiId=key)
        names = {each["id"]: each["name"] for each in authorizers}
        resources = view.pages("apigateway", "get_resources", "items", restApiId=key, embed=["methods"])
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
                "body.methods": sorted(_live_methods(resources, names)),
                "body.authorizers": [_live_authorizer(each) for each in authorizers],
                "tags": api.get("tags"),
            },
            view.region,
        )


def _live_methods(resources: list[Any], names: Mapping[str, str]) -> Iterator[str]:
    for resource in resources:
        for verb, method in (resource.get("resourceMethods") or {}).items():
            by_whom = names.get(str(method.get("authorizerId")), method.get("authorizationType") or "NONE")
            key = " with key" if method.get("apiKeyRequired") else ""
            yield f"{verb} {resource['path']}: {by_whom}{key}"


def _live_authorizer(authorizer: Mapping[str, Any]) -> Mapping[str, Any]:
    names = ("name", "type", "authorizerUri", "identitySource", "identityValidationExpression")
    return {
        **{name: authorizer.get(name) for name in names},
        "ttl": number(authorizer.get("authorizerResultTtlInSeconds", 300)) or 0,
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
        "body.methods": sorted(methods_of(document)),
        "body.authorizers": list(authorizers_of(document)),
    }


def stages(view: View) -> Iterator[Live]:
    """Stages, and the method settings of each as a resource of their own type (GetStages)."""
    for api in view.pages("apigateway", "get_rest_apis", "items"):
        for stage in view.ask("apigateway", "get_stages", restApiId=api["id"])["item"]:
            key = f"{api['id']}/{stage['stageName']}"
            yield Live(
                "aws:apigateway/stage:Stage",
                key,
                {
                    "deployment": stage.get("deploymentId"),
                    "description": stage.get("description"),
                    "accessLogSettings": stage.get("accessLogSettings"),
                    "clientCertificateId": stage.get("clientCertificateId"),
                    "cacheClusterEnabled": stage.get("cacheClusterEnabled"),
                    "xrayTracingEnabled": stage.get("tracingEnabled"),
                    "variables": stage.get("variables"),
                    "tags": stage.get("tags"),
                },
                view.region,
            )
            for path, settings in (stage.get("methodSettings") or {}).items():
                yield Live(
                    "aws:apigateway/methodSettings:MethodSettings",
                    f"{key}/{path.replace('~1', '/').lstrip('/')}",
                    {f"settings.{name}": value for name, value in settings.items()},
                    view.region,
                )


def access_log(value: Any) -> Any:
    """A stage's access log: its destination and its format."""
    found = block(value)
    return plain({"destinationArn": log_group(found.get("destinationArn")), "format": found.get("format")})


def throttling_limit(value: Any) -> Any:
    """A throttling limit: requests a second or burst. -1 is how the provider writes that there is none."""
    return None if number(value) == -1 else number(value)


def _declared_settings(_: Declared, resource: Resource) -> Mapping[str, Any]:
    found = block(resource.inputs.get("settings"))
    return {**resource.inputs, **{f"settings.{name}": value for name, value in found.items()}}


def _stage_key(resource: Resource) -> str:
    api, name = resource.inputs.get("restApi"), resource.inputs.get("stageName")
    return f"{api}/{name}" if isinstance(api, str) and isinstance(name, str) else ""


def _settings_key(resource: Resource) -> str:
    stage, path = _stage_key(resource), resource.inputs.get("methodPath")
    return f"{stage}/{path}" if stage else ""


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
            setting("name"),
            setting("description"),
            setting("apiKeySource", default="HEADER"),
            setting("minimumCompressionSize", number),
            setting("binaryMediaTypes", unordered),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:apigateway/stage:Stage",
        service="apigateway",
        read=only("aws:apigateway/stage:Stage", stages),
        key=_stage_key,
        identity=("restApi", "stageName"),
        fields=(
            exposure("deployment"),
            exposure("variables", default=()),
            protection("accessLogSettings", access_log, default=()),
            protection("clientCertificateId"),
            protection("xrayTracingEnabled", default=False),
            setting("cacheClusterEnabled", default=False),
            setting("description"),
            TAGS,
        ),
    ),
    ResourceReader(
        type="aws:apigateway/methodSettings:MethodSettings",
        service="apigateway",
        read=only("aws:apigateway/methodSettings:MethodSettings", stages),
        key=_settings_key,
        identity=("restApi", "stageName", "methodPath"),
        declare=_declared_settings,
        fields=(
            protection("settings.loggingLevel", default="OFF"),
            protection("settings.metricsEnabled", default=False),
            protection("settings.dataTraceEnabled", default=False),
            protection("settings.throttlingRateLimit", throttling_limit),
            protection("settings.throttlingBurstLimit", throttling_limit),
            protection("settings.cachingEnabled", default=False),
            protection("settings.cacheDataEncrypted"),
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
