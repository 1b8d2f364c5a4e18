"""Checks of how complete detection is: features, Config's rules and delivery, standards, and who analyses.

Sources: GuardDuty User Guide, "GuardDuty features"; AWS Config Developer Guide, "List of AWS Config managed
rules"; AWS Security Hub, controls GuardDuty.1, GuardDuty.10, Config.1.
"""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.config import RECORDER
from scanners.policy.checks.guardduty import DETECTOR
from scanners.policy.checks.reading import must_be, points_at, read, verdict
from scanners.policy.checks.s3 import BUCKET
from scanners.policy.samples.observability import AUDIT, CONFIG_RULES
from scanners.policy.samples.sample_stack import weaken, without
from scanners.policy.stack import Stack

FEATURE: Final = "aws:guardduty/detectorFeature:DetectorFeature"
_RULE: Final = "aws:cfg/rule:Rule"
_CHANNEL: Final = "aws:cfg/deliveryChannel:DeliveryChannel"
_HUB: Final = "aws:securityhub/account:Account"
_STANDARD: Final = "aws:securityhub/standardsSubscription:StandardsSubscription"
_ANALYZER: Final = "aws:accessanalyzer/analyzer:Analyzer"
_FEATURES: Final = ("S3_DATA_EVENTS", "LAMBDA_NETWORK_LOGS")
_STANDARDS: Final = ("aws-foundational-security-best-practices", "cis-aws-foundations-benchmark")


@check(
    "threats-watched",
    good=AUDIT,
    bad={
        "disabled": weaken(AUDIT, "feature-0", "status", "DISABLED"),
        "missing": without(AUDIT, "feature-1"),
        "another": weaken(AUDIT, "feature-1", "name", "RDS_LOGIN_EVENTS"),
    },
)
def threat_detection_has_its_features(stack: Stack) -> Verdicts:
    """A detector watches data events of buckets and the traffic of functions, and no feature is off.

    The detectors of other regions, where nothing of ours runs, have none.
    """
    features = stack.of_type(FEATURE)
    yield from must_be(features, "status", "ENABLED")
    detectors = stack.of_type(DETECTOR)
    named = [{read(f, "name") for f in features if points_at(f, "detectorId", d)} for d in detectors]
    if detectors:
        complete = any(names >= set(_FEATURES) for names in named)
        yield verdict(detectors[0].urn, complete, f"no detector has {' and '.join(_FEATURES)}")


@check(
    "configuration-recorded",
    good=AUDIT,
    bad={
        "one rule less": without(AUDIT, "rule-2"),
        "another rule": weaken(AUDIT, "rule-2", "source.sourceIdentifier", "EIP_ATTACHED"),
        "narrowed": weaken(AUDIT, "rule-2", "scope", {"tagKey": "nothing"}),
    },
)
def what_is_promised_is_judged_by_config(stack: Stack) -> Verdicts:
    """AWS's own rule for each promise that it can judge, over everything that it can judge."""
    rules = stack.of_type(_RULE)
    found = {read(rule, "source.sourceIdentifier") for rule in rules if read(rule, "scope") is None}
    for recorder in stack.of_type(RECORDER):
        missing = [name for name in CONFIG_RULES if name not in found]
        yield verdict(recorder.urn, not missing, f"not judged: {', '.join(missing)}")


@check(
    "configuration-recorded",
    good=AUDIT,
    bad={
        "elsewhere": weaken(AUDIT, "channel-1", "s3BucketName", "elsewhere"),
        "nowhere": without(AUDIT, "channel-1"),
    },
)
def what_is_recorded_is_kept(stack: Stack) -> Verdicts:
    """A recorder delivers to a bucket of this stack."""
    channels = stack.of_type(_CHANNEL)
    if stack.of_type(RECORDER):
        ours = [c for c in channels if any(points_at(c, "s3BucketName", b) for b in stack.of_type(BUCKET))]
        for recorder in stack.of_type(RECORDER):
            kept = bool(channels) and len(ours) == len(channels)
            yield verdict(recorder.urn, kept, "its record is delivered to no bucket of this stack")


@check(
    "threats-watched",
    good=AUDIT,
    bad={
        "a standard": without(AUDIT, "standard-0"),
        "another": weaken(
            AUDIT, "standard-1", "standardsArn", "arn:aws:securityhub:::standards/pci-dss/v/3.2.1"
        ),
        "of new controls": weaken(AUDIT, "hub-eu-central-1", "autoEnableControls", False),
    },
)
def posture_is_held_against_standards(stack: Stack) -> Verdicts:
    """Security Hub judges by AWS's foundational standard and the CIS benchmark, new controls too.

    It does so in one region: what the others find, the aggregator collects.
    """
    named = [str(read(each, "standardsArn")) for each in stack.of_type(_STANDARD)]
    hubs = stack.of_type(_HUB)
    if hubs:
        missing = [name for name in _STANDARDS if not any(f"/{name}/" in arn for arn in named)]
        yield verdict(hubs[0].urn, not missing, f"not judged by {', '.join(missing)}")
        automatic = any(read(hub, "autoEnableControls") is True for hub in hubs)
        where = f"{hubs[0].urn}#autoEnableControls"
        yield verdict(where, automatic, "new controls of a standard stay off")


@check("threats-watched", good=AUDIT, bad=weaken(AUDIT, "analyzer-1", "type", "ACCOUNT_UNUSED_ACCESS"))
def what_is_reachable_from_outside_is_analyzed(stack: Stack) -> Verdicts:
    """Only analyzers of external access look for what strangers can reach."""
    yield from must_be(stack.of_type(_ANALYZER), "type", "ACCOUNT", "ORGANIZATION")
