"""Checks of detection: threats, posture, who has access from outside, and changes of configuration."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.cloudtrail import DEPLOYMENT
from scanners.policy.checks.reading import must_be, points_at, read, verdict
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import weaken, without
from scanners.policy.stack import Stack

DETECTOR: Final = "aws:guardduty/detector:Detector"
RECORDER: Final = "aws:cfg/recorder:Recorder"
RECORDER_STATUS: Final = "aws:cfg/recorderStatus:RecorderStatus"

_WATCHERS: Final = {
    "GuardDuty": DETECTOR,
    "Security Hub": "aws:securityhub/account:Account",
    "Access Analyzer": "aws:accessanalyzer/analyzer:Analyzer",
}


@check("threats-watched", good=AUDIT, bad=without(AUDIT, "hub-1"))
def watchers_are_there(stack: Stack) -> Verdicts:
    if stack.of_type(*DEPLOYMENT):
        for name, kind in _WATCHERS.items():
            yield verdict(f"{stack.name}#{name}", bool(stack.of_type(kind)), f"{name} is not in this stack")


@check("threats-watched", good=AUDIT, bad=weaken(AUDIT, "detector-1", "enable", False))
def threat_detection_is_on(stack: Stack) -> Verdicts:
    yield from must_be(stack.of_type(DETECTOR), "enable", True)


@check("configuration-recorded", good=AUDIT, bad=weaken(AUDIT, "recorder-on", "isEnabled", False))
def configuration_is_recorded(stack: Stack) -> Verdicts:
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
    for name in ("allSupported", "includeGlobalResourceTypes"):
        yield from must_be(stack.of_type(RECORDER), f"recordingGroup.{name}", True)


@check("configuration-recorded", good=AUDIT, bad=without(AUDIT, "rule-1"))
def rules_judge_the_configuration(stack: Stack) -> Verdicts:
    if stack.of_type(RECORDER):
        yield verdict(stack.name, bool(stack.of_type("aws:cfg/rule:Rule")), "no rule judges what is recorded")
