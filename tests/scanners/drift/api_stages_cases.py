"""Cases: API Gateway: stages and the settings of their methods."""

from __future__ import annotations

from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.api_gateway_cases import api
from tests.scanners.drift.case import Case

LOG = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:access"


def staged_api(account: Account) -> str:
    id_ = api(account)
    root = account.apigateway.get_resources(restApiId=id_)["items"][0]["id"]
    account.apigateway.put_method(restApiId=id_, resourceId=root, httpMethod="GET", authorizationType="NONE")
    account.apigateway.put_integration(restApiId=id_, resourceId=root, httpMethod="GET", type="MOCK")
    return id_


def stage_case(account: Account) -> list[Resource]:
    id_ = staged_api(account)
    deployment = account.apigateway.create_deployment(restApiId=id_)["id"]
    account.apigateway.create_stage(
        restApiId=id_, stageName="ocpi", deploymentId=deployment, tracingEnabled=True, tags={"owner": "ops"}
    )
    operations = [
        {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": LOG},
        {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.status"},
        {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "50"},
        {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "-1"},
        {"op": "replace", "path": "/*/*/logging/loglevel", "value": "ERROR"},
        {"op": "replace", "path": "/*/*/metrics/enabled", "value": "true"},
    ]
    account.apigateway.update_stage(restApiId=id_, stageName="ocpi", patchOperations=operations)
    inputs = {
        "restApi": id_,
        "stageName": "ocpi",
        "deployment": deployment,
        "xrayTracingEnabled": True,
        "accessLogSettings": {"destinationArn": LOG, "format": "$context.status"},
        "tags": {"owner": "ops"},
    }
    settings = {
        "restApi": id_,
        "stageName": "ocpi",
        "methodPath": "*/*",
        "settings": {
            "throttlingRateLimit": 50.0,
            "throttlingBurstLimit": -1.0,
            "loggingLevel": "ERROR",
            "metricsEnabled": True,
            "dataTraceEnabled": False,
        },
    }
    return [
        declare("aws:apigateway/stage:Stage", f"ags-{id_}-ocpi", inputs),
        declare("aws:apigateway/methodSettings:MethodSettings", f"{id_}-ocpi-*/*", settings),
    ]


def settings_case(account: Account) -> list[Resource]:
    return list(reversed(stage_case(account)))


def patch_stage(path: str, value: str, verb: str = "replace") -> Any:
    return lambda a, r: a.apigateway.update_stage(
        restApiId=r.inputs["restApi"],
        stageName="ocpi",
        patchOperations=[{"op": verb, "path": path, "value": value}],
    )


def other_deployment(account: Account, resource: Resource) -> object:
    id_ = account.apigateway.create_deployment(restApiId=resource.inputs["restApi"])["id"]
    return patch_stage("/deploymentId", id_)(account, resource)


CASES = {
    "stage": Case(
        stage_case,
        {
            "deployment": other_deployment,
            "accessLogSettings": patch_stage("/accessLogSettings/format", "$context.identity.sourceIp"),
            "xrayTracingEnabled": patch_stage("/tracingEnabled", "false"),
            "variables": patch_stage("/variables/target", "elsewhere"),
        },
        lambda a, r: a.apigateway.delete_stage(restApiId=r.inputs["restApi"], stageName="ocpi"),
    ),
    "method settings": Case(
        settings_case,
        {
            "settings.throttlingRateLimit": patch_stage("/*/*/throttling/rateLimit", "99999"),
            "settings.loggingLevel": patch_stage("/*/*/logging/loglevel", "OFF"),
            "settings.metricsEnabled": patch_stage("/*/*/metrics/enabled", "false"),
        },
    ),
}
