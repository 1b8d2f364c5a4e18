"""Checks of the alarms: what they watch for, and whether they notify anybody."""

from __future__ import annotations

from hardening.checks import Verdicts, check
from scanners.policy.checks.alarms import ALARM, FILTER, alarmed, hits, metrics_of, notifies
from scanners.policy.checks.cloudtrail import DEPLOYMENT
from scanners.policy.checks.reading import read, verdict
from scanners.policy.composite_alarms import COMPOSITE, parts_of, silences, wholes
from scanners.policy.samples import events
from scanners.policy.samples.events import PATTERNS, api_event, trail_event
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack


def watches(stack: Stack, what: str, alarmed: bool) -> Verdicts:
    """One verdict for the stack, if it is a deployment at all."""
    if stack.of_type(*DEPLOYMENT):
        yield verdict(f"{stack.name}#{what}", alarmed, f"no alarm that notifies anybody on {what}")


def _without_match(name: str) -> Stack:
    return weaken(AUDIT, f"filter-{name}", "pattern", '{ $.status = "200" }')


@check("authentication-failures-alarmed", good=AUDIT, bad=_without_match("401"))
def authentication_failures_are_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts 401 answers."""
    yield from watches(stack, "401 answers", alarmed(stack, api_event(401)))


@check("refusals-alarmed", good=AUDIT, bad=without(AUDIT, "alarm-403"))
def refusals_are_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts 403 answers."""
    yield from watches(stack, "403 answers", alarmed(stack, api_event(403)))


@check("server-errors-alarmed", good=AUDIT, bad=weaken(AUDIT, "alarm-5xx", "actionsEnabled", False))
def server_errors_are_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts 5xx answers, by API Gateway's metric or by a filter of ours."""
    counted = ("AWS/ApiGateway", "5XXError")
    alarms = [alarm for alarm in stack.of_type(ALARM) if counted in set(metrics_of(alarm))]
    own = any(notifies(stack, alarm) for alarm in alarms) or alarmed(stack, api_event(502))
    yield from watches(stack, "5xx answers", own)


@check("cdr-volume-alarmed", good=AUDIT, bad=weaken(AUDIT, "alarm-cdrs", "alarmActions", []))
def cdr_volume_is_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts calls of the CDR module."""
    yield from watches(stack, "the volume of CDRs", alarmed(stack, events.NEW_CDR))


@check("unexpected-paths-alarmed", good=AUDIT, bad=_without_match("paths"))
def unexpected_paths_are_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts calls of paths that do not exist."""
    yield from watches(stack, "unexpected paths", alarmed(stack, api_event(404, "/wp-admin")))


@check("root-login-alarmed", good=AUDIT, bad=weaken(AUDIT, "alarm-root", "metricName", "m-another"))
def root_logins_are_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts what the root account does."""
    yield from watches(stack, "use of the root account", alarmed(stack, events.ROOT_USE))


@check(
    "trail-changes-alarmed",
    good=AUDIT,
    bad=weaken(AUDIT, "filter-trail", "pattern", PATTERNS["trail"].replace("StopLogging", "CreateTrail")),
)
def trail_changes_are_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts the events that stop, delete or change the trail."""
    yield from each_alarmed(stack, "cloudtrail", "StopLogging", "DeleteTrail", "UpdateTrail")


def each_alarmed(stack: Stack, source: str, *names: str) -> Verdicts:
    """One verdict for each event of the trail."""
    for name in names:
        event = trail_event(name, f"{source}.amazonaws.com")
        yield from watches(stack, name, alarmed(stack, event))


@check("perimeter-changes-alarmed", good=AUDIT, bad=_without_match("routes"))
def perimeter_changes_are_alarmed(stack: Stack) -> Verdicts:
    """Each event that opens groups, routes, access lists or the firewall has an alarm."""
    yield from each_alarmed(stack, "ec2", "AuthorizeSecurityGroupIngress", "ModifySecurityGroupRules")
    yield from each_alarmed(stack, "ec2", "CreateRoute", "CreateNetworkAclEntry")
    yield from each_alarmed(stack, "wafv2", "UpdateIPSet", "DisassociateWebACL")


@check("rights-changes-alarmed", good=AUDIT, bad=_without_match("keys"))
def rights_changes_are_alarmed(stack: Stack) -> Verdicts:
    """Each event that grants rights, disables keys or stops detection has an alarm."""
    yield from each_alarmed(stack, "iam", "AttachRolePolicy", "CreateAccessKey")
    yield from each_alarmed(stack, "kms", "DisableKey", "ScheduleKeyDeletion")
    yield from each_alarmed(stack, "config", "StopConfigurationRecorder")
    yield from each_alarmed(stack, "guardduty", "DeleteDetector")


@check("token-reads-alarmed", good=AUDIT, bad=_without_match("reads"))
def token_reads_are_alarmed(stack: Stack) -> Verdicts:
    """An alarm counts reads of secrets' values."""
    yield from each_alarmed(stack, "secretsmanager", "GetSecretValue")


def falls(alarm: Resource) -> bool:
    """Whether the alarm watches for a value that is too low."""
    return str(read(alarm, "comparisonOperator")).startswith("LessThan")


_ARN = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:"
_BURN = plus(
    weaken(weaken(AUDIT, "alarm-401", "alarmActions", []), "alarm-403", "alarmActions", []),
    aws(
        "cloudwatch/compositeAlarm:CompositeAlarm",
        "burn",
        alarmName="burn",
        alarmRule='ALARM("alarm-401") AND ALARM(alarm-403)',
        actionsEnabled=True,
        alarmActions=["arn:topic-alarms"],
        alarmDescription="See https://wiki.example/burn",
    ),
)


@check(
    "alarms-reach-people",
    good=AUDIT,
    bad={
        "switched off": weaken(AUDIT, "alarm-401", "actionsEnabled", ABSENT),
        "a composite": weaken(_BURN, "burn", "alarmActions", []),
        "no part of it": weaken(_BURN, "burn", "alarmRule", 'ALARM("alarm-401")'),
    },
    also_good={"by a composite": _BURN},
)
def alarms_notify_a_topic(stack: Stack) -> Verdicts:
    """Each alarm is switched on, with a topic of this stack as its action; or it is part of one that is."""
    for alarm in stack.of_type(ALARM, COMPOSITE):
        told = notifies(stack, alarm) or any(notifies(stack, one) for one in wholes(stack, alarm))
        yield verdict(alarm.urn, told, "switched off, or its action leads to no topic of this stack")


@check(
    "alarms-reach-people",
    good=_BURN,
    bad={
        "a part is gone": without(_BURN, "alarm-403"),
        "of nothing": weaken(_BURN, "burn", "alarmRule", "FALSE"),
        "turned round": weaken(_BURN, "burn", "alarmRule", "ALARM(alarm-401) AND NOT ALARM(alarm-403)"),
        "by a part that is well": weaken(_BURN, "burn", "alarmRule", 'ALARM(alarm-401) AND OK("alarm-403")'),
        "never": weaken(_BURN, "burn", "alarmRule", "ALARM(alarm-401) AND FALSE"),
        "suppressed": weaken(_BURN, "burn", "actionsSuppressor", {"alarm": "alarm-401", "waitPeriod": 60}),
    },
    also_good={
        "by ARN": weaken(_BURN, "burn", "alarmRule", f'ALARM("{_ARN}alarm-401") OR ALARM({_ARN}alarm-403)'),
        "a name with NOT": weaken(
            weaken(_BURN, "alarm-403", "name", "NOT (OK)"), "burn", "alarmRule", 'ALARM("NOT (OK)")'
        ),
        "of another composite": plus(
            _BURN,
            aws("cloudwatch/compositeAlarm:CompositeAlarm", "all", alarmName="all", alarmRule="ALARM(burn)"),
        ),
    },
)
def composite_alarms_can_fire(stack: Stack) -> Verdicts:
    """What the rule names are alarms of this stack, at least one, and no other alarm silences it."""
    names = {read(alarm, "name") for alarm in stack.of_type(ALARM)}
    names |= {read(alarm, "alarmName") for alarm in stack.of_type(COMPOSITE)}
    for each in stack.of_type(COMPOSITE):
        parts = parts_of(each)
        live = bool(parts) and parts <= names and not silences(each)
        yield verdict(f"{each.urn}#alarmRule", live, "it is silenced, or names no alarm of this stack")


@check(
    "authentication-failures-alarmed",
    good=AUDIT,
    bad={"without a second factor": _without_match("sign-in"), "failed": _without_match("sign-in-failed")},
)
def sign_ins_of_people_are_alarmed(stack: Stack) -> Verdicts:
    """Security Hub CloudWatch.3 and CloudWatch.6: sign-ins without a second factor, and failed ones."""
    yield from watches(stack, "sign-ins without MFA", alarmed(stack, events.LOGIN_WITHOUT_MFA))
    yield from watches(stack, "failed sign-ins", alarmed(stack, events.LOGIN_FAILED))


@check(
    "refusals-alarmed",
    good=AUDIT,
    bad={"of AWS": _without_match("denied"), "of the limit": _without_match("throttled")},
)
def denied_calls_are_alarmed(stack: Stack) -> Verdicts:
    """Calls that AWS denied (Security Hub CloudWatch.2), and those above a partner's limit (429)."""
    yield from watches(stack, "calls that AWS denied", alarmed(stack, events.CALL_DENIED))
    yield from watches(stack, "429 answers", alarmed(stack, api_event(429)))


@check("rights-changes-alarmed", good=AUDIT, bad=_without_match("buckets"))
def bucket_policy_changes_are_alarmed(stack: Stack) -> Verdicts:
    """Security Hub CloudWatch.8: what opens or empties a bucket."""
    yield from each_alarmed(stack, "s3", "PutBucketPolicy", "DeleteBucketPolicy", "PutBucketReplication")


_CRASHES = plus(
    AUDIT,
    aws("lambda/function:Function", "fn-1", loggingConfig={"logGroup": "log-guard"}),
    aws(
        "cloudwatch/logMetricFilter:LogMetricFilter",
        "filter-crash",
        logGroupName="log-guard",
        pattern='{ $.message = "crash" }',
        metricTransformation={"name": "m-401", "namespace": "Rampart", "value": "1"},
    ),
)


@check(
    "server-errors-alarmed",
    good=_CRASHES,
    bad=weaken(_CRASHES, "filter-crash", "pattern", '{ $.eventName = "NoSuchEvent" }'),
)
def filters_of_functions_match_what_functions_log(stack: Stack) -> Verdicts:
    """A filter on the log group of a function matches a crash or an error, as the function logs it."""
    functions = stack.of_type("aws:lambda/function:Function")
    named = {read(function, "loggingConfig.logGroup") for function in functions}
    for each in stack.of_type(FILTER):
        if read(each, "logGroupName") in named:
            found = any(hits(each, event) for event in events.CRASHES)
            yield verdict(f"{each.urn}#pattern", found, "it matches nothing that a function logs")
