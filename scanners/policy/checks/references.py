"""Checks that what resources name as network, security group, route table or key is of the same stack.

A name of something else is a way round all that is declared here. Sources: the API references of Amazon EC2,
Elastic Load Balancing, AWS Lambda, Amazon ECS, AWS KMS and Amazon CloudWatch Logs.
"""

from __future__ import annotations

from typing import Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.reading import containers, points_at, read, strings, verdict
from scanners.policy.samples.compute import WORKLOAD, with_container
from scanners.policy.samples.data import DATA
from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken, without
from scanners.policy.stack import UNKNOWN, Resource, Stack

_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
_TABLE: Final = "aws:ec2/routeTable:RouteTable"
_LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
# Where a property of this path names a resource: the type of what it names.
_NAMED: Final = {
    "vpcId": "aws:ec2/vpc:Vpc",
    "securityGroupIds": _GROUP,
    "securityGroups": _GROUP,
    "vpcConfig.securityGroupIds": _GROUP,
    "networkConfiguration.securityGroups": _GROUP,
    "routeTableId": _TABLE,
    "routeTableIds": _TABLE,
    "targetKeyId": "aws:kms/key:Key",
    "loggingConfig.logGroup": _LOG_GROUP,
}
_ALIAS = plus(DATA, aws("kms/alias:Alias", "alias-1", targetKeyId="kms-data"))
_WRITING = plus(
    without(WORKLOAD, "fn-rotation"),
    aws("lambda/function:Function", "fn-1", loggingConfig={"logGroup": "log-guard"}),
)


@check(
    "references-stay-inside",
    good=NETWORK,
    bad={
        "another route table": weaken(NETWORK, "rta-guard-a", "routeTableId", "rtb-elsewhere"),
        "another VPC": weaken(NETWORK, "acl-guard", "vpcId", "vpc-elsewhere"),
        "an endpoint's group": weaken(NETWORK, "vpce-kms", "securityGroupIds", ["sg-elsewhere"]),
        "one group more": weaken(NETWORK, "vpce-kms", "securityGroupIds", ["sg-data", "sg-elsewhere"]),
        "a service's group": weaken(
            WORKLOAD, "ecs-guard", "networkConfiguration.securityGroups", ["sg-elsewhere"]
        ),
        "another key": weaken(_ALIAS, "alias-1", "targetKeyId", "elsewhere"),
        "another log group": weaken(_WRITING, "fn-1", "loggingConfig.logGroup", "/elsewhere"),
    },
    also_good={
        "nothing of the kind here": without(_ALIAS, "kms-data", "kms-secrets", "kms-logs", "kms-messages"),
        "unwritten": weaken(NETWORK, "acl-guard", "vpcId", ABSENT),
    },
    unverifiable={"unknown": weaken(NETWORK, "vpce-kms", "securityGroupIds", [UNKNOWN])},
)
def what_is_named_is_of_this_stack(stack: Stack) -> Verdicts:
    """Judged for each kind of resource that the stack declares at all."""
    here = {kind: stack.of_type(kind) for kind in set(_NAMED.values())}
    for resource in [r for r in stack.resources if not r.external]:
        for path, kind in _NAMED.items():
            if here[kind] and _written(resource, path):
                where = f"{resource.urn}#{path}"
                yield verdict(where, _of_this_stack(resource, path, here[kind]), "it is not of this stack")


def _written(resource: Resource, path: str) -> bool:
    """Whether the property is there at all. An unknown one is: what it depends on says what it is."""
    top, _, inner = path.partition(".")
    value = resource.inputs.get(top)
    return value is not None and (not inner or not isinstance(value, dict) or value.get(inner) is not None)


def _of_this_stack(resource: Resource, path: str, here: tuple[Resource, ...]) -> bool:
    """Every name that is known is of one of `here`. Raises Unverifiable where none is known."""
    if any(one.urn in (resource.property_dependencies.get(path.split(".")[0]) or ()) for one in here):
        return True
    known = {name for one in here for name in (one.id, one.outputs.get("arn"), one.outputs.get("name"))}
    named = list(strings(read(resource, path)))
    if not named:
        raise Unverifiable(f"{resource.urn}#{path}", "what it names is not known")
    return set(named) <= known


@check(
    "workloads-logged",
    good=WORKLOAD,
    bad={
        "elsewhere": with_container(
            logConfiguration={"logDriver": "awslogs", "options": {"awslogs-group": "/elsewhere"}}
        ),
        "nowhere": with_container(logConfiguration={"logDriver": "none"}),
        "unwritten": with_container(logConfiguration=None),
    },
)
def containers_write_to_a_log_group_of_this_stack(stack: Stack) -> Verdicts:
    """What is written elsewhere has neither our key nor our retention."""
    groups = stack.of_type(_LOG_GROUP)
    known = {name for g in groups for name in (g.id, g.inputs.get("name"), g.outputs.get("name"))}
    for task in stack.of_type("aws:ecs/taskDefinition:TaskDefinition"):
        for container in containers(task):
            options = (container.get("logConfiguration") or {}).get("options") or {}
            named = options.get("awslogs-group")
            ours = (bool(named) and named in known) or any(
                points_at(task, "containerDefinitions", g) for g in groups
            )
            yield verdict(f"{task.urn}#{container.get('name')}", ours, "it writes to no log group of ours")
