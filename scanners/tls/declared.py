"""What the stack declares of the gateway's TLS."""

from __future__ import annotations

from scanners.policy.stack import Stack
from scanners.tls.aws_policies import declared
from scanners.tls.observations import Declared

_DOMAIN = "aws:apigateway/domainName:DomainName"


def declared_for(stack: Stack, server_name: str) -> Declared:
    """The policy of the API domain called `server_name`. What is not written cannot be verified."""
    domains = stack.of_type(_DOMAIN)
    domain = next((d for d in domains if d.inputs.get("domainName") == server_name), None)
    if domain is None:
        problem = f"the stack declares no API domain called {server_name}"
        return Declared(policy="", where=f"stack {stack.name}", problem=problem)
    where = f"{domain.urn}#securityPolicy"
    name = domain.inputs.get("securityPolicy")
    if not isinstance(name, str):
        return Declared(policy="", where=where, problem="no security policy is written")
    return declared(name, where)
