"""Checks of the REST API: its methods, its policy, its limits, its logs, and each partner's plan."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.reading import (
    document,
    must_be,
    number,
    points_at,
    read,
    verdict,
)
from scanners.policy.samples.api import api_body, with_operation
from scanners.policy.samples.edge import ACCESS_LOG_FORMAT, EDGE
from scanners.policy.samples.sample_stack import ABSENT, weaken, without
from scanners.policy.stack import Resource, Stack

API: Final = "aws:apigateway/restApi:RestApi"
STAGE: Final = "aws:apigateway/stage:Stage"
SETTINGS: Final = "aws:apigateway/methodSettings:MethodSettings"

_METHODS: Final = (
    "get",
    "put",
    "post",
    "patch",
    "delete",
    "options",
    "head",
    "x-amazon-apigateway-any-method",
)
_AUTHORIZER: Final = "x-amazon-apigateway-authorizer"
_VALIDATOR: Final = "x-amazon-apigateway-request-validator"
_LONGEST_VERDICT: Final = 60  # seconds that a revoked token may still be honoured
_RECORDED: Final = ("requestId", "identity.sourceIp", "httpMethod", "resourcePath", "status", "authorizer.")


def api_document(api: Resource) -> Mapping[str, Any]:
    """The OpenAPI document of an API. Raises Unverifiable: without one, its methods cannot be seen."""
    body = document(api, "body")
    if body is None:
        raise Unverifiable(f"{api.urn}#body", "the API has no OpenAPI body")
    return body


def components(api: Resource, kind: str) -> Mapping[str, Any]:
    """The components of one kind in the OpenAPI document, by their names. Raises Unverifiable."""
    every = api_document(api).get("components") or {}
    return every.get(kind) or {}


def operations(api: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each operation as (`URN#METHOD path`, operation)."""
    for path, methods in (api_document(api).get("paths") or {}).items():
        for method, operation in methods.items():
            if method.lower() in _METHODS:
                yield f"{api.urn}#{method.upper()} {path}", operation


@check("no-execute-api-endpoint", good=EDGE, bad=weaken(EDGE, "api-1", "disableExecuteApiEndpoint", ABSENT))
def no_execute_api_endpoint(stack: Stack) -> Verdicts:
    """The default endpoint, which neither WAF's rules nor our TLS policy are written for, is off."""
    yield from must_be(stack.of_type(API), "disableExecuteApiEndpoint", True)


@check("no-execute-api-endpoint", good=EDGE, bad=weaken(EDGE, "api-1", "endpointConfiguration.types", "EDGE"))
def api_is_regional(stack: Stack) -> Verdicts:
    """The endpoint is regional: an edge-optimized one ends TLS elsewhere."""
    for api in stack.of_type(API):
        kinds = read(api, "endpointConfiguration.types")
        regional = kinds == "REGIONAL" or list(kinds or ()) == ["REGIONAL"]
        yield verdict(f"{api.urn}#endpointConfiguration.types", regional, "the endpoint is not REGIONAL")


@check(
    "every-method-authorized",
    good=EDGE,
    bad=weaken(EDGE, "api-1", "body", with_operation("/x", "get", security=[])),
)
def every_method_is_authorized(stack: Stack) -> Verdicts:
    """Each operation of the OpenAPI document demands the authorizer, whichever alternative a caller takes."""
    for api in stack.of_type(API):
        schemes = components(api, "securitySchemes")
        guarded = {name for name, scheme in schemes.items() if _AUTHORIZER in scheme}
        for where, operation in operations(api):
            demands = operation.get("security") or []
            holds = bool(demands) and all(guarded & set(demand) for demand in demands)
            yield verdict(where, holds, "the operation can be called without the authorizer")


@check("every-method-authorized", good=EDGE, bad=without(EDGE, "api-1"))
def methods_outside_the_document_are_authorized(stack: Stack) -> Verdicts:
    """Methods that are resources of their own, and stages whose API is not in this stack."""
    for stage in stack.of_type(STAGE):
        known = any(points_at(stage, "restApi", api) for api in stack.of_type(API))
        yield verdict(stage.urn, known, "the stage's API is not in this stack")
    for method in stack.of_type("aws:apigateway/method:Method"):
        yield verdict(method.urn, read(method, "authorization") == "CUSTOM", "authorization is not CUSTOM")


def _authorizer_ttl(seconds: int) -> str:
    body = json.loads(api_body())
    body["components"]["securitySchemes"]["partner"][_AUTHORIZER]["authorizerResultTtlInSeconds"] = seconds
    return json.dumps(body)


@check("revocation-reaches-the-edge", good=EDGE, bad=weaken(EDGE, "api-1", "body", _authorizer_ttl(3600)))
def verdicts_are_forgotten_within_a_minute(stack: Stack) -> Verdicts:
    """The authorizer's answers are cached for 60 seconds at most."""
    for api in stack.of_type(API):
        for name, scheme in components(api, "securitySchemes").items():
            if _AUTHORIZER not in scheme:
                continue
            seconds = scheme[_AUTHORIZER].get("authorizerResultTtlInSeconds")
            brief = isinstance(seconds, int | float) and seconds <= _LONGEST_VERDICT
            yield verdict(
                f"{api.urn}#{name}", brief, f"the verdict is kept for more than {_LONGEST_VERDICT} s"
            )


@check(
    "requests-validated-at-edge",
    good=EDGE,
    bad=weaken(EDGE, "api-1", "body", with_operation("/x", "put", requestBody={"content": {}})),
)
def requests_are_validated(stack: Stack) -> Verdicts:
    """Each operation validates its parameters, and its body against a model."""
    for api in stack.of_type(API):
        body = api_document(api)
        validators = body.get(f"{_VALIDATOR}s") or {}
        for where, operation in operations(api):
            named = operation[_VALIDATOR] if _VALIDATOR in operation else body.get(_VALIDATOR)
            validator = validators.get(named) or {}
            yield verdict(where, not (problem := _unvalidated(operation, validator)), problem)


def _unvalidated(operation: Mapping[str, Any], validator: Mapping[str, Any]) -> str:
    if validator.get("validateRequestParameters") is not True:
        return "parameters are not validated"
    if "requestBody" not in operation:
        return ""
    if validator.get("validateRequestBody") is not True:
        return "the body is not validated"
    content = operation["requestBody"].get("content") or {}
    modelled = bool(content) and all(media.get("schema") for media in content.values())
    return "" if modelled else "the body has no model"


@check("throttled-at-stage", good=EDGE, bad=weaken(EDGE, "settings-1", "settings.throttlingRateLimit", -1))
def every_method_is_throttled(stack: Stack) -> Verdicts:
    """Each stage has a rate and a burst limit for `*/*`."""
    for stage in stack.of_type(STAGE):
        limits = [s for s in _settings(stack, stage) if read(s, "methodPath") == "*/*"]
        names = ("settings.throttlingRateLimit", "settings.throttlingBurstLimit")
        throttled = any(all((number(limit, name) or 0) > 0 for name in names) for limit in limits)
        yield verdict(stage.urn, throttled, "no rate and burst limit holds for */*")


@check("logs-carry-no-bodies", good=EDGE, bad=weaken(EDGE, "settings-1", "settings.dataTraceEnabled", True))
def payloads_are_not_traced(stack: Stack) -> Verdicts:
    """`dataTraceEnabled`, which logs whole requests and answers, is written as false."""
    yield from must_be(stack.of_type(SETTINGS), "settings.dataTraceEnabled", False)


def _settings(stack: Stack, stage: Resource) -> list[Resource]:
    """The settings of the stage: other APIs have stages of the same name."""
    apis = [api for api in stack.of_type(API) if points_at(stage, "restApi", api)]
    found = [s for s in stack.of_type(SETTINGS) if any(points_at(s, "restApi", api) for api in apis)]
    name = read(stage, "stageName")
    return [s for s in found if points_at(s, "stageName", stage) or read(s, "stageName") == name]


@check("api-calls-logged", good=EDGE, bad=weaken(EDGE, "stage-1", "accessLogSettings", ABSENT))
def calls_are_logged(stack: Stack) -> Verdicts:
    """Each stage's access log records who called what, from where, and what came of it."""
    for stage in stack.of_type(STAGE):
        where = f"{stage.urn}#accessLogSettings.format"
        written = str(read(stage, "accessLogSettings.format") or "")
        missing = [name for name in _RECORDED if f"$context.{name}" not in written]
        yield verdict(where, not missing, f"the access log does not record {', '.join(missing)}")


@check(
    "logs-carry-no-tokens",
    good=EDGE,
    bad=weaken(EDGE, "stage-1", "accessLogSettings.format", f"{ACCESS_LOG_FORMAT} $context.identity.apiKey"),
)
def access_log_carries_no_token(stack: Stack) -> Verdicts:
    """`apiKey` is the caller's key; an authorizer may put what it likes into its own context."""
    for stage in _logged(stack):
        fields = _fields(str(read(stage, "accessLogSettings.format")).lower())
        leaks = [f for f in fields if f == "identity.apikey" or "authorization" in f or "token" in f]
        yield verdict(f"{stage.urn}#accessLogSettings.format", not leaks, f"the log holds {', '.join(leaks)}")


@check(
    "logs-carry-no-identifiers",
    good=EDGE,
    bad=weaken(EDGE, "stage-1", "accessLogSettings.format", f"{ACCESS_LOG_FORMAT} $context.path"),
)
def access_log_names_routes_not_paths(stack: Stack) -> Verdicts:
    """`path` holds what the caller sent, such as the uid of a driver's card; `resourcePath` is the route."""
    for stage in _logged(stack):
        written = str(read(stage, "accessLogSettings.format")).lower()
        leaks = [field for field in _fields(written) if field in ("path", "requestoverride.path")]
        yield verdict(f"{stage.urn}#accessLogSettings.format", not leaks, f"the log holds {', '.join(leaks)}")


def _logged(stack: Stack) -> list[Resource]:
    """The stages that keep an access log at all; that each must is a control of its own."""
    return [stage for stage in stack.of_type(STAGE) if read(stage, "accessLogSettings.format") is not None]


def _fields(written: str) -> list[str]:
    """The `$context` variables of a log format (not the names that they are given there)."""
    return re.findall(r"\$context\.([\w.-]+)", written)
