"""Checks of TLS at the edge, on the custom domain name and on the API: policy, and names answered to."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.api_gateway import API, api_document
from scanners.policy.checks.reading import must_be, read, verdict
from scanners.policy.samples.api import api_body
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.sample_stack import ABSENT, weaken
from scanners.policy.stack import Stack

DOMAIN: Final = "aws:apigateway/domainName:DomainName"


# Only these have forward secrecy in TLS 1.2 and post-quantum key exchange (API Gateway, security policies).
_MODERN: Final = "_PFS_PQ_"


@check("edge-tls-policy-modern", good=EDGE, bad=weaken(EDGE, "domain-1", "securityPolicy", "TLS_1_2"))
def domain_has_a_modern_policy(stack: Stack) -> Verdicts:
    """The domain's security policy has forward secrecy and post-quantum key exchange."""
    for domain in stack.of_type(DOMAIN):
        modern = _MODERN in str(read(domain, "securityPolicy") or "")
        yield verdict(f"{domain.urn}#securityPolicy", modern, "no forward secrecy with post-quantum keys")


@check("edge-tls-policy-modern", good=EDGE, bad=weaken(EDGE, "domain-1", "endpointAccessMode", ABSENT))
def domain_refuses_other_names(stack: Stack) -> Verdicts:
    """STRICT holds SNI and Host header together: no other domain's policy can be used."""
    yield from must_be(stack.of_type(DOMAIN), "endpointAccessMode", "STRICT")


@check("edge-tls-policy-modern", good=EDGE, bad=weaken(EDGE, "api-1", "securityPolicy", ABSENT))
def api_has_a_modern_policy(stack: Stack) -> Verdicts:
    """The API has such a policy of its own, with STRICT: without one it accepts TLS 1.0."""
    for api in stack.of_type(API):
        modern = _MODERN in str(read(api, "securityPolicy") or "")
        yield verdict(f"{api.urn}#securityPolicy", modern, "no forward secrecy with post-quantum keys")
        strict = read(api, "endpointAccessMode") == "STRICT"
        yield verdict(f"{api.urn}#endpointAccessMode", strict, "endpointAccessMode is not written as STRICT")


_WITHOUT = api_body(**{"x-amazon-apigateway-security-policy": None})


@check("edge-tls-policy-modern", good=EDGE, bad=weaken(EDGE, "api-1", "body", _WITHOUT))
def an_import_keeps_the_policy(stack: Stack) -> Verdicts:
    """The body says the same: what an imported body leaves out goes back to its default."""
    for api in stack.of_type(API):
        body = api_document(api)
        for name, extension in (
            ("securityPolicy", "security-policy"),
            ("endpointAccessMode", "endpoint-access-mode"),
        ):
            same = body.get(f"x-amazon-apigateway-{extension}") == read(api, name)
            yield verdict(
                f"{api.urn}#body.{extension}", same, f"the body does not say {name} as the API does"
            )


@check(
    "edge-tls-policy-modern",
    good=EDGE,
    bad=weaken(EDGE, "domain-1", "endpointConfiguration.types", "EDGE"),
)
def domain_is_regional(stack: Stack) -> Verdicts:
    """An edge-optimized domain ends TLS at CloudFront, by CloudFront's policies."""
    for domain in stack.of_type(DOMAIN):
        kinds = read(domain, "endpointConfiguration.types")
        regional = kinds == "REGIONAL" or list(kinds or ()) == ["REGIONAL"]
        yield verdict(f"{domain.urn}#endpointConfiguration", regional, "the endpoint is not REGIONAL")
