"""Cases: scalable targets and scaling policies of Amazon ECS."""

from __future__ import annotations

from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account, declare
from tests.scanners.drift.case import Case
from tests.scanners.drift.ecs_cases import service_case

WHAT = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/guard/guard",
    "ScalableDimension": "ecs:service:DesiredCount",
}
DECLARED = {f"{name[0].lower()}{name[1:]}": value for name, value in WHAT.items()}
CPU = "ECSServiceAverageCPUUtilization"


def register(account: Account, **change: Any) -> object:
    return account.application_autoscaling.register_scalable_target(
        **{**WHAT, "MinCapacity": 2, "MaxCapacity": 8, **change}
    )


def target_case(account: Account) -> list[Resource]:
    service = service_case(account)
    register(account)
    inputs = {**DECLARED, "minCapacity": 2.0, "maxCapacity": 8.0}
    return [declare("aws:appautoscaling/target:Target", WHAT["ResourceId"], inputs), *service]


def second_target(account: Account) -> str:
    account.ecs.create_service(cluster="guard", serviceName="other", taskDefinition="guard", desiredCount=2)
    register(account, ResourceId="service/guard/other")
    return "service/guard/other"


def metrics(api: str = "ocpi") -> list[dict[str, Any]]:
    metric = {
        "Namespace": "AWS/ApiGateway",
        "MetricName": "Count",
        "Dimensions": [{"Name": "ApiName", "Value": api}],
    }
    return [
        {"Id": "calls", "MetricStat": {"Metric": metric, "Stat": "Sum"}, "ReturnData": False},
        {"Id": "each", "Expression": "calls / 2", "ReturnData": True},
    ]


def put(account: Account, name: str, **change: Any) -> object:
    what = {**WHAT, "ResourceId": change.pop("ResourceId", WHAT["ResourceId"])}
    tracking = {"TargetValue": 60.0, "ScaleInCooldown": 300, "ScaleOutCooldown": 60, **change}
    return account.application_autoscaling.put_scaling_policy(
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=tracking,
        **what,
    )


def put_cpu(account: Account, name: str = "guard-cpu", **change: Any) -> object:
    return put(account, name, PredefinedMetricSpecification={"PredefinedMetricType": CPU}, **change)


def put_calls(account: Account, api: str = "ocpi") -> object:
    return put(account, "guard-calls", CustomizedMetricSpecification={"Metrics": metrics(api)})


def policy(name: str, metric: dict[str, Any]) -> Resource:
    tracking = {"targetValue": 60.0, "scaleInCooldown": 300, "scaleOutCooldown": 60, **metric}
    inputs = {
        **DECLARED,
        "name": name,
        "policyType": "TargetTrackingScaling",
        "targetTrackingScalingPolicyConfiguration": tracking,
    }
    return declare("aws:appautoscaling/policy:Policy", name, inputs)


def cpu_case(account: Account) -> list[Resource]:
    target = target_case(account)
    put_cpu(account)
    return [policy("guard-cpu", {"predefinedMetricSpecification": {"predefinedMetricType": CPU}}), *target]


def calls_case(account: Account) -> list[Resource]:
    target = target_case(account)
    put_calls(account)
    metric = {
        "namespace": "AWS/ApiGateway",
        "metricName": "Count",
        "dimensions": [{"name": "ApiName", "value": "ocpi"}],
    }
    declared = [
        {"id": "calls", "metricStat": {"metric": metric, "stat": "Sum"}, "returnData": False},
        {"id": "each", "expression": "calls / 2", "returnData": True},
    ]
    return [policy("guard-calls", {"customizedMetricSpecification": {"metrics": declared}}), *target]


def second_policy(account: Account) -> str:
    """Of another target, under the name that ours has."""
    target = second_target(account)
    put_cpu(account, ResourceId=target)
    return f"{target} guard-cpu"


def schedule(account: Account, name: str = "nights", **change: Any) -> object:
    bounds = {"MinCapacity": 2, "MaxCapacity": 4, **change}
    return account.application_autoscaling.put_scheduled_action(
        ScheduledActionName=name, Schedule="cron(0 22 * * ? *)", ScalableTargetAction=bounds, **WHAT
    )


def scheduled_case(account: Account) -> list[Resource]:
    target = target_case(account)
    schedule(account)
    inputs = {
        **DECLARED,
        "name": "nights",
        "schedule": "cron(0 22 * * ? *)",
        "scalableTargetAction": {"minCapacity": 2, "maxCapacity": 4},
    }
    return [declare("aws:appautoscaling/scheduledAction:ScheduledAction", "nights", inputs), *target]


def second_action(account: Account) -> str:
    schedule(account, "off", MinCapacity=0, MaxCapacity=0)
    return f"{WHAT['ResourceId']} off"


_TRACKING = "targetTrackingScalingPolicyConfiguration"
CASES = {
    "target": Case(
        target_case,
        {
            "minCapacity": lambda a, _: register(a, MinCapacity=0),
            "maxCapacity": lambda a, _: register(a, MaxCapacity=2),
            "suspendedState": lambda a, _: register(
                a,
                SuspendedState={
                    "DynamicScalingInSuspended": False,
                    "DynamicScalingOutSuspended": True,
                    "ScheduledScalingSuspended": False,
                },
            ),
        },
        lambda a, _: a.application_autoscaling.deregister_scalable_target(**WHAT),
        second_target,
    ),
    "policy by CPU": Case(
        cpu_case,
        {
            f"{_TRACKING}.targetValue": lambda a, _: put_cpu(a, TargetValue=100.0),
            f"{_TRACKING}.disableScaleIn": lambda a, _: put_cpu(a, DisableScaleIn=True),
        },
        lambda a, _: a.application_autoscaling.delete_scaling_policy(PolicyName="guard-cpu", **WHAT),
        second_policy,
    ),
    "scheduled action": Case(
        scheduled_case,
        {"maxCapacity": lambda a, _: schedule(a, MaxCapacity=0)},
        lambda a, _: a.application_autoscaling.delete_scheduled_action(ScheduledActionName="nights", **WHAT),
        second_action,
    ),
    "policy by calls": Case(calls_case, {f"{_TRACKING}.metrics": lambda a, _: put_calls(a, "another")}),
}
