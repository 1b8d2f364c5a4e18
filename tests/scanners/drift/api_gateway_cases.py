"""Cases: API Gateway: REST APIs with all that their document declares."""

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


LEADS_TO = "https://guard.example/versions"


def path_of(account: Account, id_: str) -> str:
    resources = account.apigateway.get_resources(restApiId=id_)["items"]
    return str(next(each["id"] for each in resources if each["path"] == "/versions"))


def integrate(account: Account, id_: str, uri: str, headers: dict[str, str]) -> object:
    return account.apigateway.put_integration(
        restApiId=id_,
        resourceId=path_of(account, id_),
        httpMethod="GET",
        type="HTTP_PROXY",
        integrationHttpMethod="GET",
        uri=uri,
        requestParameters=headers,
    )


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
        requestValidatorId=account.apigateway.create_request_validator(
            restApiId=id_, name="all", validateRequestBody=True, validateRequestParameters=True
        )["id"],
    )
    integrate(account, id_, LEADS_TO, {})
    body = {
        "openapi": "3.0.1",
        "x-amazon-apigateway-policy": json.loads(CALLERS),
        "x-amazon-apigateway-request-validator": "all",
        "x-amazon-apigateway-request-validators": {
            "all": {"validateRequestBody": True, "validateRequestParameters": True}
        },
        "paths": {
            "/versions": {
                "get": {
                    "security": [{"tokens": []}],
                    "responses": {},
                    "x-amazon-apigateway-integration": {
                        "type": "http_proxy",
                        "httpMethod": "GET",
                        "uri": LEADS_TO,
                        "passthroughBehavior": "when_no_match",
                    },
                }
            }
        },
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
    return account.apigateway.put_method(
        restApiId=resource.id,
        resourceId=path_of(account, resource.id),
        httpMethod="POST",
        authorizationType="NONE",
    )


def cache_longer(account: Account, resource: Resource) -> object:
    id_ = account.apigateway.get_authorizers(restApiId=resource.id)["items"][0]["id"]
    change = {"op": "replace", "path": "/authorizerResultTtlInSeconds", "value": "3600"}
    return account.apigateway.update_authorizer(
        restApiId=resource.id, authorizerId=id_, patchOperations=[change]
    )


def lead_elsewhere(uri: str, headers: dict[str, str] | None = None) -> Any:
    def act(account: Account, resource: Resource) -> object:
        return integrate(account, resource.id, uri, headers or {})

    return act


def without_validation(account: Account, resource: Resource) -> object:
    """A method that is made anew asks no validator; all else of it is as before."""
    gateway, id_ = account.apigateway, resource.id
    path = path_of(account, id_)
    authorizer = gateway.get_authorizers(restApiId=id_)["items"][0]["id"]
    gateway.put_method(
        restApiId=id_,
        resourceId=path,
        httpMethod="GET",
        authorizationType="CUSTOM",
        authorizerId=authorizer,
        apiKeyRequired=False,
    )
    return integrate(account, id_, LEADS_TO, {})


CASES = {
    "rest api": Case(
        api_case,
        {
            "policy": patch_api("/policy", allow("*", "*")),
            "disableExecuteApiEndpoint": patch_api("/disableExecuteApiEndpoint", ""),
            "body.methods": open_method,
            "body.authorizers": cache_longer,
            "body.integrations": lead_elsewhere("https://elsewhere.example/versions"),
            "body.sent": lead_elsewhere(LEADS_TO, {"integration.request.header.x": "'y'"}),
            "body.models": lambda a, r: a.apigateway.create_model(
                restApiId=r.id, name="Loose", contentType="application/json", schema="{}"
            ),
            "body.validators": lambda a, r: a.apigateway.create_request_validator(
                restApiId=r.id, name="loose", validateRequestBody=False
            ),
            "body.gatewayResponses": lambda a, r: a.apigateway.put_gateway_response(
                restApiId=r.id, responseType="UNAUTHORIZED", statusCode="200"
            ),
            "body.validation": without_validation,
            "description": patch_api("/description", "?"),
        },
        lambda a, r: a.apigateway.delete_rest_api(restApiId=r.id),
        lambda a: a.apigateway.create_rest_api(name="other")["id"],
    ),
}
