"""Checks that detection is on where nothing of ours runs: whoever gets in is not bound to our regions."""

from __future__ import annotations

from hardening.checks import Verdicts, check
from scanners.policy.checks.cloudtrail import DEPLOYMENT
from scanners.policy.checks.reading import read, verdict
from scanners.policy.samples.observability import AUDIT, REGIONS
from scanners.policy.samples.sample_stack import weaken, without
from scanners.policy.stack import Stack


@check("threats-watched-everywhere", good=AUDIT, bad=without(AUDIT, "detector-sa-east-1"))
def threats_are_detected_in_every_region(stack: Stack) -> Verdicts:
    """A deployment has GuardDuty in every region that an account has on by itself."""
    yield from _everywhere(stack, "aws:guardduty/detector:Detector", "GuardDuty")


@check("threats-watched-everywhere", good=AUDIT, bad=without(AUDIT, "hub-us-west-2"))
def findings_are_collected_in_every_region(stack: Stack) -> Verdicts:
    """A deployment has Security Hub in every such region, to pass findings on."""
    yield from _everywhere(stack, "aws:securityhub/account:Account", "Security Hub")


def _everywhere(stack: Stack, kind: str, what: str) -> Verdicts:
    if stack.of_type(*DEPLOYMENT):
        watched = {read(one, "region") for one in stack.of_type(kind)}
        missing = [region for region in REGIONS if region not in watched]
        yield verdict(f"{stack.name}#{what}", not missing, f"not in {', '.join(missing)}")


@check(
    "threats-watched-everywhere",
    good=AUDIT,
    bad=weaken(AUDIT, "aggregator-1", "linkingMode", "SPECIFIED_REGIONS"),
)
def findings_of_every_region_come_together(stack: Stack) -> Verdicts:
    """Security Hub collects the findings of all regions where its rules tell people."""
    if stack.of_type(*DEPLOYMENT):
        kind = "aws:securityhub/findingAggregator:FindingAggregator"
        modes = {str(read(one, "linkingMode")) for one in stack.of_type(kind)}
        yield verdict(
            f"{stack.name}#aggregation", "ALL_REGIONS" in modes, "findings stay where they are made"
        )
