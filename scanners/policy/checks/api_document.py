"""Checks of the API's OpenAPI document: it stays within what API Gateway documents that it imports."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.api_gateway import API, api_document, components
from scanners.policy.checks.reading import verdict
from scanners.policy.samples.api import api_body
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import Stack

# What a model may hold without a warning at its import: JSON Schema draft 4 without what the "important
# notes for REST APIs" of the Developer Guide leave out (nullable, discriminator, anyOf, exclusiveMinimum...).
_KEYWORDS: Final = {
    "$ref",
    "description",
    "enum",
    "items",
    "maxLength",
    "maximum",
    "minLength",
    "minimum",
    "pattern",
    "properties",
    "required",
    "title",
    "type",
}
_MODEL_NAME: Final = re.compile(r"[A-Za-z0-9]+")
_LOCAL: Final = "#/components/schemas/"
# API Gateway quotas for REST APIs: the size of a definition for ImportRestApi, and resources of one API.
_LARGEST: Final = 6 * 1024 * 1024
_MOST_RESOURCES: Final = 300
_POLICY: Final = "x-amazon-apigateway-policy"
_LONGEST_POLICY: Final = 8192  # bytes; AWS raises it on request


def _with_model(name: str, model: Mapping[str, Any]) -> Stack:
    schemes = {"partner": {"type": "apiKey", "name": "Authorization", "in": "header"}}
    components = {"securitySchemes": schemes, "schemas": {"Session": {"type": "object"}, name: model}}
    return weaken(EDGE, "api-1", "body", api_body(components=components))


@check("accepted-by-new-account", good=EDGE, bad=_with_model("Token", {"type": "string", "nullable": True}))
def models_use_what_api_gateway_knows(stack: Stack) -> Verdicts:
    """Models hold keywords that API Gateway imports, one type each, and refer to models of the document."""
    for api in stack.of_type(API):
        for name, model in components(api, "schemas").items():
            strange = sorted({problem for part in _parts(model) for problem in _problems(part)})
            problem = f"API Gateway does not know {', '.join(strange)}"
            yield verdict(f"{api.urn}#model {name}", not strange, problem)


@check("accepted-by-new-account", good=EDGE, bad=_with_model("Token_V221", {"type": "object"}))
def models_have_names_that_api_gateway_takes(stack: Stack) -> Verdicts:
    """The name of a model has letters and digits only."""
    for api in stack.of_type(API):
        for name in components(api, "schemas"):
            known = _MODEL_NAME.fullmatch(name) is not None
            yield verdict(f"{api.urn}#model {name}", known, "the name has more than letters and digits")


_TOO_MANY = api_body(paths={f"/ocpi/{number}": {} for number in range(_MOST_RESOURCES)})


_CROWD: Final = {"Condition": {"IpAddress": {"aws:SourceIp": [f"192.0.2.{n}/32" for n in range(600)]}}}
_LONG: Final = api_body(**{_POLICY: {"Version": "2012-10-17", "Statement": [_CROWD]}})


@check(
    "accepted-by-new-account",
    good=EDGE,
    bad={
        "too many resources": weaken(EDGE, "api-1", "body", _TOO_MANY),
        "too long a policy": weaken(EDGE, "api-1", "body", _LONG),
    },
)
def the_document_stays_within_the_quotas(stack: Stack) -> Verdicts:
    """At most 6 MB, paths that make at most 300 resources, and a resource policy of at most 8192 bytes."""
    for api in stack.of_type(API):
        size = len(str(api.inputs.get("body")).encode())
        yield verdict(f"{api.urn}#body", size <= _LARGEST, f"{size} bytes are more than an import takes")
        made = len(set(_resources(api_document(api).get("paths") or {})))
        problem = f"{made} resources are more than the quota of {_MOST_RESOURCES}"
        yield verdict(f"{api.urn}#body.paths", made <= _MOST_RESOURCES, problem)
        policy = len(json.dumps(api_document(api).get(_POLICY), separators=(",", ":")).encode())
        problem = f"{policy} bytes of resource policy are more than the quota of {_LONGEST_POLICY}"
        yield verdict(f"{api.urn}#body.{_POLICY}", policy <= _LONGEST_POLICY, problem)


def _parts(model: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A model and the schemas inside it, at any depth."""
    yield model
    inner = [*(model.get("properties") or {}).values(), *([model["items"]] if "items" in model else [])]
    for each in inner:
        yield from _parts(each)


def _problems(part: Mapping[str, Any]) -> Iterator[str]:
    yield from set(part) - _KEYWORDS
    if isinstance(part.get("type"), list):
        yield "a list of types"
    if "$ref" in part and not str(part["$ref"]).startswith(_LOCAL):
        yield "a reference out of the document"


def _resources(paths: Mapping[str, Any]) -> Iterator[str]:
    """The path of each resource: every step of a path is one, and so is the root."""
    yield "/"
    for path in paths:
        steps = path.strip("/").split("/")
        yield from ("/" + "/".join(steps[: end + 1]) for end in range(len(steps)))
