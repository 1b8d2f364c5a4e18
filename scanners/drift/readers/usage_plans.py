"""API Gateway's usage plans and API keys (REST API reference, UsagePlan and ApiKey)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, blocks
from scanners.drift.fields import TAGS, exposure, protection, setting
from scanners.drift.normalize import unordered
from scanners.drift.records import Live, Part, ResourceReader
from scanners.policy.stack import Resource


def usage_plans(view: View) -> Iterator[Live]:
    """Usage plans with stages, limits and key ids, never the values of keys (GetUsagePlans)."""
    for plan in view.pages("apigateway", "get_usage_plans", "items"):
        stages = plan.get("apiStages") or ()
        yield Live(
            "aws:apigateway/usagePlan:UsagePlan",
            plan["id"],
            {
                "name": plan.get("name"),
                "description": plan.get("description"),
                "apiStages": [f"{each.get('apiId')}/{each.get('stage')}" for each in stages],
                "quotaSettings": _quota(plan.get("quota") or {}),
                "throttleSettings": _throttle(plan.get("throttle") or {}),
                "keys": partial(_keys, view, plan["id"]),
                "tags": plan.get("tags"),
            },
            view.region,
        )


def _keys(view: View, plan: str) -> list[str]:
    found = view.pages("apigateway", "get_usage_plan_keys", "items", usagePlanId=plan)
    return [each["id"] for each in found]


def _quota(quota: Mapping[str, Any]) -> str | None:
    return f"{int(quota['limit'])} a {str(quota.get('period')).lower()}" if quota.get("limit") else None


def _throttle(throttle: Mapping[str, Any]) -> str | None:
    if not throttle:
        return None
    return f"{float(throttle.get('rateLimit') or 0):g}/s, burst {int(throttle.get('burstLimit') or 0)}"


def _declared_plan(declared: Declared, plan: Resource) -> Mapping[str, Any]:
    inputs = plan.inputs
    keys = declared.parts(plan, "aws:apigateway/usagePlanKey:UsagePlanKey", "usagePlanId")
    stages = blocks(inputs.get("apiStages"))
    return {
        **inputs,
        "apiStages": [f"{each.get('apiId')}/{each.get('stage')}" for each in stages],
        "quotaSettings": _quota(block(inputs.get("quotaSettings"))),
        "throttleSettings": _throttle(block(inputs.get("throttleSettings"))),
        "keys": [one.inputs.get("keyId") for one in keys],
    }


def api_keys(view: View) -> Iterator[Live]:
    """API keys without their values (GetApiKeys)."""
    for key in view.pages("apigateway", "get_api_keys", "items", includeValues=False):
        yield Live(
            "aws:apigateway/apiKey:ApiKey",
            key["id"],
            {
                "name": key.get("name"),
                "description": key.get("description"),
                "enabled": key.get("enabled"),
                "tags": key.get("tags"),
            },
            view.region,
        )


READERS: Final = (
    ResourceReader(
        type="aws:apigateway/usagePlan:UsagePlan",
        service="apigateway",
        read=usage_plans,
        declare=_declared_plan,
        fields=(
            exposure("apiStages", unordered, default=()),
            exposure("keys", unordered, default=()),
            protection("quotaSettings", default=None),
            protection("throttleSettings", default=None),
            setting("name"),
            setting("description"),
            TAGS,
        ),
        parts=(
            Part("aws:apigateway/usagePlanKey:UsagePlanKey", "usagePlanId", "keys", ("keyId", "keyType")),
        ),
    ),
    ResourceReader(
        type="aws:apigateway/apiKey:ApiKey",
        service="apigateway",
        read=api_keys,
        fields=(exposure("enabled", default=True), setting("name"), setting("description"), TAGS),
    ),
)
