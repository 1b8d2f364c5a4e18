"""Checks of the load balancers before the guard: private, and with modern TLS."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import must_be, read, verdict
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import Stack

BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"


# TLS 1.2 restricted to forward secrecy and AEAD, or TLS 1.3 alone, both with post-quantum key exchange.
_LISTENER: Final = ("ELBSecurityPolicy-TLS13-1-2-Res-", "ELBSecurityPolicy-TLS13-1-3-")


@check("guard-behind-private-link", good=EDGE, bad=weaken(EDGE, "nlb-1", "internal", False))
def load_balancers_are_internal(stack: Stack) -> Verdicts:
    """No load balancer has a public address."""
    yield from must_be(stack.of_type(BALANCER), "internal", True)


@check(
    "inner-listeners-encrypt",
    good=EDGE,
    bad=weaken(EDGE, "nlb-tls", "sslPolicy", "ELBSecurityPolicy-TLS-1-2-2017-01"),
)
def listeners_are_modern(stack: Stack) -> Verdicts:
    """Each listener has TLS, with a policy of forward secrecy and post-quantum key exchange."""
    for listener in stack.of_type("aws:lb/listener:Listener"):
        policy = str(read(listener, "sslPolicy") or "")
        encrypted = read(listener, "protocol") in ("TLS", "HTTPS")
        modern = policy.startswith(_LISTENER) and "-PQ-" in policy
        yield verdict(listener.urn, encrypted and modern, "no TLS listener with a modern post-quantum policy")
