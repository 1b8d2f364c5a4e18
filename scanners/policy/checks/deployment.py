"""Checks of the order of a deployment, and of what AWS asks for before it takes a resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.iam import ATTACHMENT, ROLE, ROLE_POLICY
from scanners.policy.checks.policies import policies_of
from scanners.policy.checks.reading import attached, must_be, points_at, read, verdict
from scanners.policy.iam.policy import Statement
from scanners.policy.samples.compute import WORKLOAD
from scanners.policy.samples.data import policy
from scanners.policy.samples.network import NETWORK
from scanners.policy.samples.sample_stack import at_once, aws, plus, waiting, weaken
from scanners.policy.stack import Resource, Stack

SERVICE: Final = "aws:ecs/service:Service"
FUNCTION: Final = "aws:lambda/function:Function"
TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
TRAIL: Final = "aws:cloudtrail/trail:Trail"
_REPLICATION: Final = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"

# What acts with a role as soon as it is created, and the properties that name the role.
_ACTS_AS: Final = {
    FUNCTION: ("role",),
    TASK: ("executionRoleArn", "taskRoleArn"),
    FLOW_LOG: ("iamRoleArn",),
    TRAIL: ("cloudWatchLogsRoleArn",),
    _REPLICATION: ("role",),
}
# Rules and endpoints, without which a workload starts and reaches nothing.
_WAYS: Final = (
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
)
_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"


def _role(name: str, *actions: str, resource: str) -> tuple[Resource, Resource]:
    rights = policy({"Effect": "Allow", "Action": list(actions), "Resource": resource})
    return (
        aws("iam/role:Role", f"role-{name}", tags={"rampart:environment": "production"}),
        aws("iam/rolePolicy:RolePolicy", f"rights-{name}", role=f"role-{name}", policy=rights),
    )


_INTERFACES: Final = "arn:aws:ec2:eu-central-1:111122223333:*/*"
_FLOW = _role("lists", "logs:DescribeLogGroups", "logs:PutLogEvents", resource="*")
_RUN = _role("run", "ec2:DeleteNetworkInterface", resource=_INTERFACES)
_ROLES = (*_FLOW, *_RUN)
_LOG = aws("ec2/flowLog:FlowLog", "flow-2", vpcId="vpc-1", trafficType="ALL", iamRoleArn="arn:role-lists")
_RUNNING = aws("lambda/function:Function", "fn-1", role="arn:role-run", vpcConfig={"subnetIds": ["subnet-1"]})
_GOOD = plus(NETWORK, *_ROLES, waiting(_LOG, *_FLOW), waiting(_RUNNING, *_RUN))


@check("deployed-in-order", good=_GOOD, bad=at_once(_GOOD, "fn-1"))
def roles_are_complete_before_they_are_used(stack: Stack) -> Verdicts:
    """What acts with a role waits for the role's policies: what is denied at first is not always retried."""
    for user, role in _uses(stack):
        policies = attached(stack, role, ROLE_POLICY, "role") + attached(stack, role, ATTACHMENT, "role")
        early = [each.name for each in policies if not user.depends_on(each.urn)]
        yield verdict(user.urn, not early, f"does not wait for policies of its role: {', '.join(early)}")


def _uses(stack: Stack) -> Iterator[tuple[Resource, Resource]]:
    for user in stack.of_type(*_ACTS_AS):
        for role in stack.of_type(ROLE):
            if any(points_at(user, name, role) for name in _ACTS_AS[user.type]):
                yield user, role


_NETWORKS: Final = {
    SERVICE: "networkConfiguration",
    FUNCTION: "vpcConfig",
}


@check("deployed-in-order", good=WORKLOAD, bad=at_once(WORKLOAD, "ecs-guard"))
def workloads_wait_for_their_network(stack: Stack) -> Verdicts:
    """Services and functions wait for the rules of their security groups, and for the VPC endpoints."""
    for workload in stack.of_type(*_NETWORKS):
        where = f"{workload.urn}#{_NETWORKS[workload.type]}"
        groups = [
            group
            for group in stack.of_type("aws:ec2/securityGroup:SecurityGroup")
            if points_at(workload, _NETWORKS[workload.type], group)
        ]
        ways = [r for r in stack.of_type(*_WAYS) if any(points_at(r, "securityGroupId", g) for g in groups)]
        ways += stack.of_type(_ENDPOINT)
        early = [way.name for way in ways if not workload.depends_on(way.urn)]
        if ways:
            yield verdict(where, not early, f"does not wait for its ways out and in: {', '.join(early)}")


@check("deployed-in-order", good=WORKLOAD, bad=weaken(WORKLOAD, "ecs-guard", "waitForSteadyState", False))
def services_wait_until_their_tasks_run(stack: Stack) -> Verdicts:
    """A deployment that the circuit breaker gave up fails `up`, and is not reported as done."""
    yield from must_be(stack.of_type(SERVICE), "waitForSteadyState", True)


_ONE_KIND = "arn:aws:ec2:eu-central-1:111122223333:network-interface/*"
_NARROW = weaken(
    _GOOD,
    "rights-run",
    "policy",
    policy({"Effect": "Allow", "Action": "ec2:DeleteNetworkInterface", "Resource": _ONE_KIND}),
)


@check("accepted-by-new-account", good=_GOOD, bad=_NARROW)
def functions_may_delete_their_interfaces(stack: Stack) -> Verdicts:
    """Lambda refuses a function in a VPC whose role may not delete interfaces of no name (`*/*`)."""
    for function in stack.of_type(FUNCTION):
        for role in [r for r in stack.of_type(ROLE) if points_at(function, "role", r)]:
            if read(function, "vpcConfig") is not None:
                unnamed = [s for s in _rights(stack, role) if _on_any_interface(s)]
                may = any(s.actions.covers("ec2:DeleteNetworkInterface") for s in unnamed)
                yield verdict(function.urn, may, "its role may not delete interfaces of no name (*/*)")


def _rights(stack: Stack, role: Resource) -> tuple[Statement, ...]:
    return policies_of(attached(stack, role, ROLE_POLICY, "role")).allowing


def _on_any_interface(statement: Statement) -> bool:
    """Whether a statement names EC2's resources of every kind and name."""
    named = (name.split(":", 5)[-1] for name in statement.named_resources)
    return statement.on_every_resource or "*/*" in named


_BLIND = weaken(
    _GOOD,
    "rights-lists",
    "policy",
    policy({"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}),
)


@check("accepted-by-new-account", good=_GOOD, bad=_BLIND)
def flow_logs_may_find_their_group(stack: Stack) -> Verdicts:
    """The role of a flow log may list log groups."""
    for log in stack.of_type(FLOW_LOG):
        for role in [r for r in stack.of_type(ROLE) if points_at(log, "iamRoleArn", r)]:
            may = any(s.actions.covers("logs:DescribeLogGroups") for s in _rights(stack, role))
            yield verdict(log.urn, may, "its role may not list log groups (logs:DescribeLogGroups)")
