"""Checks of GuardDuty, which looks for threats in logs and traffic."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.cloudtrail import DEPLOYMENT
from scanners.policy.checks.reading import must_be, verdict
from scanners.policy.samples.observability import AUDIT, DETECTORS
from scanners.policy.samples.sample_stack import weaken, without
from scanners.policy.stack import Stack

DETECTOR: Final = "aws:guardduty/detector:Detector"


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
