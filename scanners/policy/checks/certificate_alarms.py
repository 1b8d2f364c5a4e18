"""Checks of the alarms on certificates that end: those of ACM, and those that authorities outside issue."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from hardening.egress.callers import certificate_secret
from hardening.egress.tls_policy import CERTIFICATE_ENDS
from scanners.policy.checks.acm import CERTIFICATE, VALIDATION
from scanners.policy.checks.alarms import ALARM, alarmed, metrics_of, notifies
from scanners.policy.checks.cloudwatch import falls, watches
from scanners.policy.checks.reading import attached, number, points_at, read, verdict
from scanners.policy.checks.secrets_manager import is_certificate
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack

_NOTICE: Final = 30  # days before a certificate ends


@check("certificate-expiry-alarmed", good=AUDIT, bad=weaken(AUDIT, "alarm-expiry", "threshold", 7))
def certificate_expiry_is_alarmed(stack: Stack) -> Verdicts:
    """Each certificate has an alarm 30 days or more before it ends. One on an unknown ARN may be its own."""
    counted = ("AWS/CertificateManager", "DaysToExpiry")
    alarms = [alarm for alarm in stack.of_type(ALARM) if counted in set(metrics_of(alarm))]
    for certificate in stack.of_type(CERTIFICATE):
        own = [alarm for alarm in alarms if _watches(stack, alarm, certificate)]
        early = any((number(a, "threshold") or 0) >= _NOTICE and falls(a) and notifies(stack, a) for a in own)
        for other in () if early else alarms:
            read(other, "dimensions.CertificateArn")
        yield verdict(certificate.urn, early, f"no alarm notifies anybody {_NOTICE} days before its end")


def _watches(stack: Stack, alarm: Resource, certificate: Resource) -> bool:
    """By its ARN, which is also the one of what waits for its validation."""
    names = (certificate, *attached(stack, certificate, VALIDATION, "certificateArn"))
    return any(points_at(alarm, where, name) for where in ("dimensions", "metricQueries") for name in names)


_ISSUED_OUTSIDE = plus(
    AUDIT,
    aws(
        "secretsmanager/secret:Secret",
        "secret-certificate",
        name=certificate_secret("production"),
        tags={"rampart:environment": "production"},
    ),
    aws(
        "cloudwatch/logMetricFilter:LogMetricFilter",
        "filter-ends",
        logGroupName="log-guard",
        pattern=f'{{ $.event = "{CERTIFICATE_ENDS}" }}',
        metricTransformation={"name": "m-401", "namespace": "Rampart", "value": "1"},
    ),
)


@check(
    "certificate-expiry-alarmed",
    good=_ISSUED_OUTSIDE,
    bad={
        "no filter": without(_ISSUED_OUTSIDE, "filter-ends"),
        "another event": weaken(_ISSUED_OUTSIDE, "filter-ends", "pattern", '{ $.event = "egress" }'),
        "nobody hears": weaken(_ISSUED_OUTSIDE, "alarm-401", "alarmActions", []),
    },
)
def certificates_of_others_are_alarmed(stack: Stack) -> Verdicts:
    """Where a certificate comes from an authority outside, an alarm counts what the egress guard says of its
    end.
    """
    if any(is_certificate(secret) for secret in stack.of_type("aws:secretsmanager/secret:Secret")):
        told = {"level": "error", "event": CERTIFICATE_ENDS, "certificate": "egress", "days": 29}
        yield from watches(stack, "the end of certificates from outside", alarmed(stack, told))
