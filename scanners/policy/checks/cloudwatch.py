"""Checks of the alarms: what they watch for, and whether they notify anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.acm import CERTIFICATE
from scanners.policy.checks.cloudtrail import DEPLOYMENT
from scanners.policy.checks.reading import items, number, points_at, read, verdict
from scanners.policy.checks.sns import TOPIC
from scanners.policy.samples.observability import AUDIT, PATTERNS
from scanners.policy.samples.sample_stack import ABSENT, weaken, without
from scanners.policy.stack import Resource, Stack

ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
FILTER: Final = "aws:cloudwatch/logMetricFilter:LogMetricFilter"

_NOTICE: Final = 30  # days before a certificate ends


def _metrics(alarm: Resource) -> Iterator[tuple[Any, Any]]:
    """(namespace, name) of every metric that an alarm watches."""
    if read(alarm, "metricName"):
        yield read(alarm, "namespace"), read(alarm, "metricName")
    for query in items(alarm, "metricQueries"):
        metric = query.get("metric") or {}
        yield metric.get("namespace"), metric.get("metricName")


def _notifies(stack: Stack, alarm: Resource) -> bool:
    """Switched on, with an action that leads to a topic of this stack."""
    topics = stack.of_type(TOPIC)
    return read(alarm, "actionsEnabled") is True and any(points_at(alarm, "alarmActions", t) for t in topics)


def _alarmed(stack: Stack, *patterns: str) -> bool:
    """Whether a metric filter whose pattern matches all of `patterns` (regular expressions) has an alarm."""
    metrics = set()
    for each in stack.of_type(FILTER):
        written = str(read(each, "pattern") or "")
        if all(re.search(pattern, written) for pattern in patterns):
            transformation = "metricTransformation"
            metrics.add((read(each, f"{transformation}.namespace"), read(each, f"{transformation}.name")))
    alarms = [alarm for alarm in stack.of_type(ALARM) if metrics & set(_metrics(alarm))]
    return any(_notifies(stack, alarm) for alarm in alarms)


def _watches(stack: Stack, what: str, alarmed: bool) -> Verdicts:
    """One verdict for the stack, if it is a deployment at all."""
    if stack.of_type(*DEPLOYMENT):
        yield verdict(f"{stack.name}#{what}", alarmed, f"no alarm that notifies anybody on {what}")


def _without_match(name: str) -> Stack:
    return weaken(AUDIT, f"filter-{name}", "pattern", '{ $.status = "200" }')


@check("authentication-failures-alarmed", good=AUDIT, bad=_without_match("401"))
def authentication_failures_are_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts 401 answers."""
    yield from _watches(stack, "401 answers", _alarmed(stack, r'=\s*"?401\b'))


@check("refusals-alarmed", good=AUDIT, bad=without(AUDIT, "alarm-403"))
def refusals_are_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts 403 answers."""
    yield from _watches(stack, "403 answers", _alarmed(stack, r'=\s*"?403\b'))


@check("server-errors-alarmed", good=AUDIT, bad=weaken(AUDIT, "alarm-5xx", "actionsEnabled", False))
def server_errors_are_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts 5xx answers, by API Gateway's metric or by a filter of ours."""
    counted = ("AWS/ApiGateway", "5XXError")
    alarms = [alarm for alarm in stack.of_type(ALARM) if counted in set(_metrics(alarm))]
    own = any(_notifies(stack, alarm) for alarm in alarms) or _alarmed(stack, r'(=\s*"?5(\*|\d\d)|>=\s*500)')
    yield from _watches(stack, "5xx answers", own)


@check("cdr-volume-alarmed", good=AUDIT, bad=weaken(AUDIT, "alarm-cdrs", "alarmActions", []))
def cdr_volume_is_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts calls of the CDR module."""
    yield from _watches(stack, "the volume of CDRs", _alarmed(stack, r"(?i)\bcdrs?\b"))


@check("unexpected-paths-alarmed", good=AUDIT, bad=_without_match("paths"))
def unexpected_paths_are_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts calls of paths that do not exist."""
    unknown = r'(=\s*"?404\b|MISSING_AUTHENTICATION_TOKEN|path\s*!=)'
    yield from _watches(stack, "unexpected paths", _alarmed(stack, unknown))


@check("root-login-alarmed", good=AUDIT, bad=weaken(AUDIT, "alarm-root", "metricName", "m-another"))
def root_logins_are_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts what the root account does."""
    yield from _watches(stack, "use of the root account", _alarmed(stack, r"userIdentity\.type", r"Root"))


@check(
    "trail-changes-alarmed",
    good=AUDIT,
    bad=weaken(AUDIT, "filter-trail", "pattern", PATTERNS["trail"].replace("StopLogging", "CreateTrail")),
)
def trail_changes_are_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts the events that stop, delete or change the trail."""
    changes = ("StopLogging", "DeleteTrail", "UpdateTrail")
    yield from _watches(stack, "changes of the trail", _alarmed(stack, *changes))


def _each_alarmed(stack: Stack, events: tuple[str, ...]) -> Verdicts:
    """One verdict for each event of the trail."""
    for event in events:
        yield from _watches(stack, event, _alarmed(stack, rf"\b{event}\b"))


@check("perimeter-changes-alarmed", good=AUDIT, bad=_without_match("routes"))
def perimeter_changes_are_alarmed(stack: Stack) -> Verdicts:
    """Each event that opens groups, routes, access lists or the firewall has an alarm."""
    groups = ("AuthorizeSecurityGroupIngress", "ModifySecurityGroupRules")
    firewall = ("UpdateIPSet", "DisassociateWebACL")
    yield from _each_alarmed(stack, (*groups, "CreateRoute", "CreateNetworkAclEntry", *firewall))


@check("rights-changes-alarmed", good=AUDIT, bad=_without_match("keys"))
def rights_changes_are_alarmed(stack: Stack) -> Verdicts:
    """Each event that grants rights, disables keys or stops detection has an alarm."""
    rights = ("AttachRolePolicy", "CreateAccessKey")
    keys = ("DisableKey", "ScheduleKeyDeletion")
    yield from _each_alarmed(stack, (*rights, *keys, "StopConfigurationRecorder", "DeleteDetector"))


@check("token-reads-alarmed", good=AUDIT, bad=_without_match("reads"))
def token_reads_are_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts reads of secrets' values."""
    yield from _each_alarmed(stack, ("GetSecretValue",))


@check("certificate-expiry-alarmed", good=AUDIT, bad=weaken(AUDIT, "alarm-expiry", "threshold", 7))
def certificate_expiry_is_alarmed(stack: Stack) -> Verdicts:
    """Each certificate has an alarm 30 days or more before it ends."""
    counted = ("AWS/CertificateManager", "DaysToExpiry")
    alarms = [alarm for alarm in stack.of_type(ALARM) if counted in set(_metrics(alarm))]
    for certificate in stack.of_type(CERTIFICATE):
        own = [
            a
            for a in alarms
            if points_at(a, "dimensions", certificate) or points_at(a, "metricQueries", certificate)
        ]
        early = any(
            (number(a, "threshold") or 0) >= _NOTICE and _falls(a) and _notifies(stack, a) for a in own
        )
        yield verdict(
            certificate.urn,
            early,
            f"no alarm notifies anybody {_NOTICE} days before its end",
        )


def _falls(alarm: Resource) -> bool:
    return str(read(alarm, "comparisonOperator")).startswith("LessThan")


@check("alarms-reach-people", good=AUDIT, bad=weaken(AUDIT, "alarm-401", "actionsEnabled", ABSENT))
def alarms_notify_a_topic(stack: Stack) -> Verdicts:
    """Each alarm is switched on, with a topic of this stack as its action."""
    for alarm in stack.of_type(ALARM):
        yield verdict(
            alarm.urn, _notifies(stack, alarm), "switched off, or its action leads to no topic of this stack"
        )
