"""Checks of the API's custom domain name: its TLS policy, and which names it answers to."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import must_be, read, verdict
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
