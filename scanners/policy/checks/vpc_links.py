"""Checks of the way from the API to the guard: over a VPC link, and with TLS that the gateway verifies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.api_gateway import API, operations
from scanners.policy.checks.load_balancing import BALANCER
from scanners.policy.checks.reading import points_at, verdict
from scanners.policy.samples.api import with_operation
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import Stack

LINK: Final = "aws:apigateway/vpcLink:VpcLink"


@check("guard-behind-private-link", good=EDGE, bad=weaken(EDGE, "link-1", "targetArn", "arn:elsewhere"))
def links_lead_to_our_load_balancer(stack: Stack) -> Verdicts:
    """Each VPC link leads to a load balancer of this stack."""
    for link in stack.of_type(LINK):
        ours = any(points_at(link, "targetArn", balancer) for balancer in stack.of_type(BALANCER))
        yield verdict(f"{link.urn}#targetArn", ours, "does not lead to a load balancer of this stack")


_INTEGRATION: Final = "x-amazon-apigateway-integration"


_PUBLIC = {"type": "http_proxy", "connectionType": "INTERNET", "uri": "https://guard.ocpi.example/"}


@check(
    "guard-behind-private-link",
    good=EDGE,
    bad=weaken(EDGE, "api-1", "body", with_operation("/x", "get", **{_INTEGRATION: _PUBLIC})),
)
def operations_go_over_the_link(stack: Stack) -> Verdicts:
    """Each operation's integration is a mock, or goes over a VPC link."""
    for api in stack.of_type(API):
        for where, operation in operations(api):
            integration = _integration(where, operation)
            private = str(integration.get("connectionType")).upper() == "VPC_LINK"
            mock = str(integration.get("type")).lower() == "mock"
            yield verdict(where, private or mock, "the operation does not go over a VPC link")


_PLAIN = {**_PUBLIC, "connectionType": "VPC_LINK", "uri": "http://guard.ocpi.example/"}


@check(
    "gateway-verifies-guard",
    good=EDGE,
    bad=weaken(EDGE, "api-1", "body", with_operation("/x", "get", **{_INTEGRATION: _PLAIN})),
)
def operations_verify_the_guard(stack: Stack) -> Verdicts:
    """Each integration calls the guard over HTTPS, and verifies its certificate."""
    for api in stack.of_type(API):
        for where, operation in operations(api):
            integration = _integration(where, operation)
            if str(integration.get("type")).lower() == "mock":
                continue
            careless = (integration.get("tlsConfig") or {}).get("insecureSkipVerification")
            encrypted = str(integration.get("uri")).startswith("https://") and not careless
            yield verdict(where, encrypted, "the guard is not reached over verified TLS")


def _integration(where: str, operation: Mapping[str, Any]) -> Mapping[str, Any]:
    integration = operation.get(_INTEGRATION)
    if not isinstance(integration, Mapping):
        raise Unverifiable(where, "the operation has no integration")
    return integration
