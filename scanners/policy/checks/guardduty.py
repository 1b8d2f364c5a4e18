"""Checks of GuardDuty, which looks for threats in logs and traffic."""

from __future__ import annotations

import re
from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.cloudtrail import DEPLOYMENT
from scanners.policy.checks.policies import policies_of
from scanners.policy.checks.reading import items, must_be, read, verdict
from scanners.policy.iam.policy import Statement
from scanners.policy.samples.data import policy
from scanners.policy.samples.observability import AUDIT, DETECTORS
from scanners.policy.samples.sample_stack import aws, plus, weaken, without
from scanners.policy.stack import Stack

DETECTOR: Final = "aws:guardduty/detector:Detector"
_AGENT: Final = "arn:aws:ecr:eu-central-1:323658145986:repository/aws-guardduty-agent-fargate"


@check("threats-watched", good=AUDIT, bad=without(AUDIT, *DETECTORS))
def there_is_a_threat_detector(stack: Stack) -> Verdicts:
    """A deployment has a GuardDuty detector."""
    if stack.of_type(*DEPLOYMENT):
        found = bool(stack.of_type(DETECTOR))
        yield verdict(f"{stack.name}#GuardDuty", found, "GuardDuty is not in this stack")


@check("threats-watched", good=AUDIT, bad=weaken(AUDIT, "detector-eu-central-1", "enable", False))
def threat_detection_is_on(stack: Stack) -> Verdicts:
    """The detector is enabled."""
    yield from must_be(stack.of_type(DETECTOR), "enable", True)


@check(
    "threats-watched",
    good=AUDIT,
    bad=weaken(AUDIT, "detector-eu-central-1", "findingPublishingFrequency", "SIX_HOURS"),
)
def repeated_findings_are_told_soon(stack: Stack) -> Verdicts:
    """What is found again reaches EventBridge within an hour; by default it takes six (GuardDuty)."""
    frequencies = ("FIFTEEN_MINUTES", "ONE_HOUR")
    yield from must_be(stack.of_type(DETECTOR), "findingPublishingFrequency", *frequencies)


_REPOSITORY: Final = re.compile(r"arn:[\w-]+:ecr:[\w-]+:\d{12}:repository/aws-guardduty-agent-fargate")

_RUNTIME: Final = plus(
    AUDIT,
    aws("ecs/service:Service", "ecs-guard", desiredCount=2),
    aws(
        "guardduty/detectorFeature:DetectorFeature",
        "feature-runtime",
        name="RUNTIME_MONITORING",
        status="ENABLED",
        additionalConfigurations=[{"name": "ECS_FARGATE_AGENT_MANAGEMENT", "status": "ENABLED"}],
    ),
    aws("ec2/vpcEndpoint:VpcEndpoint", "vpce-data", serviceName="com.amazonaws.eu-central-1.guardduty-data"),
    aws(
        "iam/rolePolicy:RolePolicy",
        "start",
        policy=policy({"Effect": "Allow", "Action": "ecr:BatchGetImage", "Resource": _AGENT}),
    ),
)


def _pulling(**changes: str) -> Stack:
    statement = {"Effect": "Allow", "Action": "ecr:BatchGetImage", "Resource": _AGENT, **changes}
    given = {name: value for name, value in statement.items() if value}
    return weaken(_RUNTIME, "start", "policy", policy(given))


def _pulls_the_agent(statement: Statement) -> bool:
    agents = [arn for arn in statement.named_resources if _REPOSITORY.fullmatch(arn)]
    return any(statement.covers("ecr:BatchGetImage", arn) for arn in agents)


@check(
    "threats-watched",
    good=_RUNTIME,
    also_good={"with other rights": _pulling(Action="ecr:Batch*")},
    unverifiable={"no Action": _pulling(Action=""), "of no Resource": _pulling(Resource="")},
    bad={
        "absent": without(_RUNTIME, "feature-runtime"),
        "off": weaken(_RUNTIME, "feature-runtime", "status", "DISABLED"),
        "no agent": weaken(_RUNTIME, "feature-runtime", "additionalConfigurations", []),
        "agent off": weaken(_RUNTIME, "feature-runtime", "additionalConfigurations.0.status", "DISABLED"),
        "no way for it": without(_RUNTIME, "vpce-data"),
        "no image of it": without(_RUNTIME, "start"),
        "denied": _pulling(Effect="Deny"),
        "listed only": _pulling(Action="ecr:ListImages"),
        "of a repository with much the same name": _pulling(Resource=f"{_AGENT}-old"),
        "all but it": _pulling(Resource="", NotResource=_AGENT),
    },
)
def running_tasks_are_watched(stack: Stack) -> Verdicts:
    """Runtime Monitoring is on for Fargate, and its agent can be pulled and heard (GuardDuty User Guide)."""
    if not (stack.of_type(DETECTOR) and stack.of_type("aws:ecs/service:Service")):
        return
    where = f"{stack.name}#RuntimeMonitoring"
    agents = [
        one
        for feature in stack.of_type("aws:guardduty/detectorFeature:DetectorFeature")
        if read(feature, "name") == "RUNTIME_MONITORING" and read(feature, "status") == "ENABLED"
        for one in items(feature, "additionalConfigurations")
    ]
    managed = {"name": "ECS_FARGATE_AGENT_MANAGEMENT", "status": "ENABLED"}
    yield verdict(where, managed in agents, "no agent is put into Fargate tasks")
    names = [str(read(e, "serviceName")) for e in stack.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")]
    heard = any(name.endswith(".guardduty-data") for name in names)
    yield verdict(where, heard, "no VPC endpoint leads to guardduty-data")
    rights = policies_of(stack.of_type("aws:iam/rolePolicy:RolePolicy"))
    pulled = any(map(_pulls_the_agent, rights.allowing))
    yield verdict(where, pulled, "no role may pull the agent's image")
