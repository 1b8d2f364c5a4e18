"""Checks of TLS as it is declared: domain, certificate, private link, inner listener."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.api_gateway import API, STAGE, operations
from scanners.policy.checks.reading import attached, must_be, points_at, read, verdict
from scanners.policy.samples.edge import EDGE, with_operation
from scanners.policy.samples.sample_stack import ABSENT, weaken, without
from scanners.policy.stack import Stack

DOMAIN: Final = "aws:apigateway/domainName:DomainName"
CERTIFICATE: Final = "aws:acm/certificate:Certificate"
BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
LINK: Final = "aws:apigateway/vpcLink:VpcLink"

# Only these have forward secrecy in TLS 1.2 and post-quantum key exchange (API Gateway, security policies).
_MODERN: Final = "_PFS_PQ_"
# TLS 1.2 restricted to forward secrecy and AEAD, or TLS 1.3 alone, both with post-quantum key exchange.
_LISTENER: Final = ("ELBSecurityPolicy-TLS13-1-2-Res-", "ELBSecurityPolicy-TLS13-1-3-")


@check("edge-tls-policy-modern", good=EDGE, bad=weaken(EDGE, "domain-1", "securityPolicy", "TLS_1_2"))
def domain_has_a_modern_policy(stack: Stack) -> Verdicts:
    for domain in stack.of_type(DOMAIN):
        modern = _MODERN in str(read(domain, "securityPolicy") or "")
        yield verdict(f"{domain.urn}#securityPolicy", modern, "no forward secrecy with post-quantum keys")


@check("edge-tls-policy-modern", good=EDGE, bad=weaken(EDGE, "domain-1", "endpointAccessMode", ABSENT))
def domain_refuses_other_names(stack: Stack) -> Verdicts:
    """STRICT holds SNI and Host header together, so that no other domain's policy can be used."""
    yield from must_be(stack.of_type(DOMAIN), "endpointAccessMode", "STRICT")


@check("certificates-validated-by-dns", good=EDGE, bad=weaken(EDGE, "cert-1", "validationMethod", "EMAIL"))
def certificates_are_validated_by_dns(stack: Stack) -> Verdicts:
    yield from must_be(stack.of_type(CERTIFICATE), "validationMethod", "DNS")


@check("certificates-validated-by-dns", good=EDGE, bad=without(EDGE, "valid-1"))
def certificates_are_waited_for(stack: Stack) -> Verdicts:
    for certificate in stack.of_type(CERTIFICATE):
        waiters = attached(
            stack, certificate, "aws:acm/certificateValidation:CertificateValidation", "certificateArn"
        )
        yield verdict(certificate.urn, bool(waiters), "nothing waits for the certificate's validation")


@check("guard-behind-private-link", good=EDGE, bad=weaken(EDGE, "nlb-1", "internal", False))
def load_balancers_are_internal(stack: Stack) -> Verdicts:
    yield from must_be(stack.of_type(BALANCER), "internal", True)


@check("guard-behind-private-link", good=EDGE, bad=weaken(EDGE, "link-1", "targetArn", "arn:elsewhere"))
def links_lead_to_our_load_balancer(stack: Stack) -> Verdicts:
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


@check("gateway-verifies-guard", good=EDGE, bad=weaken(EDGE, "stage-1", "clientCertificateId", ABSENT))
def stages_show_a_client_certificate(stack: Stack) -> Verdicts:
    for stage in stack.of_type(STAGE):
        certificates = stack.of_type("aws:apigateway/clientCertificate:ClientCertificate")
        shown = any(points_at(stage, "clientCertificateId", certificate) for certificate in certificates)
        yield verdict(stage.urn, shown, "the stage shows the guard no client certificate of this stack")


@check(
    "inner-listeners-encrypt",
    good=EDGE,
    bad=weaken(EDGE, "nlb-tls", "sslPolicy", "ELBSecurityPolicy-TLS-1-2-2017-01"),
)
def listeners_are_modern(stack: Stack) -> Verdicts:
    for listener in stack.of_type("aws:lb/listener:Listener"):
        policy = str(read(listener, "sslPolicy") or "")
        encrypted = read(listener, "protocol") in ("TLS", "HTTPS")
        modern = policy.startswith(_LISTENER) and "-PQ-" in policy
        yield verdict(listener.urn, encrypted and modern, "no TLS listener with a modern post-quantum policy")
