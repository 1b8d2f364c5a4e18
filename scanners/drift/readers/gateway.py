"""API Gateway: the REST API and its methods, stages, domain names, usage plans and keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, blocks
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import log_group, number, plain, policy, tags, unordered
from scanners.drift.readers.openapi import authorizers_of, methods_of
from scanners.drift.records import Kind, Live, Part
from scanners.policy.stack import Resource


def endpoint(value: Any) -> Any:
    """Endpoint types, and for private ones the VPC endpoints. Pulumi flattens the list of one type."""
    found = blocks(value)[0] if blocks(value) else {}
    types = found.get("types")
    types = [types] if isinstance(types, str) else list(types or ())
    return unordered({"types": types, "vpcEndpointIds": found.get("vpcEndpointIds")})


def _policy_text(value: Any) -> Any:
    # API Gateway answers policies with escaped quotes (API reference, RestApi).
    return value.replace('\\"', '"') if isinstance(value, str) else value


def rest_apis(view: View) -> Iterator[Live]:
    """REST APIs, with who must authorise each method."""
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
                "policy": _policy_text(api.get("policy")),
                "disableExecuteApiEndpoint": api.get("disableExecuteApiEndpoint"),
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
    """Stages, and their method settings as a type of their own."""
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
    """Where a stage logs, and what."""
    found = blocks(value)[0] if blocks(value) else {}
    return plain({"destinationArn": log_group(found.get("destinationArn")), "format": found.get("format")})


def limit(value: Any) -> Any:
    """A throttling limit; -1 is the provider's word for "none of its own"."""
    return None if number(value) == -1 else number(value)


def _declared_settings(_: Declared, resource: Resource) -> Mapping[str, Any]:
    found = next(iter(blocks(resource.inputs.get("settings"))), {})
    return {**resource.inputs, **{f"settings.{name}": value for name, value in found.items()}}


def _stage_key(resource: Resource) -> str:
    api, name = resource.inputs.get("restApi"), resource.inputs.get("stageName")
    return f"{api}/{name}" if isinstance(api, str) and isinstance(name, str) else ""


def _settings_key(resource: Resource) -> str:
    stage, path = _stage_key(resource), resource.inputs.get("methodPath")
    return f"{stage}/{path}" if stage else ""


def domain_names(view: View) -> Iterator[Live]:
    """Custom domain names with their TLS policy and mappings."""
    for domain in view.pages("apigateway", "get_domain_names", "items"):
        key = domain["domainName"]
        mappings = view.pages("apigateway", "get_base_path_mappings", "items", domainName=key)
        yield Live(
            "aws:apigateway/domainName:DomainName",
            key,
            {
                "domainName": key,
                "securityPolicy": domain.get("securityPolicy"),
                "endpointAccessMode": domain.get("endpointAccessMode"),
                "regionalCertificateArn": domain.get("regionalCertificateArn"),
                "certificateArn": domain.get("certificateArn"),
                "endpointConfiguration": domain.get("endpointConfiguration"),
                "mutualTlsAuthentication": _mutual(domain.get("mutualTlsAuthentication")),
                "policy": _policy_text(domain.get("policy")),
                "mappings": [
                    _mapping(each.get("restApiId"), each.get("stage"), each.get("basePath"))
                    for each in mappings
                ],
                "tags": domain.get("tags"),
            },
            view.region,
        )


def _mutual(value: Any) -> Any:
    return {name: value.get(name) for name in ("truststoreUri", "truststoreVersion")} if value else None


def _mapping(api: Any, stage: Any, path: Any) -> str:
    return f"/{'' if path in (None, '(none)') else path} -> {api}/{stage or '*'}"


def _declared_domain(declared: Declared, domain: Resource) -> Mapping[str, Any]:
    mappings = [
        _mapping(one.inputs.get("restApi"), one.inputs.get("stageName"), one.inputs.get("basePath"))
        for one in declared.parts(domain, "aws:apigateway/basePathMapping:BasePathMapping", "domainName")
    ]
    return {**domain.inputs, "mappings": mappings}


KINDS: Final = (
    Kind(
        type="aws:apigateway/restApi:RestApi",
        service="apigateway",
        read=rest_apis,
        declare=_declared_api,
        fields=(
            exposure("policy", policy, default=None),
            exposure("disableExecuteApiEndpoint", default=False),
            exposure("endpointConfiguration", endpoint),
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
    Kind(
        type="aws:apigateway/stage:Stage",
        service="apigateway",
        read=lambda view: (live for live in stages(view) if live.type == "aws:apigateway/stage:Stage"),
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
    Kind(
        type="aws:apigateway/methodSettings:MethodSettings",
        service="apigateway",
        read=lambda view: (live for live in stages(view) if live.type.endswith(":MethodSettings")),
        key=_settings_key,
        identity=("restApi", "stageName", "methodPath"),
        declare=_declared_settings,
        fields=(
            protection("settings.loggingLevel", default="OFF"),
            protection("settings.metricsEnabled", default=False),
            protection("settings.dataTraceEnabled", default=False),
            protection("settings.throttlingRateLimit", limit),
            protection("settings.throttlingBurstLimit", limit),
            protection("settings.cachingEnabled", default=False),
            protection("settings.cacheDataEncrypted"),
        ),
    ),
    Kind(
        type="aws:apigateway/domainName:DomainName",
        service="apigateway",
        read=domain_names,
        declare=_declared_domain,
        fields=(
            exposure("securityPolicy"),
            exposure("endpointAccessMode"),
            exposure("mutualTlsAuthentication", default=()),
            exposure("endpointConfiguration", endpoint),
            exposure("policy", policy, default=None),
            exposure("mappings", unordered, default=()),
            protection("regionalCertificateArn"),
            protection("certificateArn"),
            setting("domainName"),
            setting("tags", tags),
        ),
        parts=(
            Part(
                "aws:apigateway/basePathMapping:BasePathMapping",
                "domainName",
                "mappings",
                ("restApi", "stageName", "basePath"),
            ),
        ),
    ),
)
