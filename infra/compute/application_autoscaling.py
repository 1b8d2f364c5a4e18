"""Application Auto Scaling of an ECS service: as many tasks as its calls need, within bounds.

Application Auto Scaling User Guide, "Target tracking scaling policies". Its service-linked role does the
work: no role of ours, and no boundary, stands before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.component_context import ComponentContext
from infra.edge.api_gateway import STAGE

# Per cent of a task's CPU, on average of all tasks: what is left serves while the next one starts.
_CPU = 60
# Calls a minute for each task, a fraction of what half a vCPU serves.
_CALLS = 12_000
# Seconds. A task more helps soon; one less can wait for the next wave.
_OUT, _IN = 60, 300
_NAMESPACE, _DIMENSION = "ecs", "ecs:service:DesiredCount"


@dataclass(frozen=True, slots=True)
class ServiceScalingArgs:
    """`service` of the cluster called `cluster` has `least` to `most` tasks.

    `by_calls`: calls of the API count too, for what stands behind its load balancer.
    """

    context: ComponentContext
    cluster: str
    service: aws.ecs.Service
    least: int
    most: int
    by_calls: bool


class ServiceScaling(pulumi.ComponentResource):
    """A scalable target, and policies that keep its CPU, and calls for each task, at a value."""

    def __init__(
        self, name: str, args: ServiceScalingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("rampart:compute:ServiceScaling", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._target = aws.appautoscaling.Target(
            name,
            min_capacity=args.least,
            max_capacity=args.most,
            resource_id=pulumi.Output.concat(f"service/{args.cluster}/", args.service.name),
            service_namespace=_NAMESPACE,
            scalable_dimension=_DIMENSION,
            tags=args.context.environment.tags(name),
            opts=self._child,
        )
        cpu = {"predefined_metric_type": "ECSServiceAverageCPUUtilization"}
        self._policy("cpu", _CPU, {"predefined_metric_specification": cpu})
        if args.by_calls:
            self._policy("calls", _CALLS, {"customized_metric_specification": {"metrics": self._calls()}})
        self.register_outputs({})

    def _policy(self, what: str, value: float, metric: Any) -> None:
        target = self._target
        tracking: Any = {
            "target_value": value,
            "scale_out_cooldown": _OUT,
            "scale_in_cooldown": _IN,
            **metric,
        }
        aws.appautoscaling.Policy(
            f"{self._name}-{what}",
            name=self._args.context.environment.name(f"{self._name}-{what}"),
            policy_type="TargetTrackingScaling",
            resource_id=target.resource_id,
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            target_tracking_scaling_policy_configuration=tracking,
            opts=self._child,
        )

    def _calls(self) -> list[dict[str, Any]]:
        """Calls a minute for each running task: a network load balancer counts connections, not calls.

        A minute without calls has no data point of them, and must be zero: a policy without data never scales
        in. One without tasks stays unknown. Application Auto Scaling User Guide, "Create a target tracking
        scaling policy using metric math"; CloudWatch User Guide, "Using math expressions", FILL.
        """
        api = {"ApiName": self._args.context.environment.name("ocpi"), "Stage": STAGE}
        tasks = {"ClusterName": self._args.cluster, "ServiceName": self._args.service.name}
        return [
            _metric("calls", "AWS/ApiGateway", "Count", "Sum", api),
            _metric("tasks", "ECS/ContainerInsights", "RunningTaskCount", "Average", tasks),
            {
                "id": "each",
                "expression": "FILL(calls, 0) / tasks",
                "label": "calls for each task",
                "return_data": True,
            },
        ]


def _metric(
    identifier: str, namespace: str, name: str, stat: str, dimensions: dict[str, Any]
) -> dict[str, Any]:
    pairs = [{"name": key, "value": value} for key, value in dimensions.items()]
    metric = {"namespace": namespace, "metric_name": name, "dimensions": pairs}
    return {"id": identifier, "metric_stat": {"metric": metric, "stat": stat}, "return_data": False}
