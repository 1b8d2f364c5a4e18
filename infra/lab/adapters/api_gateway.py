"""Amazon API Gateway (REST)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.lab.adapters.openapi import SERVICE, import_body, resource_ids
from infra.lab.adapters.wanted import Adapter, Row, Wanted, table
from infra.lab.monitor import Created


def account(wanted: Wanted) -> Created:
    role = wanted.take("cloudwatchRoleArn", "")
    _patch(wanted, "UpdateAccount", {"/cloudwatchRoleArn": role})
    return Created("api-gateway-account", {})


def rest_api(wanted: Wanted) -> Created:
    name = wanted.physical_name()
    body = json.loads(wanted.take("body", "{}"))
    wanted.take("putRestApiMode")
    wanted.take("failOnWarnings")
    made = wanted.create(
        SERVICE,
        "CreateRestApi",
        name=name,
    )
    identifier = made["id"]
    if body:
        import_body(wanted, identifier, body)
    return Created(
        identifier,
        {
            "name": name,
            "arn": f"arn:aws:apigateway:{wanted.region}::/restapis/{identifier}",
            "executionArn": wanted.arn("execute-api", identifier),
            "rootResourceId": resource_ids(wanted, identifier)["/"],
        },
    )


def deployment(wanted: Wanted) -> Created:
    api = wanted.take("restApi")
    # What makes a new deployment necessary is the provider's business, not AWS's.
    wanted.take("triggers")
    identifier = wanted.create(SERVICE, "CreateDeployment", restApiId=api)["id"]
    return Created(identifier, {})


def stage(wanted: Wanted) -> Created:
    api = wanted.take("restApi")
    name = wanted.left["stageName"]
    deployed = wanted.take("deployment")
    logs = wanted.take("accessLogSettings", {})
    wanted.create(
        SERVICE, "CreateStage", {"xrayTracingEnabled": "tracingEnabled"}, restApiId=api, deploymentId=deployed
    )
    changes = {f"/accessLogSettings/{key}": value for key, value in logs.items()}
    if changes:
        _patch(wanted, "UpdateStage", changes, restApiId=api, stageName=name)
    execution = wanted.arn("execute-api", f"{api}/{name}")
    return Created(
        f"ags-{api}-{name}",
        {
            "arn": f"arn:aws:apigateway:{wanted.region}::/restapis/{api}/stages/{name}",
            "executionArn": execution,
            "invokeUrl": f"https://{api}.execute-api.{wanted.region}.amazonaws.com/{name}",
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


def method_settings(wanted: Wanted) -> Created:
    api, stage_name = wanted.take("restApi"), wanted.take("stageName")
    path = wanted.take("methodPath")
    changes = {
        f"/{path}/{_METHOD_SETTINGS[key]}": value for key, value in wanted.take("settings", {}).items()
    }
    _patch(wanted, "UpdateStage", changes, restApiId=api, stageName=stage_name)
    return Created(f"{api}-{stage_name}-{path}", {})


def _patch(wanted: Wanted, operation: str, changes: Mapping[str, Any], **target: str) -> None:
    texts = {
        path: json.dumps(value) if isinstance(value, bool) else str(value) for path, value in changes.items()
    }
    operations = [{"op": "replace", "path": path, "value": text} for path, text in texts.items()]
    wanted.call(SERVICE, operation, {**target, "patchOperations": operations})


def domain_name(wanted: Wanted) -> Created:
    name = wanted.left["domainName"]
    made = wanted.create(SERVICE, "CreateDomainName")
    return Created(
        name,
        {
            "arn": f"arn:aws:apigateway:{wanted.region}::/domainnames/{name}",
            "regionalDomainName": made.get("regionalDomainName")
            or f"d-lab.execute-api.{wanted.region}.amazonaws.com",
            "regionalZoneId": made.get("regionalHostedZoneId") or "ZLAB",
        },
    )


def base_path_mapping(wanted: Wanted) -> Created:
    domain = wanted.left["domainName"]
    base = wanted.left.get("basePath") or ""
    wanted.create(SERVICE, "CreateBasePathMapping", {"restApi": "restApiId", "stageName": "stage"})
    return Created(f"{domain}/{base}", {})


def usage_plan(wanted: Wanted) -> Created:
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
        for stage_ in wanted.take("apiStages", [])
    ]
    name = wanted.physical_name()
    identifier = wanted.create(
        SERVICE,
        "CreateUsagePlan",
        {"quotaSettings": "quota", "throttleSettings": "throttle"},
        name=name,
        apiStages=stages,
    )["id"]
    return Created(
        identifier,
        {"name": name, "arn": f"arn:aws:apigateway:{wanted.region}::/usageplans/{identifier}"},
    )


def api_key(wanted: Wanted) -> Created:
    name = wanted.physical_name()
    made = wanted.create(SERVICE, "CreateApiKey", name=name)
    identifier = made["id"]
    arn = f"arn:aws:apigateway:{wanted.region}::/apikeys/{identifier}"
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
