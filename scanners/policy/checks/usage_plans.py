"""Checks of the usage plans: what each partner has contracted, and no more."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.api_gateway import API, components, operations
from scanners.policy.checks.reading import attached, must_be, number, points_at, read, tag, verdict
from scanners.policy.checks.resource_policy import refuses_everyone, resource_policy
from scanners.policy.samples.api import with_operation
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.sample_stack import ABSENT, weaken, without
from scanners.policy.stack import Stack

PLAN: Final = "aws:apigateway/usagePlan:UsagePlan"


@check("plan-per-partner", good=EDGE, bad=weaken(EDGE, "plan-volta", "quotaSettings", ABSENT))
def each_plan_has_limits(stack: Stack) -> Verdicts:
    """Each usage plan has a rate, a burst and a quota."""
    for plan in stack.of_type(PLAN):
        names = ("throttleSettings.rateLimit", "throttleSettings.burstLimit", "quotaSettings.limit")
        missing = [name for name in names if (number(plan, name) or 0) <= 0]
        yield verdict(plan.urn, not missing, f"not written: {', '.join(missing)}")


@check("plan-per-partner", good=EDGE, bad=weaken(EDGE, "plan-nimbus", "tags.rampart:partner", "volta"))
def each_partner_has_a_plan_and_a_key(stack: Stack) -> Verdicts:
    """Each plan is for one partner, with one key; an API that can be called has a plan."""
    partners = [tag(plan, "rampart:partner") for plan in stack.of_type(PLAN)]
    for plan in stack.of_type(PLAN):
        partner = tag(plan, "rampart:partner")
        keys = attached(stack, plan, "aws:apigateway/usagePlanKey:UsagePlanKey", "usagePlanId")
        if not partner:
            yield plan.urn, "the plan names no partner (tag rampart:partner)"
        elif partners.count(partner) > 1:
            yield plan.urn, f"{partner} has more than one plan"
        else:
            yield verdict(plan.urn, len(keys) == 1, f"the plan has {len(keys)} keys, not one")
    open_to_calls = [
        api for api in stack.of_type(API) if not refuses_everyone(api, resource_policy(stack, api))
    ]
    if open_to_calls and not partners:
        yield open_to_calls[0].urn, "the API may be called, and no partner has a usage plan"


_ANONYMOUS = with_operation("/x", "get", security=[{"partner": []}])


@check("plan-per-partner", good=EDGE, bad=weaken(EDGE, "api-1", "body", _ANONYMOUS))
def every_operation_counts_towards_a_plan(stack: Stack) -> Verdicts:
    """A plan limits only calls that carry its key; the authorizer hands the key in, not the partner."""
    for api in stack.of_type(API):
        schemes = components(api, "securitySchemes")
        keyed = {name for name, scheme in schemes.items() if str(scheme.get("name")).lower() == "x-api-key"}
        for where, operation in operations(api):
            demands = operation.get("security") or []
            counted = bool(demands) and all(keyed & set(demand) for demand in demands)
            yield verdict(where, counted, "the operation counts towards no usage plan")


@check("plan-per-partner", good=EDGE, bad=weaken(EDGE, "api-1", "apiKeySource", "HEADER"))
def the_authorizer_chooses_the_plan(stack: Stack) -> Verdicts:
    """The key comes from the authorizer, never from the caller."""
    yield from must_be(stack.of_type(API), "apiKeySource", "AUTHORIZER")


@check(
    "commands-off-unless-contracted",
    good=EDGE,
    bad=weaken(EDGE, "api-1", "body", with_operation("/ocpi/2.2.1/commands/{command}", "post")),
)
def commands_are_off_unless_contracted(stack: Stack) -> Verdicts:
    """There is a commands route only where some plan contracts the module, and no greedy path."""
    contracted = any("commands" in tag(plan, "rampart:modules").split() for plan in stack.of_type(PLAN))
    for api in stack.of_type(API):
        routes = [where for where, _ in operations(api) if "commands" in where.rpartition("#")[2].split("/")]
        greedy = [where for where, _ in operations(api) if "+}" in where]
        if greedy:
            yield greedy[0], "a greedy path admits every module, commands too"
        yield verdict(f"{api.urn}#body", contracted or not routes, "a commands route, but no contract for it")


_SECONDS: Final = {"DAY": 86_400, "WEEK": 604_800, "MONTH": 2_678_400}


@check(
    "plan-per-partner",
    good=EDGE,
    bad={
        "a quota beyond the rate": weaken(EDGE, "plan-volta", "quotaSettings.limit", 1e9),
        "no period": weaken(EDGE, "plan-volta", "quotaSettings.period", ABSENT),
        "a key without a plan": without(EDGE, "plan-volta"),
    },
)
def quotas_limit_and_keys_have_plans(stack: Stack) -> Verdicts:
    """A quota is less than the rate lets through in its period, and each key belongs to a plan here."""
    plans = stack.of_type(PLAN)
    for plan in plans:
        most = (number(plan, "throttleSettings.rateLimit") or 0) * (
            _SECONDS.get(str(read(plan, "quotaSettings.period"))) or 0
        )
        quota = number(plan, "quotaSettings.limit") or 0
        yield verdict(f"{plan.urn}#quotaSettings", quota < most, "the rate never reaches the quota")
    for key in stack.of_type("aws:apigateway/usagePlanKey:UsagePlanKey"):
        known = any(points_at(key, "usagePlanId", plan) for plan in plans)
        yield verdict(f"{key.urn}#usagePlanId", known, "its plan is not in this stack")
