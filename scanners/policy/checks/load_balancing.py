"""Checks of the load balancers before the guard: private, and with modern TLS."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import items, must_be, points_at, read, verdict
from scanners.policy.checks.security_group_rules import GROUP, security_group_rules
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken
from scanners.policy.stack import Resource, Stack

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


def _into(group: str, source: str) -> Resource:
    return aws(
        "vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        f"sgr-{source}-into-{group}",
        securityGroupId=f"sg-{group}",
        referencedSecurityGroupId=f"sg-{source}",
        ipProtocol="tcp",
        fromPort=8443,
        toPort=8443,
    )


def _offer(balancer: str) -> Resource:
    return aws("ec2/vpcEndpointService:VpcEndpointService", "open", networkLoadBalancerArns=[balancer])


_FROM_ADDRESS: Final = {
    "securityGroupId": "sg-tasks",
    "cidrIpv4": "10.20.0.0/16",
    "ipProtocol": "tcp",
    "fromPort": 8443,
    "toPort": 8443,
}
_ADMITTED: Final = {"securityGroups": ["sg-balancer"], "protocol": "tcp"}
_HOP: Final = plus(
    NETWORK,
    aws("ec2/securityGroup:SecurityGroup", "sg-balancer", vpcId="vpc-1"),
    aws("ec2/securityGroup:SecurityGroup", "sg-tasks", vpcId="vpc-1"),
    _into("tasks", "balancer"),
    aws("lb/loadBalancer:LoadBalancer", "nlb-1", internal=True, securityGroups=["sg-balancer"]),
    aws(
        "ecs/service:Service",
        "ecs-guard",
        loadBalancers=[{"targetGroupArn": "arn:targets-guard"}],
        networkConfiguration={"securityGroups": ["sg-tasks"]},
    ),
)


@check(
    "only-the-gateway-calls-the-guard",
    good=_HOP,
    bad={
        "reached from the VPC": plus(_HOP, _into("balancer", "service")),
        "in no security group": weaken(_HOP, "nlb-1", "securityGroups", ABSENT),
    },
)
def nothing_in_the_vpc_reaches_the_balancer(stack: Stack) -> Verdicts:
    """Its security group has no ingress rule: what is left is the VPC link, which is no member of a group."""
    for balancer in stack.of_type(BALANCER):
        groups = [g for g in stack.of_type(GROUP) if points_at(balancer, "securityGroups", g)]
        admitting = [r.where for r in security_group_rules(stack, "ingress") if r.group in groups]
        yield verdict(balancer.urn, bool(groups), "no security group of this stack shuts the balancer")
        yield verdict(balancer.urn, not admitting, f"admits more than the VPC link: {', '.join(admitting)}")


@check(
    "only-the-gateway-calls-the-guard",
    good=_HOP,
    bad={
        "another group": plus(_HOP, _into("tasks", "service")),
        "an address": plus(_HOP, replace(_into("tasks", "edge"), inputs=_FROM_ADDRESS)),
        "an address beside the balancer": weaken(
            _HOP, "sg-tasks", "ingress", [_ADMITTED | {"cidrBlocks": ["10.20.0.0/16"]}]
        ),
        "a prefix list beside the balancer": weaken(
            _HOP, "sg-tasks", "ingress", [_ADMITTED | {"prefixListIds": ["pl-1"]}]
        ),
        "in no security group": weaken(_HOP, "ecs-guard", "networkConfiguration", ABSENT),
    },
)
def tasks_behind_the_balancer_admit_it_alone(stack: Stack) -> Verdicts:
    """What the balancer leads to is reached from no other security group, and from no address."""
    ours = [
        g for g in stack.of_type(GROUP) for b in stack.of_type(BALANCER) if points_at(b, "securityGroups", g)
    ]
    for service in stack.of_type("aws:ecs/service:Service"):
        if not items(service, "loadBalancers"):
            continue
        groups = [g for g in stack.of_type(GROUP) if points_at(service, "networkConfiguration", g)]
        yield verdict(service.urn, bool(groups), "no security group of this stack shuts the tasks")
        for rule in security_group_rules(stack, "ingress"):
            if rule.group in groups:
                alone = bool(rule.peers) and all(peer in ours for peer in rule.peers)
                past = not alone or bool(rule.cidrs) or rule.prefix_list
                yield verdict(rule.where, not past, "the guard is called past its load balancer")


@check(
    "only-the-gateway-calls-the-guard",
    good=_HOP,
    also_good={"another balancer": plus(_HOP, _offer("arn:another"))},
    bad=plus(_HOP, _offer("arn:nlb-1")),
)
def no_endpoint_service_offers_the_balancer(stack: Stack) -> Verdicts:
    """An endpoint service would be a second private link, for callers that no gateway authorized."""
    services = stack.of_type("aws:ec2/vpcEndpointService:VpcEndpointService")
    for balancer in stack.of_type(BALANCER):
        offers = [one.urn for one in services if _offers(one, balancer)]
        yield verdict(
            balancer.urn, not offers, f"offered over a private link of its own: {', '.join(offers)}"
        )


def _offers(service: Resource, balancer: Resource) -> bool:
    """Whether an endpoint service offers the balancer, or does not say what it offers."""
    named = items(service, "networkLoadBalancerArns")
    return not named or points_at(service, "networkLoadBalancerArns", balancer)
