"""Cases: API Gateway: REST APIs with methods, stages, account."""

from __future__ import annotations

import json
from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, REGION, Account, declare
from tests.scanners.drift.case import Case, allow

CALLERS = allow("*", "execute-api:Invoke", "execute-api:/*")


def api(account: Account) -> str:
    """An API with one method that asks an authorizer."""
    made = account.apigateway.create_rest_api(
        name="ocpi",
        description="OCPI",
        policy=CALLERS,
        disableExecuteApiEndpoint=True,
        endpointConfiguration={"types": ["REGIONAL"]},
        minimumCompressionSize=1024,
        tags={"owner": "ops"},
    )
    key = str(made["id"])
    # AWS stores the policy with the API's own ARN, whatever form it was given in.
    stored = CALLERS.replace("execute-api:/", f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{key}/")
    change = {"op": "replace", "path": "/policy", "value": stored}
    account.apigateway.update_rest_api(restApiId=key, patchOperations=[change])
    return key


FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:a"


URI = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"


def api_case(account: Account) -> list[Resource]:
    id_ = api(account)
    authorizer = account.apigateway.create_authorizer(
        restApiId=id_,
        name="tokens",
        type="REQUEST",
        authorizerUri=URI,
        identitySource="method.request.header.Authorization",
        authorizerResultTtlInSeconds=60,
    )["id"]
    root = account.apigateway.get_resources(restApiId=id_)["items"][0]["id"]
    path = account.apigateway.create_resource(restApiId=id_, parentId=root, pathPart="versions")["id"]
    account.apigateway.put_method(
        restApiId=id_,
        resourceId=path,
        httpMethod="GET",
        authorizationType="CUSTOM",
        authorizerId=authorizer,
        apiKeyRequired=False,
    )
    body = {
        "openapi": "3.0.1",
        "x-amazon-apigateway-policy": json.loads(CALLERS),
        "paths": {"/versions": {"get": {"security": [{"tokens": []}], "responses": {}}}},
        "components": {
            "securitySchemes": {
                "tokens": {
                    "type": "apiKey",
                    "name": "Authorization",
                    "in": "header",
                    "x-amazon-apigateway-authorizer": {
                        "type": "request",
                        "authorizerUri": URI,
                        "identitySource": "method.request.header.Authorization",
                        "authorizerResultTtlInSeconds": 60,
                    },
                }
            }
        },
    }
    inputs = {
        "name": "ocpi",
        "description": "OCPI",
        "body": json.dumps(body),
        "disableExecuteApiEndpoint": True,
        "endpointConfiguration": {"types": "REGIONAL"},
        "minimumCompressionSize": "1024",
        "tags": {"owner": "ops"},
    }
    return [declare("aws:apigateway/restApi:RestApi", id_, inputs)]


def patch_api(path: str, value: str) -> Any:
    return lambda a, r: a.apigateway.update_rest_api(
        restApiId=r.id, patchOperations=[{"op": "replace", "path": path, "value": value}]
    )


def open_method(account: Account, resource: Resource) -> object:
    resources = account.apigateway.get_resources(restApiId=resource.id)["items"]
    path = next(each["id"] for each in resources if each["path"] == "/versions")
    return account.apigateway.put_method(
        restApiId=resource.id, resourceId=path, httpMethod="POST", authorizationType="NONE"
    )


def cache_longer(account: Account, resource: Resource) -> object:
    id_ = account.apigateway.get_authorizers(restApiId=resource.id)["items"][0]["id"]
    change = {"op": "replace", "path": "/authorizerResultTtlInSeconds", "value": "3600"}
    return account.apigateway.update_authorizer(
        restApiId=resource.id, authorizerId=id_, patchOperations=[change]
    )


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
    "rest api": Case(
        api_case,
        {
            "policy": patch_api("/policy", allow("*", "*")),
            "disableExecuteApiEndpoint": patch_api("/disableExecuteApiEndpoint", ""),
            "body.methods": open_method,
            "body.authorizers": cache_longer,
            "description": patch_api("/description", "?"),
        },
        lambda a, r: a.apigateway.delete_rest_api(restApiId=r.id),
        lambda a: a.apigateway.create_rest_api(name="other")["id"],
    ),
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
