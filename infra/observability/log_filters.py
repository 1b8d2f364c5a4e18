"""What CloudWatch counts in our logs: filters over trail and access log, each with its alarm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi_aws as aws

from hardening.answers.alarms import ALARM, CRASH, ONCE, OWN_SESSIONS
from hardening.egress.tls_policy import CERTIFICATE_ENDS
from infra.observability.trail_events import TRAIL_EVENTS
from infra.runtime.task_certificate import OVERDUE, UNSAID

_FIVE = 5 * 60  # seconds
_HOUR = 60 * 60

# Alarm -> pattern over the access log, count, and seconds in which it makes an alarm. Every value in that
# log is text, the status too, and text never equals a number: it is compared in quotes.
# A partner with a wrong token retries; ten of one kind in five minutes are more than that.
_CALLS: Mapping[str, tuple[str, int, int]] = {
    "unauthorized": ('{ $.status = "401" }', 10, _FIVE),
    "forbidden": ('{ $.status = "403" }', 10, _FIVE),
    "unexpected-path": ('{ $.refusal = "MISSING_AUTHENTICATION_TOKEN" }', 10, _FIVE),
    "throttled": ('{ $.status = "429" }', 100, _FIVE),
}
_CDRS = '{ $.route = "*/receiver/cdrs" && $.method = "POST" && $.status = "20*" }'
_CRASH = '{ $.message = "crash" }'
# The guard's word for a call that it refused because the decision could not be made.
_NO_DECISION = '{ $.event = "crash" }'
# The boundary's words: what it stopped, by the control that says so, and what it could not decide.
_STOPPED = f'$.event = "{ALARM}"'
_CONFLICT = f'{{ {_STOPPED} && $.control = "{ONCE}" }}'
_NO_SESSION = f'{{ {_STOPPED} && $.control = "{OWN_SESSIONS}" }}'
_FOREIGN = f'{{ {_STOPPED} && $.control != "{ONCE}" && $.control != "{OWN_SESSIONS}" }}'
_BOUNDARY_CRASH = f'{{ $.event = "{CRASH}" }}'
# The egress guard's word for a call that did not leave: an unknown caller, or no host of a partner's.
_REFUSED = '{ $.event = "egress" && $.fate = "refused" }'
# Its word, once an hour, for a certificate that somebody outside has to renew.
_ENDS = f'{{ $.event = "{CERTIFICATE_ENDS}" }}'
_OVERDUE = f'{{ $.message = "{OVERDUE}" || $.message = "{UNSAID}" }}'


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Counts what matches `pattern` in a log `group`: `threshold` of them in `seconds` are an alarm."""

    name: str
    group: aws.cloudwatch.LogGroup
    pattern: str
    threshold: int
    seconds: int = _FIVE


def trail_filters(trail: aws.cloudwatch.LogGroup) -> tuple[LogFilter, ...]:
    """What is counted in CloudTrail's log group."""
    often = ("access-denied", "login-failed")
    return tuple(
        LogFilter(event, trail, pattern, 10 if event in often else 1)
        for event, pattern in TRAIL_EVENTS.items()
    )


def call_filters(
    calls: aws.cloudwatch.LogGroup, authorizer: aws.cloudwatch.LogGroup, cdrs_per_hour: int
) -> tuple[LogFilter, ...]:
    """What is counted in the API's access log `calls`, and in the authorizer's log."""
    return (
        *(LogFilter(name, calls, *rule) for name, rule in _CALLS.items()),
        LogFilter("cdr-volume", calls, _CDRS, cdrs_per_hour, _HOUR),
        LogFilter("authorizer-crash", authorizer, _CRASH, 1),
    )


def task_filters(guard: aws.cloudwatch.LogGroup, egress: aws.cloudwatch.LogGroup) -> tuple[LogFilter, ...]:
    """What is counted in the logs of guard and egress guard: calls refused, and what ends."""
    return (
        LogFilter("egress-refused", egress, _REFUSED, 1),
        LogFilter("certificate-ends", egress, _ENDS, 1, 2 * _HOUR),
        LogFilter("guard-key-overdue", guard, _OVERDUE, 1),
        LogFilter("guard-crash", guard, _NO_DECISION, 1),
        LogFilter("foreign-object", guard, _FOREIGN, 1),
        LogFilter("foreign-session", guard, _NO_SESSION, 1),
        LogFilter("ledger-conflict", guard, _CONFLICT, 1),
        LogFilter("boundary-crash", guard, _BOUNDARY_CRASH, 1),
    )
