"""Checks of who may have the egress guard call a partner, and how it is asked."""

from __future__ import annotations

from typing import Any, Final

from hardening.checks import Verdicts, check
from hardening.egress.callers import CHANGE_TOKENS, key_secret
from scanners.policy.checks.reading import is_open, read, tag, verdict
from scanners.policy.checks.secret_writers import rotation_alone_writes
from scanners.policy.checks.security_group_rules import security_group_rules
from scanners.policy.checks.variables import of_workloads
from scanners.policy.samples.compute import WORKLOAD
from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken, without
from scanners.policy.samples.sample_stack import stack as _stack_of
from scanners.policy.samples.secret_policies import rotated
from scanners.policy.stack import Resource, Stack

_SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105  (a type)
_URL, _AUTHORITY, _CALLER = "RAMPART_EGRESS_URL", "RAMPART_EGRESS_CA", "RAMPART_EGRESS_CALLER"
_ASKING: Final = {
    _URL: "https://egress.internal:8445",
    _AUTHORITY: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
}
_IN_FUNCTION: Final = "environment.variables"


def _task(logical: str = "task-caller", **changes: str) -> Resource:
    """A task that asks the egress guard; `changes` are variables of its container."""
    given = {**_ASKING, _CALLER: "credentials", **changes}
    variables = [{"name": name, "value": value} for name, value in given.items()]
    container = {"name": "service", "environment": variables}
    return aws("ecs/taskDefinition:TaskDefinition", logical, containerDefinitions=[container])


def _key(caller: str, **changes: str) -> Resource:
    tags = {"rampart:environment": "production", "rampart:caller": caller}
    name = changes.get("name") or key_secret("production", caller)
    logical = changes.get("logical") or f"key-{caller}"
    return aws("secretsmanager/secret:Secret", logical, name=name, tags=tags)


_CALLERS = plus(
    weaken(WORKLOAD, "fn-rotation", _IN_FUNCTION, {**_ASKING, _CALLER: "rotation"}),
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
        "another's in its stead": plus(without(_CALLERS, "key-credentials"), _key("reports")),
        "of another name": plus(without(_CALLERS, "key-rotation"), _key("rotation", name="rampart/key")),
        "two of one caller": plus(_CALLERS, _key("rotation", logical="key-more")),
        "of nobody": plus(_CALLERS, _key("reports")),
        "two callers with one": weaken(_CALLERS, "fn-rotation", f"{_IN_FUNCTION}.{_CALLER}", "credentials"),
        "a caller of no name": plus(without(_CALLERS, "task-caller"), _task(**{_CALLER: ""})),
        "unknown to the guard": plus(_CALLERS, _task("more", **{_CALLER: "reports"}), _key("reports")),
    },
)
def each_caller_has_a_key_of_its_own(stack: Stack) -> Verdicts:
    """Who asks says which caller it is, and that caller's key is a secret of its own, named after it."""
    callers = {
        where.partition("#")[0]: str(variables.get(_CALLER) or "")
        for where, variables in of_workloads(stack)
        if _URL in variables
    }
    keys = [secret for secret in stack.of_type(_SECRET) if tag(secret, "rampart:caller")]
    for where, caller in callers.items():
        known = caller in CHANGE_TOKENS and list(callers.values()).count(caller) == 1
        yield verdict(f"{where}#{_CALLER}", known, f"{caller!r} is no caller, or another's name")
        own = [secret for secret in keys if tag(secret, "rampart:caller") == caller]
        yield verdict(f"{where}#key", len(own) == 1, f"{len(own)} keys of {caller!r}, not one")
    for secret in keys:
        caller = tag(secret, "rampart:caller")
        expected = key_secret(tag(secret, "rampart:environment"), caller)
        yield verdict(f"{secret.urn}#name", read(secret, "name") == expected, f"not named {expected}")
        yield verdict(f"{secret.urn}#tags", caller in callers.values(), f"no workload is the caller {caller}")


_KEPT = plus(_stack_of(_key("credentials")), *rotated("key-credentials"))


@check(
    "egress-callers-known",
    good=_KEPT,
    bad={
        "no policy": without(_KEPT, "policy-of-key-credentials"),
        "nothing rotates it": without(_KEPT, "rotation-of-key-credentials"),
    },
)
def each_callers_key_is_written_by_its_rotation_alone(stack: Stack) -> Verdicts:
    """Its policy denies writing to all but the role of the function that rotates it: nobody plants a key."""
    for secret in stack.of_type(_SECRET):
        if tag(secret, "rampart:caller"):
            closed = rotation_alone_writes(stack, secret)
            yield verdict(secret.urn, closed, "others than the function that rotates it may write the key")


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


def _beside(**others: Any) -> Stack:
    """The service's group, and others in the same rule, which stands in the group itself."""
    rule = {"securityGroups": ["sg-service"], "protocol": "tcp", "fromPort": 8445, "toPort": 8445, **others}
    return weaken(without(_in_front("sg-service"), "sgr-callers"), "sg-egress", "ingress", [rule])


@check(
    "egress-callers-known",
    good=_in_front("sg-service"),
    also_good={"in the group itself": _beside()},
    bad={
        "the guard": _in_front("sg-guard"),
        "an address beside": _beside(cidrBlocks=["10.0.3.0/24"]),
        "a prefix list beside": _beside(prefixListIds=["pl-1"]),
    },
)
def the_service_tier_alone_reaches_the_way_out(stack: Stack) -> Verdicts:
    """Who takes over what partners reach, Envoy and its policy service, reaches no egress guard."""
    out = [rule for rule in security_group_rules(stack, "egress") if any(map(is_open, rule.cidrs))]
    groups = {rule.group.urn for rule in out}
    for rule in security_group_rules(stack, "ingress"):
        if rule.group.urn in groups:
            tiers = {tag(peer, "rampart:tier") for peer in rule.peers}
            alone = tiers == {"service"} and not rule.cidrs and not rule.prefix_list
            yield verdict(rule.where, alone, "not from the service tier alone")


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
