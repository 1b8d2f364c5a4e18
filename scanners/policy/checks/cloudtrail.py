"""Checks of the trail, and of the bucket that keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import attached, items, must_be, points_at, verdict
from scanners.policy.checks.s3 import BUCKET
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import ABSENT, weaken, without
from scanners.policy.stack import Resource, Stack

TRAIL: Final = "aws:cloudtrail/trail:Trail"
LOCK: Final = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"

# A stack that has any of these is a deployment, and must have a trail and detection of its own.
DEPLOYMENT: Final = (TRAIL, "aws:ec2/vpc:Vpc", "aws:apigateway/restApi:RestApi", "aws:ecs/service:Service")


@check("trail-complete", good=AUDIT, bad=weaken(AUDIT, "trail-1", "isMultiRegionTrail", False))
def a_trail_of_all_regions_is_running(stack: Stack) -> Verdicts:
    """A deployment has a trail that logs, in all regions, with the global services."""
    trails = stack.of_type(TRAIL)
    if stack.of_type(*DEPLOYMENT) and not trails:
        yield stack.name, "the stack has no trail"
    for name in ("enableLogging", "isMultiRegionTrail", "includeGlobalServiceEvents"):
        yield from must_be(trails, name, True)


@check("trail-complete", good=AUDIT, bad=weaken(AUDIT, "trail-1", "cloudWatchLogsGroupArn", ABSENT))
def the_trail_reaches_the_alarms(stack: Stack) -> Verdicts:
    """The trail is delivered to a log group, where metric filters read it."""
    for trail in stack.of_type(TRAIL):
        delivered = "cloudWatchLogsGroupArn" in trail.inputs
        yield verdict(
            f"{trail.urn}#cloudWatchLogsGroupArn", delivered, "no log group, so no filter reads the trail"
        )


@check(
    "trail-complete",
    good=AUDIT,
    bad=weaken(AUDIT, "trail-1", "advancedEventSelectors.0.fieldSelectors.0.equals", ["Data"]),
)
def the_trail_leaves_no_management_event_out(stack: Stack) -> Verdicts:
    """One selector names all management events, and nothing that narrows them."""
    for trail in stack.of_type(TRAIL):
        simple, advanced = items(trail, "eventSelectors"), items(trail, "advancedEventSelectors")
        whole = any(_all_management(s) for s in simple) or any(_management_category(s) for s in advanced)
        yield verdict(f"{trail.urn}#eventSelectors", whole, "no selector names all management events")


def _all_management(selector: Mapping[str, Any]) -> bool:
    every = selector.get("includeManagementEvents") is True and selector.get("readWriteType") == "All"
    return every and not selector.get("excludeManagementEventSources")


def _management_category(selector: Mapping[str, Any]) -> bool:
    """An advanced selector with the category alone: a second field would narrow it."""
    fields = selector.get("fieldSelectors") or []
    return [(f.get("field"), f.get("equals")) for f in fields] == [("eventCategory", ["Management"])]


@check("trail-unalterable", good=AUDIT, bad=weaken(AUDIT, "trail-1", "enableLogFileValidation", False))
def the_trail_is_signed(stack: Stack) -> Verdicts:
    """Log file validation is on (CloudTrail, validating log file integrity)."""
    yield from must_be(stack.of_type(TRAIL), "enableLogFileValidation", True)


def _buckets(stack: Stack, trail: Resource) -> list[Resource]:
    return [bucket for bucket in stack.of_type(BUCKET) if points_at(trail, "s3BucketName", bucket)]


@check("log-access-logged", good=AUDIT, bad=without(AUDIT, "access-audit"))
def access_to_the_trail_is_logged(stack: Stack) -> Verdicts:
    """The trail's bucket has server access logging."""
    for trail in stack.of_type(TRAIL):
        for bucket in _buckets(stack, trail):
            logs = attached(stack, bucket, "aws:s3/bucketLogging:BucketLogging", "bucket")
            kept = any("targetBucket" in log.inputs for log in logs)
            yield verdict(bucket.urn, kept, "access to the bucket is not logged")


def _hasty(name: str) -> Stack:
    """The sample with a trail that does not wait for the resource `name`."""
    return replace(
        AUDIT,
        resources=tuple(
            replace(r, dependencies=tuple(urn for urn in r.dependencies if not urn.endswith(f"::{name}")))
            for r in AUDIT.resources
        ),
    )


@check("trail-waits-for-policies", good=AUDIT, bad=_hasty("policy-audit"))
def the_trail_waits_for_its_buckets_policy(stack: Stack) -> Verdicts:
    """CloudTrail writes to the bucket when the trail is made, and is refused before the policy is there."""
    kind = "aws:s3/bucketPolicy:BucketPolicy"
    for trail in stack.of_type(TRAIL):
        policies = [p for b in _buckets(stack, trail) for p in attached(stack, b, kind, "bucket")]
        yield _waits(trail, "s3BucketName", policies)


@check("trail-waits-for-policies", good=AUDIT, bad=_hasty("topic-policy-files"))
def the_trail_waits_for_its_topics_policy(stack: Stack) -> Verdicts:
    """The same for the topic (CreateTrail: InsufficientSnsTopicPolicyException)."""
    for trail in stack.of_type(TRAIL):
        topics = [t for t in stack.of_type("aws:sns/topic:Topic") if points_at(trail, "snsTopicName", t)]
        kind = "aws:sns/topicPolicy:TopicPolicy"
        if topics:
            policies = [p for topic in topics for p in attached(stack, topic, kind, "arn")]
            yield _waits(trail, "snsTopicName", policies)


def _waits(trail: Resource, name: str, policies: list[Resource]) -> tuple[str, str | None]:
    waits = bool(policies) and all(trail.depends_on(policy.urn) for policy in policies)
    return verdict(f"{trail.urn}#{name}", waits, "the trail is made before the policy that admits it")
