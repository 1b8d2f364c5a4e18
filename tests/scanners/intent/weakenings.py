"""Ways to weaken a deployed stack that were not seen by any check: each is an edit of the state file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

STRANGER = "999999999999"
State = dict[str, Any]
Edit = Callable[[State], None]


@dataclass(frozen=True)
class Weakening:
    """Edits the inputs of every resource of `type` (called `name`, unless that is `*`)."""

    type: str
    name: str
    path: str  # what the finding must name
    edit: Edit

    def weaken(self, resources: list[State]) -> list[str]:
        """Edit the state in place; the URNs of what was edited."""
        found = list(self._edited(resources))
        assert found, self
        return found

    def _edited(self, resources: list[State]) -> Iterator[str]:
        for resource in resources:
            if resource["type"] == self.type and self.name in ("*", resource["urn"].split("::")[-1]):
                before = json.dumps(resource["inputs"])
                self.edit(resource["inputs"])
                assert json.dumps(resource["inputs"]) != before, self
                yield resource["urn"]


def put(path: str, value: Any) -> Edit:
    """Write a value at `a.b.0.c`."""

    def edit(inputs: State) -> None:
        *steps, last = path.split(".")
        where: Any = inputs
        for step in steps:
            where = where[int(step)] if isinstance(where, list) else where.setdefault(step, {})
        where[int(last) if isinstance(where, list) else last] = value

    return edit


def inside(name: str, change: Edit) -> Edit:
    """Change a document that is written as JSON text."""

    def edit(inputs: State) -> None:
        document = json.loads(inputs[name])
        change(document)
        inputs[name] = json.dumps(document)

    return edit


def first(change: Edit) -> Edit:
    """Change the first statement of a policy."""
    return lambda document: change(document["Statement"][0])


def all_secrets_readable(document: State) -> None:
    for statement in document["Statement"]:
        if statement["Sid"] == "ReadersOnly":
            statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] = ["arn:aws:iam::*"]


def open_to_the_world(body: State) -> None:
    """Anybody may call the API."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
    body["x-amazon-apigateway-policy"]["Statement"] = [statement]


def count_injections(inputs: State) -> None:
    """Every rule with a managed group only counts."""
    for rule in inputs["rules"]:
        if "overrideAction" in rule:
            rule["overrideAction"] = {"count": {}}


def foreign_account(name: str) -> Edit:
    """Replace the account in every ARN of an input."""

    def edit(inputs: State) -> None:
        text = json.dumps(inputs[name]).replace("111122223333", STRANGER)
        inputs[name] = json.loads(text)

    return edit


WEAKENINGS = [
    Weakening(
        "aws:iam/role:Role",
        "*",
        "permissionsBoundary",
        put("permissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess"),
    ),
    Weakening(
        "aws:iam/policy:Policy", "boundary", "policy.Statement", inside("policy", first(put("Action", "*")))
    ),
    Weakening(
        "aws:secretsmanager/secretPolicy:SecretPolicy",
        "*",
        "policy.Statement",
        inside("policy", all_secrets_readable),
    ),
    Weakening("aws:apigateway/restApi:RestApi", "ocpi", "body", foreign_account("body")),
    Weakening("aws:apigateway/restApi:RestApi", "ocpi", "body", inside("body", open_to_the_world)),
    Weakening("aws:wafv2/webAcl:WebAcl", "ocpi", "defaultAction", put("defaultAction", {"allow": {}})),
    Weakening("aws:wafv2/webAcl:WebAcl", "ocpi", "rules", count_injections),
    Weakening("aws:cloudwatch/metricAlarm:MetricAlarm", "*", "threshold", put("threshold", 1e9)),
    Weakening(
        "aws:cloudtrail/trail:Trail", "trail", "s3BucketName", put("s3BucketName", f"logs-of-{STRANGER}")
    ),
    Weakening(
        "aws:kms/key:Key", "*", "policy.Statement", inside("policy", first(put("Principal", {"AWS": "*"})))
    ),
    Weakening(
        "aws:s3/bucketPolicy:BucketPolicy",
        "*",
        "policy.Statement",
        inside("policy", first(put("Condition", {}))),
    ),
    Weakening(
        "aws:sqs/queuePolicy:QueuePolicy",
        "*",
        "policy.Statement",
        inside("policy", first(put("Condition", {}))),
    ),
    Weakening("aws:sns/topicPolicy:TopicPolicy", "*", "policy", foreign_account("policy")),
    Weakening("aws:cloudwatch/eventRule:EventRule", "*", "state", put("state", "DISABLED")),
    Weakening("aws:cloudwatch/eventTarget:EventTarget", "*", "arn", foreign_account("arn")),
    Weakening(
        "aws:cloudwatch/logMetricFilter:LogMetricFilter", "*", "pattern", put("pattern", "{ $.never = 1 }")
    ),
    Weakening("aws:guardduty/detectorFeature:DetectorFeature", "*", "status", put("status", "DISABLED")),
    Weakening(
        "aws:cfg/rule:Rule", "*", "source.sourceIdentifier", put("source.sourceIdentifier", "EIP_ATTACHED")
    ),
    Weakening(
        "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec",
        "*",
        "signingStatus",
        put("signingStatus", "NOT_SIGNING"),
    ),
    Weakening("aws:lb/targetGroup:TargetGroup", "*", "protocol", put("protocol", "TCP")),
    Weakening("aws:ecs/taskDefinition:TaskDefinition", "*", "pidMode", put("pidMode", "host")),
    Weakening(
        "aws:iam/role:Role",
        "*",
        "assumeRolePolicy.Statement",
        inside(
            "assumeRolePolicy", first(lambda s: s["Principal"].update(AWS=f"arn:aws:iam::{STRANGER}:root"))
        ),
    ),
    Weakening(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "*",
        "rules",
        put("rules.0.status", "Disabled"),
    ),
    Weakening("aws:lambda/permission:Permission", "*", "principal", put("principal", "*")),
]
