"""Checks of what the API reads and asks before a call goes on: bodies, models, and the authorizer's source.

Source: API Gateway Developer Guide, "Request validation for REST APIs", "Use API Gateway Lambda authorizers"
(identity sources) and "Gateway response types".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.api_gateway import API, SETTINGS, api_document, components, operations
from scanners.policy.checks.reading import number, strings, verdict
from scanners.policy.checks.usage_plans import PLAN
from scanners.policy.samples.api import api_body, with_operation
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import Resource, Stack

_AUTHORIZER: Final = "x-amazon-apigateway-authorizer"
_RESPONSES: Final = "x-amazon-apigateway-gateway-responses"
_WRITING: Final = ("PUT", "POST", "PATCH")
_MOST_PER_SECOND: Final = 10_000  # API Gateway's own limit for an account and region
_MODELLED: Final = ("properties", "items", "oneOf", "anyOf", "allOf", "enum")


def _body_with(**members: Any) -> Stack:
    return weaken(EDGE, "api-1", "body", api_body(**members))


def _put(**more: Any) -> Stack:
    return weaken(EDGE, "api-1", "body", with_operation("/x", "put", **more))


def _content(schema: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}, **more}


_FREE: Final = {"type": "object"}
_NAMED: Final = {"type": "object", "properties": {"id": {"type": "string"}}}


@check(
    "requests-validated-at-edge",
    good=EDGE,
    bad={
        "no body": _put(),
        "not required": _put(requestBody=_content(_NAMED)),
        "any object": _put(requestBody=_content(_FREE, required=True)),
        "a reference to nothing": _put(
            requestBody=_content({"$ref": "#/components/schemas/Nothing"}, required=True)
        ),
    },
    also_good={
        "a part": weaken(
            EDGE, "api-1", "body", with_operation("/x", "patch", requestBody=_content(_FREE, required=True))
        ),
        "an optional body": weaken(
            EDGE,
            "api-1",
            "body",
            with_operation("/tokens/x/authorize", "post", requestBody=_content(_NAMED)),
        ),
    },
)
def bodies_are_demanded_and_modelled(stack: Stack) -> Verdicts:
    """A call that writes must have a body, whose model says more than that it is an object.

    A PATCH may hold any of the members. `authorize` may leave its LocationReferences out.
    """
    for api in stack.of_type(API):
        models = components(api, "schemas")
        for where, operation in operations(api):
            method, _, path = where.partition("#")[2].partition(" ")
            if method in _WRITING:
                asked = operation.get("requestBody") or {}
                demanded = asked.get("required") is True or path.endswith("/authorize")
                modelled = _is_modelled(models, asked, partial=method == "PATCH")
                yield verdict(where, demanded and modelled, "the body is optional, or any object")


def _is_modelled(known: Mapping[str, Any], asked: Mapping[str, Any], partial: bool) -> bool:
    schemas = [media.get("schema") or {} for media in (asked.get("content") or {}).values()]
    models = [known.get(str(s["$ref"]).rpartition("/")[2]) or {} if "$ref" in s else s for s in schemas]
    return bool(models) and all(bool(m) if partial else any(w in m for w in _MODELLED) for m in models)


def _authorized(**changes: Any) -> Stack:
    body = json.loads(api_body())
    body["components"]["securitySchemes"]["partner"][_AUTHORIZER] |= changes
    return weaken(EDGE, "api-1", "body", json.dumps(body))


@check(
    "every-method-authorized",
    good=EDGE,
    bad={
        "nothing is read": _authorized(identitySource=""),
        "another header": _authorized(identitySource="method.request.header.Host"),
        "of another kind": _authorized(type="token"),
    },
)
def the_authorizer_reads_the_token(stack: Stack) -> Verdicts:
    """The identity source is the Authorization header: a call without it is refused (API Gateway)."""
    for api in stack.of_type(API):
        for where, authorizer in _authorizers(api):
            sources = str(authorizer.get("identitySource") or "").lower().replace(" ", "").split(",")
            holds = "method.request.header.authorization" in sources and authorizer.get("type") == "request"
            yield verdict(f"{api.urn}#{where}", holds, "it does not read the Authorization header")


def _authorizers(api: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, scheme in components(api, "securitySchemes").items():
        if _AUTHORIZER in scheme:
            yield name, scheme[_AUTHORIZER]


@check(
    "answers-in-ocpi-envelope",
    good=EDGE,
    bad={
        "none": _body_with(**{_RESPONSES: {}}),
        "no envelope": _body_with(
            **{
                _RESPONSES: {
                    "DEFAULT_4XX": {"responseTemplates": {"application/json": '{"message": "no"}'}},
                    "DEFAULT_5XX": {"responseTemplates": {"application/json": '{"status_code": 3000}'}},
                }
            }
        ),
    },
)
def refusals_of_the_gateway_are_envelopes(stack: Stack) -> Verdicts:
    """What the gateway answers by itself, by default and by kind, is an OCPI envelope."""
    for api in stack.of_type(API):
        responses = api_document(api).get(_RESPONSES) or {}
        wanted = {"DEFAULT_4XX": {}, "DEFAULT_5XX": {}, **responses}
        wrong = [name for name, response in wanted.items() if not _is_envelope(response)]
        yield verdict(f"{api.urn}#body", not wrong, f"no OCPI envelope: {', '.join(sorted(wrong))}")


def _is_envelope(response: Mapping[str, Any]) -> bool:
    templates = response.get("responseTemplates") or {}
    return bool(templates) and all('"status_code"' in str(text) for text in templates.values())


@check(
    "throttled-at-stage",
    good=EDGE,
    bad={
        "rate": weaken(EDGE, "settings-1", "settings.throttlingRateLimit", 1e6),
        "burst": weaken(EDGE, "settings-1", "settings.throttlingBurstLimit", 1e6),
    },
)
def stage_limits_are_below_the_accounts(stack: Stack) -> Verdicts:
    """A limit at or above the account's own 10,000 requests a second limits nothing (API Gateway quotas)."""
    for each in stack.of_type(SETTINGS):
        names = ("settings.throttlingRateLimit", "settings.throttlingBurstLimit")
        limits = [number(each, name) or 0 for name in names]
        yield verdict(
            each.urn,
            min(limits) > 0 and max(limits) < _MOST_PER_SECOND,
            "the limit is not below the account's own",
        )


@check(
    "plan-per-partner",
    good=EDGE,
    bad={
        "rate": weaken(EDGE, "plan-volta", "throttleSettings.rateLimit", 1e6),
        "burst": weaken(EDGE, "plan-volta", "throttleSettings.burstLimit", 1e6),
        "no stage": weaken(EDGE, "plan-volta", "apiStages", []),
    },
)
def plans_limit_a_stage(stack: Stack) -> Verdicts:
    """A plan without a stage, or with limits at the account's own, limits nobody."""
    for plan in stack.of_type(PLAN):
        names = ("throttleSettings.rateLimit", "throttleSettings.burstLimit")
        most = max(number(plan, name) or 0 for name in names)
        holds = bool(plan.inputs.get("apiStages")) and most < _MOST_PER_SECOND
        yield verdict(plan.urn, holds, "it is for no stage, or its limits are at the account's own")


def _with_model(schema: object) -> Stack:
    schemas = {"Session": {"type": "object", "properties": {"id": schema}}}
    return _body_with(components={**json.loads(api_body())["components"], "schemas": schemas})


@check(
    "requests-validated-at-edge",
    good=EDGE,
    bad={
        "any object inside": _with_model({"type": "object"}),
        "anything in a list": _with_model({"type": "array", "items": {"type": "object"}}),
    },
    also_good={
        "a text": _with_model({"type": "string"}),
        "of a part": weaken(
            EDGE,
            "api-1",
            "body",
            {
                **json.loads(
                    with_operation(
                        "/x",
                        "patch",
                        requestBody=_content({"$ref": "#/components/schemas/Part"}, required=True),
                    )
                ),
                "components": {
                    **json.loads(api_body())["components"],
                    "schemas": {"Session": _NAMED, "Part": _FREE},
                },
            },
        ),
    },
)
def models_say_what_their_objects_hold(stack: Stack) -> Verdicts:
    """No model, at any depth, takes an object of which it says nothing, but those of a PATCH."""
    for api in stack.of_type(API):
        parts = {name for where, body in _bodies(api) if "#PATCH " in where for name in _named(body)}
        for name, schema in components(api, "schemas").items():
            if name not in parts:
                yield verdict(f"{api.urn}#{name}", not _is_free(schema), "an object that may hold anything")


def _bodies(api: Resource) -> Iterator[tuple[str, Any]]:
    for where, operation in operations(api):
        yield where, operation.get("requestBody")


def _named(body: Any) -> Iterator[str]:
    return (text.rpartition("/")[2] for text in strings(body))


def _is_free(schema: object) -> bool:
    if isinstance(schema, Mapping):
        told = any(word in schema for word in (*_MODELLED, "$ref", "additionalProperties"))
        return (schema.get("type") == "object" and not told) or any(map(_is_free, schema.values()))
    return isinstance(schema, list) and any(map(_is_free, schema))
