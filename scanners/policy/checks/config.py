"""Checks of AWS Config: what changes of configuration are recorded, and judged."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.cloudtrail import DEPLOYMENT, LOCK
from scanners.policy.checks.reading import attached, must_be, points_at, read, verdict
from scanners.policy.checks.s3 import BUCKET
from scanners.policy.samples.observability import AUDIT, CONFIG_RULES
from scanners.policy.samples.sample_stack import weaken, without
from scanners.policy.stack import Stack

RECORDER: Final = "aws:cfg/recorder:Recorder"


RECORDER_STATUS: Final = "aws:cfg/recorderStatus:RecorderStatus"


@check("configuration-recorded", good=AUDIT, bad=weaken(AUDIT, "recorder-on", "isEnabled", False))
def configuration_is_recorded(stack: Stack) -> Verdicts:
    """A deployment has a configuration recorder, and it is switched on."""
    recorders = stack.of_type(RECORDER)
    if stack.of_type(*DEPLOYMENT) and not recorders:
        yield stack.name, "no configuration recorder in this stack"
    for recorder in recorders:
        states = [s for s in stack.of_type(RECORDER_STATUS) if points_at(s, "name", recorder)]
        on = any(read(state, "isEnabled") is True for state in states)
        yield verdict(recorder.urn, on, "the recorder is not switched on")


@check(
    "configuration-recorded",
    good=AUDIT,
    bad=weaken(AUDIT, "recorder-1", "recordingGroup.includeGlobalResourceTypes", False),
)
def every_type_is_recorded(stack: Stack) -> Verdicts:
    """The recorder takes all types, the global ones too."""
    for name in ("allSupported", "includeGlobalResourceTypes"):
        yield from must_be(stack.of_type(RECORDER), f"recordingGroup.{name}", True)


CHANNEL: Final = "aws:cfg/deliveryChannel:DeliveryChannel"


@check("history-delivered", good=AUDIT, bad=weaken(AUDIT, "channel-1", "s3BucketName", "audit"))
def the_history_can_be_delivered(stack: Stack) -> Verdicts:
    """Each delivery channel leads to a bucket of this stack, and that one has no Object Lock."""
    for channel in stack.of_type(CHANNEL):
        where = f"{channel.urn}#s3BucketName"
        buckets = [b for b in stack.of_type(BUCKET) if points_at(channel, "s3BucketName", b)]
        if not buckets:
            yield where, "the bucket is not in this stack"
        for bucket in buckets:
            locked = read(bucket, "objectLockEnabled") is True or attached(stack, bucket, LOCK, "bucket")
            yield verdict(where, not locked, "AWS Config delivers to no bucket with Object Lock")


@check(
    "configuration-recorded", good=AUDIT, bad=without(AUDIT, *(f"rule-{i}" for i in range(len(CONFIG_RULES))))
)
def rules_judge_the_configuration(stack: Stack) -> Verdicts:
    """A recorder comes with at least one AWS Config rule."""
    if stack.of_type(RECORDER):
        yield verdict(stack.name, bool(stack.of_type("aws:cfg/rule:Rule")), "no rule judges what is recorded")
