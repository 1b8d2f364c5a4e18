"""Checks of where the API's document leads: whose authorizer decides, and whose certificate answers.

Source: API Gateway Developer Guide, "x-amazon-apigateway-authorizer object" and
"x-amazon-apigateway-integration object" (over a VPC link, the host of the URI is the name that the
certificate must have).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.acm import CERTIFICATE
from scanners.policy.checks.api_gateway import API, STAGE, components, operations
from scanners.policy.checks.policies import own_accounts
from scanners.policy.checks.reading import items, must_be, read, verdict
from scanners.policy.samples.api import api_body, with_operation
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.sample_stack import ABSENT, weaken, without
from scanners.policy.stack import UNKNOWN, Stack

_AUTHORIZER: Final = "x-amazon-apigateway-authorizer"
_INTEGRATION: Final = "x-amazon-apigateway-integration"
_FUNCTION: Final = re.compile(r"/functions/arn:[\w-]+:lambda:[\w-]+:(\d{12}):function:[^/]+/invocations$")


def _authorized_by(uri: object) -> Stack:
    body = json.loads(api_body())
    body["components"]["securitySchemes"]["partner"][_AUTHORIZER]["authorizerUri"] = uri
    return weaken(EDGE, "api-1", "body", body)


_THEIRS = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-central-1:{}"


@check(
    "every-method-authorized",
    good=EDGE,
    bad={
        "of a foreign account": _authorized_by(_THEIRS.format("999999999999:function:theirs/invocations")),
        "no function": _authorized_by("https://authorizer.example/"),
        "unwritten": _authorized_by(None),
    },
    unverifiable={
        "no account is known": without(EDGE, "everything"),
        "an unknown function": _authorized_by(UNKNOWN),
    },
)
def the_authorizer_is_of_this_account(stack: Stack) -> Verdicts:
    """Who decides on every call is a function of this account: anybody else's would let anybody in."""
    ours = own_accounts(stack)
    for api in stack.of_type(API):
        for name, scheme in components(api, "securitySchemes").items():
            if _AUTHORIZER in scheme:
                uri = scheme[_AUTHORIZER].get("authorizerUri")
                if uri is UNKNOWN or not ours:
                    raise Unverifiable(f"{api.urn}#{name}", "whose function authorizes is not known")
                function = _FUNCTION.search(str(uri))
                own = function is not None and function.group(1) in ours
                yield verdict(f"{api.urn}#{name}", own, "no function of this account authorizes")


def _called(uri: str) -> Stack:
    integration = {"type": "http_proxy", "connectionType": "VPC_LINK", "uri": uri}
    return weaken(EDGE, "api-1", "body", with_operation("/x", "get", **{_INTEGRATION: integration}))


@check(
    "gateway-verifies-guard",
    good=EDGE,
    bad={
        "another host": _called("https://elsewhere.example/"),
        "no host": _called("/ocpi"),
        "nothing": weaken(EDGE, "api-1", "body", with_operation("/x", "get", **{_INTEGRATION: None})),
        "a name above": _called("https://example/"),
    },
    also_good={
        "an alternative name": weaken(
            _called("https://inner.example/"),
            "cert-1",
            "subjectAlternativeNames",
            ["guard.ocpi.example", "inner.example"],
        ),
        "a mock": weaken(
            EDGE, "api-1", "body", with_operation("/x", "get", **{_INTEGRATION: {"type": "mock"}})
        ),
        "no certificate of this stack": without(EDGE, "cert-1", "valid-1"),
    },
)
def operations_call_a_name_that_we_hold(stack: Stack) -> Verdicts:
    """Each integration verifies a name on a certificate of this stack: nobody else can answer for it."""
    held = set(_names(stack))
    for api in stack.of_type(API):
        for where, operation in operations(api) if held else ():
            integration = operation.get(_INTEGRATION) or {}
            if str(integration.get("type")).lower() != "mock":
                host = urlsplit(str(integration.get("uri"))).hostname or ""
                ours = host in held or f"*.{host.partition('.')[2]}" in held
                yield verdict(where, ours, "it calls a name that is on no certificate of this stack")


def _names(stack: Stack) -> Iterator[str]:
    for certificate in stack.of_type(CERTIFICATE):
        yield str(read(certificate, "domainName"))
        yield from map(str, items(certificate, "subjectAlternativeNames"))


@check(
    "answers-not-cached",
    good=EDGE,
    bad={
        "a cache": weaken(EDGE, "stage-1", "cacheClusterEnabled", True),
        "of methods": weaken(EDGE, "settings-1", "settings.cachingEnabled", True),
    },
    also_good={"unwritten": weaken(EDGE, "stage-1", "cacheClusterEnabled", ABSENT)},
)
def answers_are_not_cached(stack: Stack) -> Verdicts:
    """The cache's key holds path and named parameters only: one partner would get what another asked for."""
    for stage in stack.of_type(STAGE):
        on = read(stage, "cacheClusterEnabled") not in (None, False)
        yield verdict(f"{stage.urn}#cacheClusterEnabled", not on, "the stage has a cache")
    for each in stack.of_type("aws:apigateway/methodSettings:MethodSettings"):
        on = read(each, "settings.cachingEnabled") not in (None, False)
        yield verdict(f"{each.urn}#settings.cachingEnabled", not on, "answers of methods are cached")


@check(
    "api-calls-logged",
    good=EDGE,
    bad={
        "no log of executions": weaken(EDGE, "settings-1", "settings.loggingLevel", "OFF"),
        "no metrics": weaken(EDGE, "settings-1", "settings.metricsEnabled", False),
    },
)
def executions_are_logged_and_measured(stack: Stack) -> Verdicts:
    """Why the gateway refused a call stands in the execution log alone (Security Hub APIGateway.1)."""
    settings = stack.of_type("aws:apigateway/methodSettings:MethodSettings")
    yield from must_be(settings, "settings.loggingLevel", "ERROR", "INFO")
    yield from must_be(settings, "settings.metricsEnabled", True)


@check("accepted-by-new-account", good=EDGE, bad=without(EDGE, "api-account"))
def the_gateway_may_write_its_logs(stack: Stack) -> Verdicts:
    """A new account has no role for API Gateway's logs, and refuses a stage that wants them."""
    roles = [read(one, "cloudwatchRoleArn") for one in stack.of_type("aws:apigateway/account:Account")]
    for stage in stack.of_type(STAGE):
        yield verdict(f"{stage.urn}#logs", any(roles), "no role lets API Gateway write its logs")
