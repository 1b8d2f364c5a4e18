"""Cases: API Gateway's usage plans and API keys."""

from __future__ import annotations

from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.api_stages_cases import staged_api
from tests.scanners.drift.case import Case


def plan_case(account: Account) -> list[Resource]:
    id_ = staged_api(account)
    account.apigateway.create_deployment(restApiId=id_, stageName="ocpi")
    key = account.apigateway.create_api_key(name="partner", enabled=True, value="k" * 24)["id"]
    plan = account.apigateway.create_usage_plan(
        name="partner",
        apiStages=[{"apiId": id_, "stage": "ocpi"}],
        throttle={"rateLimit": 10.0, "burstLimit": 20},
        quota={"limit": 1000, "period": "DAY"},
        tags={"owner": "ops"},
    )["id"]
    account.apigateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    inputs = {
        "name": "partner",
        "apiStages": [{"apiId": id_, "stage": "ocpi"}],
        "throttleSettings": {"rateLimit": 10.0, "burstLimit": 20.0},
        "quotaSettings": {"limit": 1000.0, "period": "DAY"},
        "tags": {"owner": "ops"},
    }
    joined = {"usagePlanId": plan, "keyId": key, "keyType": "API_KEY"}
    return [
        declare("aws:apigateway/usagePlan:UsagePlan", plan, inputs),
        declare("aws:apigateway/usagePlanKey:UsagePlanKey", "upk", joined),
        declare("aws:apigateway/apiKey:ApiKey", key, {"name": "partner", "enabled": True}),
    ]


def api_key_case(account: Account) -> list[Resource]:
    return sorted(plan_case(account), key=lambda each: not each.type.endswith(":ApiKey"))


def patch_plan(path: str, value: str) -> Any:
    return lambda a, r: a.apigateway.update_usage_plan(
        usagePlanId=r.id, patchOperations=[{"op": "replace", "path": path, "value": value}]
    )


def admit(account: Account, resource: Resource) -> object:
    key = account.apigateway.create_api_key(name="guest", enabled=True, value="g" * 24)["id"]
    account.apigateway.create_usage_plan_key(usagePlanId=resource.id, keyId=key, keyType="API_KEY")
    account.apigateway.delete_api_key(apiKey=key)
    return key


CASES = {
    "usage plan": Case(
        plan_case,
        {
            "throttleSettings": patch_plan("/throttle/rateLimit", "9999"),
            "quotaSettings": patch_plan("/quota/limit", "9999"),
            "keys": admit,
        },
        lambda a, r: a.apigateway.delete_usage_plan(usagePlanId=r.id),
        lambda a: a.apigateway.create_usage_plan(name="other")["id"],
    ),
    "api key": Case(
        api_key_case,
        {
            "enabled": lambda a, r: a.apigateway.update_api_key(
                apiKey=r.id, patchOperations=[{"op": "replace", "path": "/enabled", "value": "false"}]
            )
        },
        lambda a, r: a.apigateway.delete_api_key(apiKey=r.id),
        lambda a: a.apigateway.create_api_key(name="other", value="o" * 24)["id"],
    ),
}
