"""What API Gateway makes of an OpenAPI body: the emulator only makes the resources, the rest is here.

Extensions: API Gateway developer guide, "x-amazon-apigateway extensions to OpenAPI".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.lab.adapters.desired_resource import DesiredResource
from infra.program_run.property_values import UNKNOWN

SERVICE = "apigateway"
_AUTHORIZER = "x-amazon-apigateway-authorizer"
_VALIDATOR = "x-amazon-apigateway-request-validator"
_INTEGRATION = "x-amazon-apigateway-integration"
_PLACES = {"path": "path", "query": "querystring", "header": "header"}


@dataclass(frozen=True, slots=True)
class _Api:
    """An API under construction: its id, and the ids of what its methods refer to by name."""

    identifier: str
    document: Mapping[str, Any]
    authorizers: Mapping[str, str]
    validators: Mapping[str, str]


def import_body(desired: DesiredResource, identifier: str, document: Mapping[str, Any]) -> None:
    """Create resources, models, validators, authorizers, methods and integrations of the document."""
    paths = document.get("paths", {})
    _import_paths(desired, identifier, document)
    api = _Api(
        identifier,
        document,
        _authorizers(desired, identifier, document),
        _validators(desired, identifier, document),
    )
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        desired.call(
            SERVICE,
            "CreateModel",
            restApiId=identifier,
            name=name,
            contentType="application/json",
            schema=json.dumps(schema),
        )
    for kind, answer in document.get("x-amazon-apigateway-gateway-responses", {}).items():
        status = {"statusCode": str(answer["statusCode"])} if "statusCode" in answer else {}
        known = {key: answer[key] for key in ("responseParameters", "responseTemplates") if key in answer}
        desired.call(
            SERVICE, "PutGatewayResponse", {**known, **status}, restApiId=identifier, responseType=kind
        )
    places = resource_ids(desired, identifier)
    for path, operations in paths.items():
        for verb, operation in operations.items():
            _method(desired, api, places.get(path, UNKNOWN), verb.upper(), operation)


def _import_paths(desired: DesiredResource, identifier: str, document: Mapping[str, Any]) -> None:
    """The emulator forgets all methods when it overwrites, and makes each path again when it merges."""
    paths = document.get("paths", {})
    bare = {"openapi": document["openapi"], "info": document["info"], "paths": {path: {} for path in paths}}
    desired.call(SERVICE, "PutRestApi", restApiId=identifier, mode="merge", body=json.dumps(bare).encode())
    if desired.stands:
        ways = {
            path[:end]
            for path in paths
            for end in range(1, len(path) + 1)
            if path[end : end + 1] in ("", "/")
        }
        first = resource_ids(desired, identifier)
        # A child's path is longer than its parent's, and the emulator wants the parent to be there.
        for path, resource in sorted(_resources(desired, identifier), reverse=True):
            if path not in {"/", *ways} or resource != first[path]:
                desired.send(SERVICE, "DeleteResource", {"restApiId": identifier, "resourceId": resource})


def resource_ids(desired: DesiredResource, identifier: str) -> dict[str, str]:
    """The ids of an API's resources by path."""
    return dict(reversed(_resources(desired, identifier)))


def _resources(desired: DesiredResource, identifier: str) -> list[tuple[str, str]]:
    """Path and id of each resource, those that were made first before the others."""
    pages = desired.clients.get(SERVICE, desired.region).get_paginator("get_resources")
    return [
        (resource["path"], resource["id"])
        for page in pages.paginate(restApiId=identifier, PaginationConfig={"PageSize": 500})
        for resource in page["items"]
    ]


def _authorizers(desired: DesiredResource, api: str, document: Mapping[str, Any]) -> dict[str, str]:
    made = {}
    for name, scheme in document.get("components", {}).get("securitySchemes", {}).items():
        declared = scheme.get(_AUTHORIZER)
        if declared:
            values = {**declared, "type": declared["type"].upper(), "authType": "custom"}
            made[name] = desired.call(SERVICE, "CreateAuthorizer", values, restApiId=api, name=name)["id"]
    return made


def _validators(desired: DesiredResource, api: str, document: Mapping[str, Any]) -> dict[str, str]:
    declared = document.get("x-amazon-apigateway-request-validators", {})
    return {
        name: desired.call(SERVICE, "CreateRequestValidator", values, restApiId=api, name=name)["id"]
        for name, values in declared.items()
    }


def _method(
    desired: DesiredResource, api: _Api, resource: str, verb: str, operation: Mapping[str, Any]
) -> None:
    method = {"restApiId": api.identifier, "resourceId": resource, "httpMethod": verb}
    named = [name for requirement in operation.get("security", ()) for name in requirement]
    authorizer = next((api.authorizers[name] for name in named if name in api.authorizers), "")
    validator = operation.get(_VALIDATOR) or api.document.get(_VALIDATOR, "")
    details: dict[str, Any] = {
        "authorizationType": "CUSTOM" if authorizer else "NONE",
        "apiKeyRequired": any(name not in api.authorizers for name in named),
        "requestParameters": {
            f"method.request.{_PLACES[p['in']]}.{p['name']}": p.get("required", False)
            for p in operation.get("parameters", ())
        },
        "requestModels": _models(operation),
    }
    details |= {"authorizerId": authorizer} if authorizer else {}
    details |= {"requestValidatorId": api.validators[validator]} if validator else {}
    desired.call(SERVICE, "PutMethod", **method, **details)
    integration = operation.get(_INTEGRATION)
    if integration:
        values = {**integration, "type": integration["type"].upper()}
        desired.call(SERVICE, "PutIntegration", values, {"httpMethod": "integrationHttpMethod"}, **method)


def _models(operation: Mapping[str, Any]) -> dict[str, str]:
    content = operation.get("requestBody", {}).get("content", {})
    return {
        kind: body["schema"]["$ref"].rpartition("/")[2]
        for kind, body in content.items()
        if "$ref" in body.get("schema", {})
    }
