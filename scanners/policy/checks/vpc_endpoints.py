"""Checks of the VPC endpoints: AWS is reached privately, and by whom."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.policies import admits_anyone, policy_at
from scanners.policy.checks.reading import must_be, read
from scanners.policy.checks.vpc import VPC
from scanners.policy.samples.data import policy
from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import ABSENT, weaken, without
from scanners.policy.stack import Stack

ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"


# What uses an AWS service, and the endpoints over which it is then reached.
_USES: Final = {
    "aws:secretsmanager/secret:Secret": ("secretsmanager",),
    "aws:dynamodb/table:Table": ("dynamodb",),
    "aws:ssm/parameter:Parameter": ("ssm",),
    "aws:lambda/function:Function": ("xray",),
    "aws:ecs/service:Service": ("ecr.api", "ecr.dkr", "s3", "logs"),
}


@check("aws-through-private-endpoints", good=NETWORK, bad=without(NETWORK, "vpce-dynamodb"))
def services_in_use_have_endpoints(stack: Stack) -> Verdicts:
    """Each AWS service that the stack uses has a VPC endpoint."""
    if not stack.of_type(VPC):
        return
    used = {service for kind, services in _USES.items() if stack.of_type(kind) for service in services}
    names = [str(read(endpoint, "serviceName")) for endpoint in stack.of_type(ENDPOINT)]
    for service in sorted(used or {service for services in _USES.values() for service in services}):
        there = any(name.endswith(f".{service}") for name in names)
        yield f"{stack.name}#{service}", None if there else f"no VPC endpoint for {service}"


_ANYONE = policy({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"})


@check("aws-through-private-endpoints", good=NETWORK, bad=weaken(NETWORK, "vpce-kms", "policy", _ANYONE))
def endpoints_name_whom_they_serve(stack: Stack) -> Verdicts:
    """No endpoint's policy serves principals that it neither names nor limits to this account or VPC."""
    for endpoint in stack.of_type(ENDPOINT):
        rules = policy_at(endpoint, "policy")
        where = f"{endpoint.urn}#policy"
        anyone = any(admits_anyone(stack, s, where) for s in rules.allowing)
        problem = "the policy serves any principal" if anyone else None
        yield where, problem if rules.statements else "no endpoint policy is written"


@check(
    "aws-through-private-endpoints",
    good=NETWORK,
    bad={
        "public names": weaken(NETWORK, "vpce-kms", "privateDnsEnabled", False),
        "unwritten": weaken(NETWORK, "vpce-kms", "privateDnsEnabled", ABSENT),
        "no names": weaken(NETWORK, "vpc-1", "enableDnsSupport", False),
    },
)
def endpoints_answer_under_the_names_of_aws(stack: Stack) -> Verdicts:
    """Without private names workloads ask for AWS's public addresses (AWS PrivateLink, private DNS names).

    Gateway endpoints need none: they are routes.
    """
    interfaces = [e for e in stack.of_type(ENDPOINT) if read(e, "vpcEndpointType") == "Interface"]
    yield from must_be(interfaces, "privateDnsEnabled", True)
    if interfaces:
        yield from must_be(stack.of_type(VPC), "enableDnsSupport", True)
