"""Elastic Load Balancing: target groups, and who is behind them (API version 2015-12-01)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import Declared, block, by
from scanners.drift.fields import TAGS, exposure, setting
from scanners.drift.normalize import number, plain, unordered
from scanners.drift.readers.load_balancing import balancer_tags
from scanners.drift.records import NO_DEFAULT, Live, Part, ResourceReader
from scanners.policy.stack import Resource

_ATTACHED: Final = "aws:lb/targetGroupAttachment:TargetGroupAttachment"

_HEALTH: Final = {
    "enabled": "HealthCheckEnabled",
    "protocol": "HealthCheckProtocol",
    "port": "HealthCheckPort",
    "path": "HealthCheckPath",
    "interval": "HealthCheckIntervalSeconds",
    "timeout": "HealthCheckTimeoutSeconds",
    "healthyThreshold": "HealthyThresholdCount",
    "unhealthyThreshold": "UnhealthyThresholdCount",
}


# The same for every protocol but Lambda's (ELB API reference, CreateTargetGroup).
_DEFAULTS: Final[Mapping[str, Any]] = {
    "enabled": True,
    "port": "traffic-port",
    "interval": 30,
    "healthyThreshold": 5,
    "unhealthyThreshold": 2,
}


def target_groups(view: View) -> Iterator[Live]:
    """Target groups with health checks (DescribeTargetGroups). Intervals and timeouts are in seconds."""
    for found in view.pages("elbv2", "describe_target_groups", "TargetGroups"):
        arn = found["TargetGroupArn"]
        attributes = {name: partial(_attribute, view, arn, key) for name, key in _ATTRIBUTES.items()}
        yield Live(
            "aws:lb/targetGroup:TargetGroup",
            arn,
            {
                "name": found.get("TargetGroupName"),
                "port": found.get("Port"),
                "protocol": found.get("Protocol"),
                "vpcId": found.get("VpcId"),
                "targetType": found.get("TargetType"),
                **{f"healthCheck.{name}": found.get(key) for name, key in _HEALTH.items()},
                **attributes,
                "targets": partial(_foreign_targets, view, arn),
                "tags": view.tags_or(arn, partial(balancer_tags, view, arn)),
            },
            view.region,
        )


def _attribute(view: View, group: str, key: str) -> Any:
    answer = view.ask("elbv2", "describe_target_group_attributes", TargetGroupArn=group)["Attributes"]
    value = {each["Key"]: each["Value"] for each in answer}.get(key)
    return value == "true" if value in ("true", "false") else value


_ATTRIBUTES: Final = {
    "preserveClientIp": "preserve_client_ip.enabled",
    "proxyProtocolV2": "proxy_protocol_v2.enabled",
    "connectionTermination": "deregistration_delay.connection_termination.enabled",
    "deregistrationDelay": "deregistration_delay.timeout_seconds",
}


def _foreign_targets(view: View, group: str) -> list[str]:
    """Targets that are no task of ECS, which registers its own. Asked before the tasks: those come and go."""
    found = view.ask("elbv2", "describe_target_health", TargetGroupArn=group)["TargetHealthDescriptions"]
    targets = [each["Target"] for each in found if each["TargetHealth"]["State"] != "draining"]
    tasks = _task_addresses(view) if targets else set()
    return [_target(each["Id"], each.get("Port")) for each in targets if each["Id"] not in tasks]


def _task_addresses(view: View) -> set[str]:
    """The private addresses of all tasks (ListTasks, DescribeTasks: a hundred at once)."""
    found = set()
    for cluster in view.pages("ecs", "list_clusters", "clusterArns"):
        tasks = view.pages("ecs", "list_tasks", "taskArns", cluster=cluster)
        for start in range(0, len(tasks), 100):
            asked = {"cluster": cluster, "tasks": tasks[start : start + 100]}
            for task in view.ask("ecs", "describe_tasks", **asked)["tasks"]:
                details = [x for each in task.get("attachments") or () for x in each.get("details") or ()]
                found |= {x["value"] for x in details if x.get("name") == "privateIPv4Address"}
    return found


def _target(name: Any, port: Any) -> str:
    return f"{name}:{int(port)}" if port else str(name)


def _declared_group(declared: Declared, group: Resource) -> Mapping[str, Any]:
    # The wait and the path differ from protocol to protocol: they are compared where they are written.
    health = block(group.inputs.get("healthCheck"))
    attached = declared.parts(group, _ATTACHED, "targetGroupArn")
    return {
        **group.inputs,
        **{f"healthCheck.{name}": health.get(name) for name in _HEALTH},
        "targets": [_target(one.inputs.get("targetId"), one.inputs.get("port")) for one in attached],
    }


def true_or_false(value: Any) -> Any:
    """Pulumi writes this one as text."""
    return plain(value == "true" if isinstance(value, str) else value)


READERS: Final = (
    ResourceReader(
        type="aws:lb/targetGroup:TargetGroup",
        service="elbv2",
        read=target_groups,
        key=by("arn"),
        declare=_declared_group,
        fields=(
            *(setting(f"healthCheck.{name}", number, _DEFAULTS.get(name, NO_DEFAULT)) for name in _HEALTH),
            exposure("protocol"),
            exposure("port", number),
            exposure("vpcId"),
            exposure("targets", unordered, default=()),
            setting("targetType", default="instance"),
            setting("preserveClientIp", true_or_false),
            setting("proxyProtocolV2"),
            setting("connectionTermination"),
            setting("deregistrationDelay", number),
            setting("name"),
            TAGS,
        ),
        parts=(Part(_ATTACHED, "targetGroupArn", "targets", ("targetId", "port")),),
    ),
)
