"""Checks that what fails without a word raises an alarm: functions, queues, targets, the firewall, delays.

Sources: the "metrics and dimensions" pages of AWS Lambda, Amazon SQS, Network Load Balancer, AWS WAF and
API Gateway; CloudWatch User Guide, "Configuring how alarms treat missing data".
"""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.alarms import ALARM, idle, metrics_of, notifies
from scanners.policy.checks.eventbridge import RULE
from scanners.policy.checks.reading import points_at, read, strings, verdict
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack

# type -> (namespace, metric, property that the dimension holds) of what must be watched for each resource.
_WATCHED: Final = {
    "aws:lambda/function:Function": ("AWS/Lambda", "Throttles", "name"),
    "aws:sqs/queue:Queue": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "name"),
    "aws:wafv2/webAcl:WebAcl": ("AWS/WAFV2", "BlockedRequests", "visibilityConfig.metricName"),
    "aws:apigateway/restApi:RestApi": ("AWS/ApiGateway", "Latency", "name"),
    "aws:lb/targetGroup:TargetGroup": ("AWS/NetworkELB", "HealthyHostCount", "name"),
}


def _alarm(name: str, namespace: str, metric: str, **dimensions: str) -> Resource:
    return aws(
        "cloudwatch/metricAlarm:MetricAlarm",
        f"alarm-{name}",
        namespace=namespace,
        metricName=metric,
        dimensions=dimensions,
        comparisonOperator="LessThanThreshold" if metric == "HealthyHostCount" else "GreaterThanThreshold",
        threshold=1,
        evaluationPeriods=1,
        period=60,
        actionsEnabled=True,
        alarmActions=["arn:topic-alarms"],
    )


_RUNNING = plus(
    without(AUDIT, "queue-dead-letters", "queue-policy"),
    aws("lambda/function:Function", "fn-1", name="fn-1"),
    aws("sqs/queue:Queue", "queue-1", name="queue-1"),
    aws("wafv2/webAcl:WebAcl", "acl-1", name="acl-1", visibilityConfig={"metricName": "ocpi"}),
    aws("apigateway/restApi:RestApi", "api-1", name="api-1"),
    aws("lb/targetGroup:TargetGroup", "group-1", name="group-1"),
    _alarm("throttles", "AWS/Lambda", "Throttles", FunctionName="fn-1"),
    _alarm("letters", "AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName="queue-1"),
    _alarm("blocks", "AWS/WAFV2", "BlockedRequests", WebACL="ocpi"),
    _alarm("slow", "AWS/ApiGateway", "Latency", ApiName="api-1"),
    _alarm("no-guard", "AWS/NetworkELB", "HealthyHostCount", TargetGroup="group-1"),
)


@check(
    "server-errors-alarmed",
    good=_RUNNING,
    bad={
        "no alarm": without(_RUNNING, "alarm-throttles"),
        "another namespace": weaken(_RUNNING, "alarm-blocks", "namespace", "Nothing"),
        "another metric": weaken(_RUNNING, "alarm-slow", "metricName", "Count"),
        "another queue": weaken(_RUNNING, "alarm-letters", "dimensions.QueueName", "elsewhere"),
        "it cannot fire": weaken(_RUNNING, "alarm-no-guard", "threshold", -1),
        "it tells nobody": weaken(_RUNNING, "alarm-no-guard", "alarmActions", []),
    },
)
def silent_failures_are_alarmed(stack: Stack) -> Verdicts:
    """Each function, queue, firewall, API and target group has its alarm, which can fire and tells people."""
    for kind, (namespace, metric, name) in _WATCHED.items():
        for resource in stack.of_type(kind):
            found = _is_alarmed(stack, resource, namespace, metric, name)
            yield verdict(f"{resource.urn}#{metric}", found, f"no alarm on {metric} tells anybody")


def _is_alarmed(stack: Stack, resource: Resource, namespace: str, metric: str, name: str) -> bool:
    return any(
        (namespace, metric) in set(metrics_of(alarm))
        and _is_for(alarm, resource, name)
        and notifies(stack, alarm)
        and not idle(alarm)
        for alarm in stack.of_type(ALARM)
    )


def _is_for(alarm: Resource, resource: Resource, name: str) -> bool:
    """Whether a dimension names the resource, by the property or by what it depends on."""
    named = set(strings(read(alarm, "dimensions")))
    suffix = resource.outputs.get("arnSuffix")
    return points_at(alarm, "dimensions", resource) or bool(named & {read(resource, name), suffix})


@check("alarms-reach-people", good=AUDIT, bad=weaken(AUDIT, "alarm-401", "treatMissingData", "ignore"))
def alarms_do_not_stay_as_they_are(stack: Stack) -> Verdicts:
    """With `ignore` an alarm that fired once stays raised when data stop, and never tells anybody again."""
    for alarm in stack.of_type(ALARM):
        kept = read(alarm, "treatMissingData") == "ignore"
        yield verdict(f"{alarm.urn}#treatMissingData", not kept, "missing data leave the alarm as it was")


_ERRORS = plus(
    _RUNNING,
    aws("lambda/function:Function", "fn-2", name="fn-2"),
    _alarm("throttles-2", "AWS/Lambda", "Throttles", FunctionName="fn-2"),
    _alarm("errors-2", "AWS/Lambda", "Errors", FunctionName="fn-2"),
    aws("secretsmanager/secretRotation:SecretRotation", "rotation-1", rotationLambdaArn="arn:fn-2"),
)


@check(
    "server-errors-alarmed",
    good=_ERRORS,
    bad={
        "no alarm": without(_ERRORS, "alarm-errors-2"),
        "another namespace": weaken(_ERRORS, "alarm-errors-2", "namespace", "Nothing"),
        "for another": weaken(_ERRORS, "alarm-errors-2", "dimensions.FunctionName", "fn-1"),
    },
)
def failed_rotations_are_alarmed(stack: Stack) -> Verdicts:
    """A function that rotates secrets answers nobody, so its errors show in this metric alone."""
    rotations = stack.of_type("aws:secretsmanager/secretRotation:SecretRotation")
    for function in stack.of_type("aws:lambda/function:Function"):
        if any(points_at(rotation, "rotationLambdaArn", function) for rotation in rotations):
            found = _is_alarmed(stack, function, "AWS/Lambda", "Errors", "name")
            yield verdict(f"{function.urn}#Errors", found, "no alarm on its errors tells anybody")


_TOLD: Final = plus(
    AUDIT,
    *(
        _alarm(f"undelivered-{rule.name}", "AWS/Events", "FailedInvocations", RuleName=rule.name)
        for rule in AUDIT.of_type(RULE)
    ),
)


@check(
    "findings-delivered",
    good=_TOLD,
    bad={
        "no alarm": without(_TOLD, "alarm-undelivered-rule-threats"),
        "another metric": weaken(_TOLD, "alarm-undelivered-rule-threats", "metricName", "Invocations"),
        "another rule": weaken(_TOLD, "alarm-undelivered-rule-threats", "dimensions.RuleName", "elsewhere"),
        "it tells nobody": weaken(_TOLD, "alarm-undelivered-rule-threats", "alarmActions", []),
    },
)
def undelivered_messages_are_alarmed(stack: Stack) -> Verdicts:
    """What an event rule could not hand to its target is lost, and shows in this metric of the rule alone.

    EventBridge User Guide, "Monitoring Amazon EventBridge".
    """
    for rule in stack.of_type(RULE):
        found = _is_alarmed(stack, rule, "AWS/Events", "FailedInvocations", "name")
        yield verdict(f"{rule.urn}#FailedInvocations", found, "no alarm on lost messages tells anybody")
