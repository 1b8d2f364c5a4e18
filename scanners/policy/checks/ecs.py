"""Checks of the containers and the services that run them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import containers, items, must_be, number, points_at, read, verdict
from scanners.policy.checks.vpc import SUBNET, tiers_of
from scanners.policy.samples.compute import WORKLOAD, with_container
from scanners.policy.samples.sample_stack import ABSENT, weaken
from scanners.policy.stack import Stack

TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"


SERVICE: Final = "aws:ecs/service:Service"


_ROOT: Final = frozenset({"", "root", "0"})


_PINNED: Final = re.compile(r"@sha256:[0-9a-f]{64}$")


def each_container(stack: Stack) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every container of the stack as (`URN#name`, definition). Raises Unverifiable."""
    for task in stack.of_type(TASK):
        for container in containers(task):
            yield f"{task.urn}#{container.get('name')}", container


@check("workloads-confined", good=WORKLOAD, bad=with_container(user="0:0"))
def containers_run_as_an_ordinary_user(stack: Stack) -> Verdicts:
    """Each container names a user other than root, and is not privileged."""
    for where, container in each_container(stack):
        user = str(container.get("user") or "").partition(":")[0]
        ordinary = user not in _ROOT and container.get("privileged") is False
        yield verdict(where, ordinary, "runs as root, or does not write that it does not (user, privileged)")


@check("workloads-confined", good=WORKLOAD, bad=with_container(readonlyRootFilesystem=False))
def containers_cannot_write_their_file_system(stack: Stack) -> Verdicts:
    """Each container's root file system is read-only."""
    for where, container in each_container(stack):
        fixed = container.get("readonlyRootFilesystem") is True
        yield verdict(where, fixed, "the root file system can be written")


@check(
    "workloads-confined", good=WORKLOAD, bad=with_container(linuxParameters={"capabilities": {"drop": []}})
)
def containers_have_no_capability(stack: Stack) -> Verdicts:
    """Each container drops ALL Linux capabilities and adds none."""
    for where, container in each_container(stack):
        capabilities = (container.get("linuxParameters") or {}).get("capabilities") or {}
        none = "ALL" in (capabilities.get("drop") or ()) and not capabilities.get("add")
        yield verdict(where, none, "capabilities are not all dropped")


@check("workloads-confined", good=WORKLOAD, bad=weaken(WORKLOAD, "ecs-guard", "launchType", "EC2"))
def services_run_on_fargate(stack: Stack) -> Verdicts:
    """Services launch on Fargate, and each task has a network interface of its own."""
    yield from must_be(stack.of_type(SERVICE), "launchType", "FARGATE")
    for task in stack.of_type(TASK):
        own = read(task, "networkMode") == "awsvpc" and items(task, "requiresCompatibilities") == ["FARGATE"]
        yield verdict(task.urn, own, "no network interface of its own, or not for Fargate alone")


@check("images-pinned", good=WORKLOAD, bad=with_container(image="envoyproxy/envoy:latest"))
def images_are_named_by_digest(stack: Stack) -> Verdicts:
    """Each image is named by its SHA-256 digest, not by a tag alone."""
    for where, container in each_container(stack):
        pinned = bool(_PINNED.search(str(container.get("image"))))
        yield verdict(where, pinned, "the image is not named by its digest")


@check("workloads-logged", good=WORKLOAD, bad=with_container(logConfiguration={"logDriver": "none"}))
def containers_are_logged(stack: Stack) -> Verdicts:
    """Each container writes to a log group (`awslogs`)."""
    for where, container in each_container(stack):
        log = container.get("logConfiguration") or {}
        kept = log.get("logDriver") == "awslogs" and bool((log.get("options") or {}).get("awslogs-group"))
        yield verdict(where, kept, "what it writes is not kept (logConfiguration: awslogs and a group)")


@check(
    "no-shell-into-workloads",
    good=WORKLOAD,
    bad=weaken(WORKLOAD, "ecs-service", "enableExecuteCommand", ABSENT),
)
def nobody_opens_a_shell(stack: Stack) -> Verdicts:
    """`enableExecuteCommand` is written as false."""
    yield from must_be(stack.of_type(SERVICE), "enableExecuteCommand", False)


_PUBLIC = "networkConfiguration.assignPublicIp"


@check("no-public-addresses", good=WORKLOAD, bad=weaken(WORKLOAD, "ecs-guard", _PUBLIC, True))
def services_have_no_public_address(stack: Stack) -> Verdicts:
    """`assignPublicIp` is written as false."""
    yield from must_be(stack.of_type(SERVICE), _PUBLIC, False)


@check(
    "service-not-exposed",
    good=WORKLOAD,
    bad=weaken(WORKLOAD, "ecs-service", "loadBalancers", [{"targetGroupArn": "arn:tg-service"}]),
)
def the_service_is_behind_no_load_balancer(stack: Stack) -> Verdicts:
    """Nothing but the guard leads to a service of the service tier."""
    for service in stack.of_type(SERVICE):
        if "service" in tiers_of(stack, service):
            balanced = items(service, "loadBalancers")
            yield verdict(service.urn, not balanced, "a load balancer leads past the guard to the service")


@check(
    "no-public-addresses",
    good=WORKLOAD,
    bad=weaken(WORKLOAD, "ecs-guard", "networkConfiguration.subnets", ["subnet-edge-a", "subnet-edge-b"]),
)
def services_stand_in_inner_tiers(stack: Stack) -> Verdicts:
    """Services have their subnets in the guard and service tiers only."""
    for service in stack.of_type(SERVICE):
        inside = tiers_of(stack, service) <= {"guard", "service"}
        yield verdict(
            f"{service.urn}#networkConfiguration", inside, "stands in a tier that is not guard or service"
        )


@check("guard-redundant", good=WORKLOAD, bad=weaken(WORKLOAD, "ecs-guard", "desiredCount", 1))
def services_run_twice(stack: Stack) -> Verdicts:
    """Each service has two tasks at least, over two zones."""
    for service in stack.of_type(SERVICE):
        twice = (number(service, "desiredCount") or 0) >= 2
        yield verdict(f"{service.urn}#desiredCount", twice, "runs once")
        subnets = [s for s in stack.of_type(SUBNET) if points_at(service, "networkConfiguration", s)]
        zones = {read(subnet, "availabilityZone") for subnet in subnets}
        yield verdict(f"{service.urn}#networkConfiguration", len(zones) >= 2, "stands in one zone")


@check(
    "guard-redundant",
    good=WORKLOAD,
    bad=weaken(WORKLOAD, "ecs-guard", "deploymentCircuitBreaker.rollback", False),
)
def bad_releases_roll_back(stack: Stack) -> Verdicts:
    """The deployment circuit breaker is on, with rollback."""
    for name in ("enable", "rollback"):
        yield from must_be(stack.of_type(SERVICE), f"deploymentCircuitBreaker.{name}", True)


@check(
    "workloads-confined",
    good=WORKLOAD,
    bad=with_container(dockerSecurityOptions=["label:disable"]),
)
def containers_keep_their_security_options(stack: Stack) -> Verdicts:
    """Fargate takes no options, and any that is written takes a barrier away."""
    for where, container in each_container(stack):
        yield verdict(where, not container.get("dockerSecurityOptions"), "dockerSecurityOptions are written")


@check(
    "guard-redundant",
    good=WORKLOAD,
    bad=weaken(WORKLOAD, "ecs-guard", "deploymentMinimumHealthyPercent", 0),
    also_good={"unwritten": weaken(WORKLOAD, "ecs-guard", "deploymentMinimumHealthyPercent", ABSENT)},
)
def deployments_keep_tasks_running(stack: Stack) -> Verdicts:
    """While a new release starts, at least half of the tasks of the old one run; 100 is ECS's default."""
    for service in stack.of_type(SERVICE):
        least = number(service, "deploymentMinimumHealthyPercent")
        where = f"{service.urn}#deploymentMinimumHealthyPercent"
        yield verdict(where, least is None or least >= 50, "a deployment may stop every task")
