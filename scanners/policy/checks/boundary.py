"""Checks of the boundary between Envoy and the OCPI service: calls pass it; its keys and ledger are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hardening.answers.alarms import ALARM as STOPPED
from hardening.answers.alarms import CRASH, ONCE, OWN_SESSIONS
from hardening.checks import Verdicts, check
from scanners.policy.checks.alarms import alarmed
from scanners.policy.checks.dynamodb import TABLE
from scanners.policy.checks.gateway_paths import envoy_configurations
from scanners.policy.checks.reading import attached, containers, read, verdict
from scanners.policy.checks.secret_writers import SECRET_TYPE, rotation_alone_writes
from scanners.policy.checks.variables import of_container, of_containers
from scanners.policy.samples.boundary import BOUNDED, boundary_with, counting, guard_with
from scanners.policy.samples.sample_stack import aws, plus, weaken, without
from scanners.policy.stack import SECRET, Resource, Stack

_TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
_VERSION: Final = "aws:secretsmanager/secretVersion:SecretVersion"
# The policy service has the one, the boundary the other, and nothing else either.
_POLICY: Final = "RAMPART_POLICY_PORT"
_PORT: Final = "RAMPART_BOUNDARY_PORT"
_KEYS: Final = ("RAMPART_PSEUDONYM_KEY_ID", "RAMPART_RECEIPT_KEY_ID")
_WITH_THE_TASK: Final = ("RAMPART_PSEUDONYM_KEY_FILE", "RAMPART_RECEIPT_KEY_FILE")
_LEDGER: Final = "RAMPART_CDR_TABLE"
_SERVICE: Final = "ocpi_service"
_ANYBODY: Final = "whom nothing here names"
_LOOPBACK: Final = ("127.0.0.1", "::1")


def _bounded(task: str) -> Stack:
    return weaken(BOUNDED, "guard", "containerDefinitions", task)


def _envoy_and(name: str, value: object) -> Stack:
    """The guard's Envoy with something more in its configuration, or in place of its first cluster."""
    task = json.loads(guard_with())
    changed = json.loads(task[0]["command"][-1])
    if name == "cluster":
        changed["static_resources"]["clusters"][0] = value
    else:
        changed[name] = value
    task[0]["command"][-1] = json.dumps(changed)
    return _bounded(json.dumps(task))


def _envoy_to(*clusters: tuple[str, str, int]) -> Stack:
    return _bounded(guard_with(clusters=clusters))


@check(
    "boundary-before-service",
    good=BOUNDED,
    bad={
        "no boundary": _bounded(guard_with(boundary={})),
        "the service behind its back": _envoy_to(("ocpi_service", "service.internal", 8444)),
        "another port of the task": _envoy_to(("ocpi_service", "127.0.0.1", 8081)),
        "a second way": _envoy_to(("ocpi_service", "127.0.0.1", 8082), ("more", "service.internal", 8444)),
        "a second address": _envoy_to(
            ("ocpi_service", "127.0.0.1", 8082), ("ocpi_service", "127.0.0.1", 8083)
        ),
        "no such cluster": _envoy_to(("policy", "127.0.0.1", 8081)),
        "whoever was dialled": _envoy_and("cluster", {"name": "more", "type": "ORIGINAL_DST"}),
        "clusters from elsewhere": _envoy_and("dynamic_resources", {"cds_config": {}}),
    },
    also_good={"no guard": without(BOUNDED, "guard")},
    unverifiable={"no configuration of Envoy": _bounded(guard_with(option="--config-path"))},
)
def calls_pass_the_boundary(stack: Stack) -> Verdicts:
    """Envoy hands calls to the boundary of its task, and reaches nobody beyond the task."""
    for task in stack.of_type(_TASK):
        own = containers(task)
        variables = [of_container(each) for each in own]
        if any(_POLICY in each for each in variables):
            ports = {str(each[_PORT]) for each in variables if _PORT in each}
            asked = [one for each in envoy_configurations(task.urn, own) for one in _asked(each)]
            served = {(host, str(port)) for name, host, port in asked if name == _SERVICE}
            passed = bool(served) and served == {("127.0.0.1", port) for port in ports}
            yield verdict(f"{task.urn}#boundary", passed, "Envoy hands calls to what is not the boundary")
            beyond = sorted({str(host) for _, host, _ in asked if host not in _LOOPBACK})
            yield verdict(f"{task.urn}#command", not beyond, f"Envoy reaches {', '.join(beyond)} itself")


def _asked(configuration: Any) -> Iterator[tuple[str, Any, Any]]:
    """(cluster, host, port) of each address that an Envoy may ask; `_ANYBODY` where a call chooses it."""
    if "dynamic_resources" in configuration:
        yield "", _ANYBODY, 0
    for cluster in configuration["static_resources"]["clusters"]:
        # A forward proxy, or the address that was dialled: there is none to be read.
        found = [*_addresses(cluster)] or [{"address": _ANYBODY, "port_value": 0}]
        for address in found:
            yield cluster["name"], address["address"], address["port_value"]


def _addresses(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        if {"address", "port_value"} <= value.keys():
            yield value
        for item in value.values():
            yield from _addresses(item)
    elif isinstance(value, list):
        for item in value:
            yield from _addresses(item)


def _boundaries(stack: Stack) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for where, variables in of_containers(stack):
        if _PORT in variables:
            yield where, variables


@check(
    "boundary-before-service",
    good=BOUNDED,
    bad={
        "no key of pseudonyms": _bounded(boundary_with(RAMPART_PSEUDONYM_KEY_ID="")),
        "no key of receipts": _bounded(boundary_with(RAMPART_RECEIPT_KEY_ID="")),
        "a key that comes with the task": _bounded(boundary_with(RAMPART_RECEIPT_KEY_FILE="/receipt.pem")),
        "one key for both": _bounded(boundary_with(RAMPART_RECEIPT_KEY_ID="pseudonym-key")),
        "not declared": without(BOUNDED, "pseudonym-key"),
        "its value is declared": plus(
            BOUNDED, aws(_VERSION.removeprefix("aws:"), "value", secretId="receipt-key", secretString=SECRET)
        ),
        "others write it": without(BOUNDED, "policy-of-receipt-key"),
    },
)
def the_boundary_has_keys_that_are_kept(stack: Stack) -> Verdicts:
    """It is told the names of two secrets of this stack, whose values the rotation function alone makes."""
    for where, variables in _boundaries(stack):
        names = [str(variables[name]) for name in _KEYS if variables.get(name)]
        told = len(set(names)) == len(_KEYS)
        yield verdict(where, told, "it is not told of two keys of its own")
        given = [name for name in _WITH_THE_TASK if name in variables]
        yield verdict(where, not given, f"a key that comes with the task: {', '.join(given)}")
        for name in names:
            yield verdict(f"{where}#{name}", _is_kept(stack, name), "no secret that the rotation alone fills")


def _is_kept(stack: Stack, name: str) -> bool:
    found: list[Resource] = [one for one in stack.of_type(SECRET_TYPE) if read(one, "name") == name]
    return (
        len(found) == 1
        and not attached(stack, found[0], _VERSION, "secretId")
        and rotation_alone_writes(stack, found[0])
    )


@check(
    "boundary-before-service",
    good=BOUNDED,
    bad={
        "no ledger": _bounded(boundary_with(RAMPART_CDR_TABLE="")),
        "another stack's": _bounded(boundary_with(RAMPART_CDR_TABLE="another")),
        "one that forgets nothing": weaken(BOUNDED, "cdrs", "ttl.enabled", False),
        "one that forgets by another attribute": weaken(BOUNDED, "cdrs", "ttl.attributeName", "until"),
    },
)
def the_boundary_counts_in_a_ledger_of_this_stack(stack: Stack) -> Verdicts:
    """Its table is declared here, and forgets an entry when the entry says so (`expires`)."""
    for where, variables in _boundaries(stack):
        named = [one for one in stack.of_type(TABLE) if read(one, "name") == variables.get(_LEDGER)]
        forgets = any(
            read(one, "ttl.enabled") is True and read(one, "ttl.attributeName") == "expires" for one in named
        )
        yield verdict(f"{where}#{_LEDGER}", forgets, "no table of this stack whose entries end")


@check(
    "boundary-before-service",
    good=BOUNDED,
    bad={
        "foreign objects": without(BOUNDED, "alarm-foreign"),
        "commands for others": without(BOUNDED, "alarm-session"),
        "conflicts": without(BOUNDED, "alarm-conflict"),
        "crashes": without(BOUNDED, "alarm-crash"),
        "all under one name, which nobody counts": without(BOUNDED, *counting()),
    },
    also_good={"no boundary, nothing to say": _bounded(guard_with(boundary={}))},
)
def what_the_boundary_says_is_alarmed(stack: Stack) -> Verdicts:
    """What it stopped and could not decide reaches people: an answer, a command, a conflict, a crash."""
    said = [
        *(
            {"event": STOPPED, "control": one}
            for one in ("answers-hold-the-askers-objects", OWN_SESSIONS, ONCE)
        ),
        {"event": CRASH},
    ]
    for _ in _boundaries(stack):
        for event in said:
            where = f"{stack.name}#{' '.join(event.values())}"
            yield verdict(where, alarmed(stack, event), "no alarm that notifies anybody on this line")
