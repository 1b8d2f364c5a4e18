"""Checks of who may have the egress guard call a partner, and how it is asked."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from hardening.checks import Verdicts, check
from hardening.egress.callers import key_secret
from scanners.policy.checks.reading import is_open, read, tag, verdict
from scanners.policy.checks.security_group_rules import security_group_rules
from scanners.policy.checks.variables import of_workloads
from scanners.policy.samples.compute import WORKLOAD
from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack

_SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105  (a type)
_URL, _AUTHORITY = "RAMPART_EGRESS_URL", "RAMPART_EGRESS_CA"
_ASKING: Final = {
    _URL: "https://egress.internal:8445",
    _AUTHORITY: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
}
_IN_FUNCTION: Final = "environment.variables"


def _task(**changes: str) -> Resource:
    """A task that asks the egress guard; `changes` are variables of its container."""
    variables = [{"name": name, "value": value} for name, value in {**_ASKING, **changes}.items()]
    container = {"name": "service", "environment": variables}
    return aws("ecs/taskDefinition:TaskDefinition", "task-caller", containerDefinitions=[container])


def _key(caller: str, **changes: str) -> Resource:
    tags = {"rampart:environment": "production", "rampart:caller": caller}
    name = changes.get("name", key_secret("production", caller))
    return aws("secretsmanager/secret:Secret", f"key-{caller}", name=name, tags=tags)


_CALLERS = plus(
    weaken(WORKLOAD, "fn-rotation", _IN_FUNCTION, dict(_ASKING)),
    _task(),
    _key("rotation"),
    _key("credentials"),
)
_PROXY: Final = "http://proxy.internal:3128"


@check(
    "egress-callers-known",
    good=_CALLERS,
    bad={
        "in clear": weaken(_CALLERS, "fn-rotation", f"{_IN_FUNCTION}.{_URL}", "http://egress.internal:8445"),
        "of any authority": weaken(_CALLERS, "fn-rotation", f"{_IN_FUNCTION}.{_AUTHORITY}", ABSENT),
        "a container": plus(without(_CALLERS, "task-caller"), _task(**{_AUTHORITY: ""})),
    },
)
def callers_ask_the_guard_itself(stack: Stack) -> Verdicts:
    """Who asks the egress guard does so over TLS, and knows the authority that issued its certificate."""
    for where, variables in of_workloads(stack):
        if _URL in variables:
            known = "-----BEGIN CERTIFICATE-----" in str(variables.get(_AUTHORITY) or "")
            asks = str(variables[_URL]).startswith("https://")
            yield verdict(where, asks and known, "asks without TLS, or trusts no authority of its own")


@check(
    "egress-callers-known",
    good=_CALLERS,
    bad={
        "a caller without": without(_CALLERS, "key-credentials"),
        "of another name": plus(without(_CALLERS, "key-rotation"), _key("rotation", name="rampart/key")),
    },
)
def each_caller_has_a_key_of_its_own(stack: Stack) -> Verdicts:
    """As many callers, so many secrets with keys, each named after its caller."""
    callers = Counter(
        where.partition("#")[0] for where, variables in of_workloads(stack) if _URL in variables
    )
    keys = [secret for secret in stack.of_type(_SECRET) if tag(secret, "rampart:caller")]
    for secret in keys:
        expected = key_secret(tag(secret, "rampart:environment"), tag(secret, "rampart:caller"))
        yield verdict(f"{secret.urn}#name", read(secret, "name") == expected, f"not named {expected}")
    if callers:
        problem = f"{len(callers)} callers of the egress guard, {len(keys)} keys"
        yield verdict(f"{stack.name}#callers", len(keys) >= len(callers), problem)


def _in_front(group: str) -> Stack:
    """A way out with a group of its own, which admits `group`."""
    return plus(
        NETWORK,
        aws("ec2/securityGroup:SecurityGroup", "sg-egress", tags={"rampart:tier": "guard"}),
        _rule("Egress", "sgr-out", cidrIpv4="0.0.0.0/0", fromPort=443, toPort=443),
        _rule("Ingress", "sgr-callers", referencedSecurityGroupId=group, fromPort=8445, toPort=8445),
    )


def _rule(way: str, name: str, **inputs: Any) -> Resource:
    kind = f"vpc/securityGroup{way}Rule:SecurityGroup{way}Rule"
    return aws(kind, name, securityGroupId="sg-egress", ipProtocol="tcp", **inputs)


@check("egress-callers-known", good=_in_front("sg-service"), bad=_in_front("sg-guard"))
def the_service_tier_alone_reaches_the_way_out(stack: Stack) -> Verdicts:
    """Who takes over what partners reach, Envoy and its policy service, reaches no egress guard."""
    out = [rule for rule in security_group_rules(stack, "egress") if any(map(is_open, rule.cidrs))]
    groups = {rule.group.urn for rule in out}
    for rule in security_group_rules(stack, "ingress"):
        if rule.group.urn in groups:
            tiers = {tag(peer, "rampart:tier") for peer in rule.peers}
            yield verdict(rule.where, tiers == {"service"}, "not from the service tier alone")


@check(
    "egress-through-guard-only",
    good=_CALLERS,
    bad={
        "a function": weaken(_CALLERS, "fn-rotation", f"{_IN_FUNCTION}.HTTPS_PROXY", _PROXY),
        "a container": plus(without(_CALLERS, "task-caller"), _task(ALL_PROXY=_PROXY)),
        "in small letters": plus(without(_CALLERS, "task-caller"), _task(https_proxy=_PROXY)),
    },
)
def nobody_opens_a_tunnel(stack: Stack) -> Verdicts:
    """No workload is told of a proxy: a tunnel would carry calls that the egress guard never sees."""
    for where, variables in of_workloads(stack):
        told = sorted(
            name for name in variables if name.upper() in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
        )
        yield verdict(where, not told, f"calls through a proxy: {', '.join(told)}")
