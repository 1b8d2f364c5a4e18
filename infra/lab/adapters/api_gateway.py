"""Amazon API Gateway (REST)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.lab.adapters.desired_resource import Adapter, DesiredResource, Row, as_text, table
from infra.lab.adapters.openapi import SERVICE, import_body, resource_ids
from infra.program_run.monitor import Created


def account(desired: DesiredResource) -> Created:
    """UpdateAccount: the role that API Gateway writes its logs with."""
    role = desired.take("cloudwatchRoleArn", "")
    _patch(desired, "UpdateAccount", {"/cloudwatchRoleArn": role})
    return Created("api-gateway-account", {})


def rest_api(desired: DesiredResource) -> Created:
    """CreateRestApi, and what its OpenAPI body declares."""
    name = desired.physical_name()
    body = json.loads(desired.take("body", "{}"))
    desired.take("putRestApiMode")
    desired.take("failOnWarnings")
    if "x-amazon-apigateway-policy" in body:
        desired.left["policy"] = json.dumps(body["x-amazon-apigateway-policy"])
    made = desired.create(SERVICE, "CreateRestApi", name=name)
    identifier = made["id"]
    if body:
        import_body(desired, identifier, body)
    return Created(
        identifier,
        {
            "name": name,
            "arn": f"arn:aws:apigateway:{desired.region}::/restapis/{identifier}",
            "executionArn": desired.arn("execute-api", identifier),
            "rootResourceId": resource_ids(desired, identifier)["/"],
        },
    )


def deployment(desired: DesiredResource) -> Created:
    """CreateDeployment."""
    api = desired.take("restApi")
    # What makes a new deployment necessary is the provider's business, not AWS's.
    desired.take("triggers")
    identifier = desired.create(SERVICE, "CreateDeployment", restApiId=api)["id"]
    return Created(identifier, {})


def stage(desired: DesiredResource) -> Created:
    """CreateStage, then its access log."""
    api = desired.take("restApi")
    name = desired.left["stageName"]
    deployed = desired.take("deployment")
    logs = desired.take("accessLogSettings", {})
    desired.create(
        SERVICE, "CreateStage", {"xrayTracingEnabled": "tracingEnabled"}, restApiId=api, deploymentId=deployed
    )
    changes = {f"/accessLogSettings/{key}": value for key, value in logs.items()}
    if changes:
        _patch(desired, "UpdateStage", changes, restApiId=api, stageName=name)
    execution = desired.arn("execute-api", f"{api}/{name}")
    return Created(
        f"ags-{api}-{name}",
        {
            "arn": f"arn:aws:apigateway:{desired.region}::/restapis/{api}/stages/{name}",
            "executionArn": execution,
            "invokeUrl": f"https://{api}.execute-api.{desired.region}.amazonaws.com/{name}",
        },
    )


# Pulumi's name of a method setting, and its place in the stage (API Gateway, patch operations).
_METHOD_SETTINGS = {
    "metricsEnabled": "metrics/enabled",
    "loggingLevel": "logging/loglevel",
    "dataTraceEnabled": "logging/dataTrace",
    "throttlingBurstLimit": "throttling/burstLimit",
    "throttlingRateLimit": "throttling/rateLimit",
    "cachingEnabled": "caching/enabled",
    "cacheTtlInSeconds": "caching/ttlInSeconds",
    "cacheDataEncrypted": "caching/dataEncrypted",
    "requireAuthorizationForCacheControl": "caching/requireAuthorizationForCacheControl",
    "unauthorizedCacheControlHeaderStrategy": "caching/unauthorizedCacheControlHeaderStrategy",
}


def method_settings(desired: DesiredResource) -> Created:
    """UpdateStage: settings of the methods of a path."""
    api, stage_name = desired.take("restApi"), desired.take("stageName")
    path = desired.take("methodPath")
    changes = {
        f"/{path}/{_METHOD_SETTINGS[key]}": value for key, value in desired.take("settings", {}).items()
    }
    _patch(desired, "UpdateStage", changes, restApiId=api, stageName=stage_name)
    return Created(f"{api}-{stage_name}-{path}", {})


def _patch(desired: DesiredResource, operation: str, changes: Mapping[str, Any], **target: str) -> None:
    operations = [{"op": "replace", "path": path, "value": as_text(value)} for path, value in changes.items()]
    desired.call(SERVICE, operation, {**target, "patchOperations": operations})


def domain_name(desired: DesiredResource) -> Created:
    """CreateDomainName."""
    name = desired.left["domainName"]
    made = desired.create(SERVICE, "CreateDomainName")
    return Created(
        name,
        {
            "arn": f"arn:aws:apigateway:{desired.region}::/domainnames/{name}",
            "regionalDomainName": made.get("regionalDomainName")
            or f"d-lab.execute-api.{desired.region}.amazonaws.com",
            "regionalZoneId": made.get("regionalHostedZoneId") or "ZLAB",
        },
    )


def base_path_mapping(desired: DesiredResource) -> Created:
    """CreateBasePathMapping."""
    domain = desired.left["domainName"]
    base = desired.left.get("basePath") or ""
    desired.create(SERVICE, "CreateBasePathMapping", {"restApi": "restApiId", "stageName": "stage"})
    return Created(f"{domain}/{base}", {})


def usage_plan(desired: DesiredResource) -> Created:
    """CreateUsagePlan."""
    stages = [
        {
            "apiId": stage_["apiId"],
            "stage": stage_["stage"],
            "throttle": {
                throttle["path"]: {
                    "burstLimit": throttle["burstLimit"],
                    "rateLimit": throttle["rateLimit"],
                }
                for throttle in stage_.get("throttles") or []
            },
        }
        for stage_ in desired.take("apiStages", [])
    ]
    name = desired.physical_name()
    identifier = desired.create(
        SERVICE,
        "CreateUsagePlan",
        {"quotaSettings": "quota", "throttleSettings": "throttle"},
        name=name,
        apiStages=stages,
    )["id"]
    return Created(
        identifier,
        {"name": name, "arn": f"arn:aws:apigateway:{desired.region}::/usageplans/{identifier}"},
    )


def api_key(desired: DesiredResource) -> Created:
    """CreateApiKey; AWS makes up its value where none is declared."""
    name = desired.physical_name()
    made = desired.create(SERVICE, "CreateApiKey", name=name)
    identifier = made["id"]
    arn = f"arn:aws:apigateway:{desired.region}::/apikeys/{identifier}"
    return Created(identifier, {"name": name, "value": made["value"], "arn": arn})


ADAPTERS: dict[str, Adapter] = {
    "aws:apigateway/account:Account": account,
    "aws:apigateway/restApi:RestApi": rest_api,
    "aws:apigateway/deployment:Deployment": deployment,
    "aws:apigateway/stage:Stage": stage,
    "aws:apigateway/methodSettings:MethodSettings": method_settings,
    "aws:apigateway/domainName:DomainName": domain_name,
    "aws:apigateway/basePathMapping:BasePathMapping": base_path_mapping,
    "aws:apigateway/usagePlan:UsagePlan": usage_plan,
    "aws:apigateway/apiKey:ApiKey": api_key,
} | table(
    [
        Row(
            type="aws:apigateway/usagePlanKey:UsagePlanKey",
            service=SERVICE,
            operation="CreateUsagePlanKey",
            id="id",
            outputs={"name": "name"},
        ),
        Row(
            type="aws:apigateway/vpcLink:VpcLink",
            service=SERVICE,
            operation="CreateVpcLink",
            renames={"targetArn": "targetArns"},
            named="name",
            id="id",
            outputs={"arn": "arn:aws:apigateway:{region}::/vpclinks/{id}"},
        ),
    ]
)
