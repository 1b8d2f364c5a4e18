"""Checks that what resources lead to is this account's, and that what keeps records cannot be emptied.

Sources: Amazon S3 User Guide, "Using S3 Object Lock" and "Replicating objects"; Secrets Manager User Guide,
"Delete a secret"; ECS Developer Guide, "Task definition parameters" (pidMode, ipcMode).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.ecs import TASK
from scanners.policy.checks.load_balancing import BALANCER
from scanners.policy.checks.policies import own_accounts
from scanners.policy.checks.reading import attached, items, must_be, number, points_at, read, strings, verdict
from scanners.policy.checks.s3 import BUCKET
from scanners.policy.iam.patterns import account_of
from scanners.policy.samples.compute import WORKLOAD
from scanners.policy.samples.data import DATA
from scanners.policy.samples.edge import EDGE
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken, without
from scanners.policy.stack import Stack

# Judged as policies, or names another account on purpose (an administrator's source, an image).
_JUDGED_ELSEWHERE: Final = frozenset(
    {"policy", "assumeRolePolicy", "policyDocument", "body", "containerDefinitions", "inlinePolicies", "tags"}
)
_FOREIGN = "arn:aws:elasticloadbalancing:eu-central-1:999999999999:targetgroup/theirs/1"


@check(
    "nothing-leads-to-foreign-accounts",
    good=weaken(EDGE, "waf-stage", "webAclArn", _FOREIGN.replace("999999999999", "111122223333")),
    bad=weaken(EDGE, "nlb-tls", "defaultActions", [{"type": "forward", "targetGroupArn": _FOREIGN}]),
    unverifiable={
        "no account is known": without(weaken(EDGE, "waf-stage", "webAclArn", _FOREIGN), "everything")
    },
)
def no_property_names_another_account(stack: Stack) -> Verdicts:
    """Targets, roles, keys and destinations are not in another account, as their ARNs say."""
    ours = own_accounts(stack)
    for resource in stack.resources:
        if resource.external or not resource.type.startswith("aws:"):
            continue
        values = [value for name, value in resource.inputs.items() if name not in _JUDGED_ELSEWHERE]
        accounts = {a for text in strings(values) if (a := account_of(text)).isdecimal()}
        if accounts and not ours:
            raise Unverifiable(resource.urn, "the account of the stack is not known")
        problem = f"leads to account {', '.join(sorted(accounts - ours))}"
        if accounts:
            yield verdict(resource.urn, accounts <= ours, problem)


@check("trail-unalterable", good=AUDIT, bad=weaken(AUDIT, "audit", "forceDestroy", True))
def buckets_are_not_emptied_when_destroyed(stack: Stack) -> Verdicts:
    """`forceDestroy` empties a bucket, with its versions, when the stack is destroyed."""
    yield from must_be(stack.of_type(BUCKET), "forceDestroy", False)


_MINUTE: Final = 60  # seconds
_YEAR: Final = 365  # days
_TARGETS: Final = "aws:lb/targetGroup:TargetGroup"
_DAYS: Final = "rule.defaultRetention.days"


@check(
    "trail-unalterable",
    good=AUDIT,
    bad={
        "no lock": without(AUDIT, "lock-audit"),
        "a weaker mode": weaken(AUDIT, "lock-audit", "rule.defaultRetention.mode", "GOVERNANCE"),
        "days": weaken(AUDIT, "lock-audit", _DAYS, 1),
        "no days": weaken(AUDIT, "lock-audit", _DAYS, ABSENT),
        "off": weaken(AUDIT, "lock-audit", "objectLockEnabled", "Disabled"),
        "not for the bucket": weaken(AUDIT, "audit", "objectLockEnabled", False),
        "expired before": weaken(AUDIT, "expiry-audit", "rules.0.expiration.days", 1),
        "expired at a date": weaken(AUDIT, "expiry-audit", "rules.0.expiration", {"date": "2030-01-01"}),
    },
    also_good={
        "years": weaken(AUDIT, "lock-audit", "rule.defaultRetention", {"mode": "COMPLIANCE", "years": 2})
    },
)
def the_trail_is_locked_for_a_year(stack: Stack) -> Verdicts:
    """The bucket of a trail is locked in compliance mode for a year, and keeps what it has for as long."""
    for trail in stack.of_type("aws:cloudtrail/trail:Trail"):
        for bucket in [b for b in stack.of_type(BUCKET) if points_at(trail, "s3BucketName", b)]:
            kind = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
            locks = attached(stack, bucket, kind, "bucket")
            locked = any(
                read(lock, "rule.defaultRetention.mode") == "COMPLIANCE"
                and read(lock, "objectLockEnabled") in (None, "Enabled")
                and (
                    (number(lock, _DAYS) or 0) >= _YEAR
                    or (number(lock, "rule.defaultRetention.years") or 0) >= 1
                )
                for lock in locks
            )
            on = locked and read(bucket, "objectLockEnabled") is True
            yield verdict(bucket.urn, on, "not locked in compliance mode for a year")
            kind = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
            rules = (
                rule for each in attached(stack, bucket, kind, "bucket") for rule in items(each, "rules")
            )
            late = all(_is_late(rule["expiration"]) for rule in rules if rule.get("expiration"))
            yield verdict(f"{bucket.urn}#rules", late, "it expires within a year")


def _is_late(expiration: Mapping[str, Any]) -> bool:
    """Whether objects stay for a year: a date comes for the new ones too; a delete marker is no object."""
    return not expiration.get("date") and float(expiration.get("days") or _YEAR) >= _YEAR


@check(
    "secrets-closed-to-strangers",
    good=DATA,
    bad=weaken(DATA, "secret-volta-inbound", "recoveryWindowInDays", 0),
)
def deleted_secrets_can_be_brought_back(stack: Stack) -> Verdicts:
    """A deleted secret waits for a week at least."""
    for secret in stack.of_type("aws:secretsmanager/secret:Secret"):
        days = number(secret, "recoveryWindowInDays")
        where = f"{secret.urn}#recoveryWindowInDays"
        yield verdict(where, days is not None and days >= 7, "a deleted secret is gone at once")


@check(
    "workloads-confined",
    good=WORKLOAD,
    bad={
        "pidMode": weaken(WORKLOAD, "task-guard", "pidMode", "task"),
        "ipcMode": weaken(WORKLOAD, "task-guard", "ipcMode", "task"),
        "faults": weaken(WORKLOAD, "task-guard", "enableFaultInjection", True),
    },
)
def containers_share_no_processes(stack: Stack) -> Verdicts:
    """Containers of a task see neither each other's processes nor memory, and nobody injects faults."""
    for task in stack.of_type(TASK):
        apart = read(task, "pidMode") is None and read(task, "ipcMode") is None
        calm = read(task, "enableFaultInjection") is False
        yield verdict(
            task.urn, apart and calm, "pidMode or ipcMode is written, or enableFaultInjection not as false"
        )


@check(
    "keys-guarded",
    good=DATA,
    bad={
        "disabled": weaken(DATA, "kms-data", "isEnabled", False),
        "may lock us out": weaken(DATA, "kms-data", "bypassPolicyLockoutSafetyCheck", True),
    },
)
def keys_stay_usable(stack: Stack) -> Verdicts:
    """What lies under a disabled key, or one that nobody may administer, cannot be read any more."""
    for key in stack.of_type("aws:kms/key:Key"):
        checked = read(key, "bypassPolicyLockoutSafetyCheck") in (None, False)
        usable = read(key, "isEnabled") is True and checked
        yield verdict(key.urn, usable, "disabled, or made without KMS's check against locking us out")


@check(
    "inner-listeners-encrypt",
    good=EDGE,
    bad={
        "plaintext": weaken(EDGE, "targets-guard", "protocol", "TCP"),
        "unwatched": weaken(EDGE, "targets-guard", "healthCheck.enabled", False),
        "seldom watched": weaken(EDGE, "targets-guard", "healthCheck.interval", 300),
        "another load balancer": weaken(EDGE, "targets-guard", "targetType", "alb"),
        "another port": plus(
            EDGE,
            aws(
                "ecs/service:Service",
                "ecs-1",
                loadBalancers=[{"targetGroupArn": "arn:targets-guard", "containerPort": 80}],
            ),
        ),
    },
)
def target_groups_encrypt(stack: Stack) -> Verdicts:
    """The load balancer speaks TLS to its targets, and looks after their health."""
    for group in stack.of_type(_TARGETS):
        encrypted = read(group, "protocol") in ("TLS", "HTTPS")
        often = (number(group, "healthCheck.interval") or 30) <= _MINUTE
        watched = read(group, "healthCheck.enabled") is not False and often
        yield verdict(group.urn, encrypted and watched, "plaintext to the targets, or no health check")
        direct = read(group, "targetType") == "ip"
        yield verdict(f"{group.urn}#targetType", direct, "its targets are not the tasks themselves")
    for service in stack.of_type("aws:ecs/service:Service"):
        for led in items(service, "loadBalancers"):
            groups = [g for g in stack.of_type(_TARGETS) if points_at(service, "loadBalancers", g)]
            ports = {read(group, "port") for group in groups}
            right = ports == {led.get("containerPort")} - {None}
            yield verdict(f"{service.urn}#loadBalancers", right, "its container listens on another port")


@check("guard-behind-private-link", good=EDGE, bad=weaken(EDGE, "nlb-1", "securityGroups", []))
def load_balancers_have_security_groups(stack: Stack) -> Verdicts:
    """A network load balancer without a security group takes from any address that reaches it."""
    for balancer in stack.of_type(BALANCER):
        yield verdict(
            f"{balancer.urn}#securityGroups", bool(items(balancer, "securityGroups")), "no security group"
        )


@check("data-under-own-keys", good=EDGE, bad=weaken(EDGE, "usage-volta", "type", "String"))
def parameters_are_encrypted(stack: Stack) -> Verdicts:
    """Parameters that the stack writes are SecureString."""
    yield from must_be(stack.of_type("aws:ssm/parameter:Parameter"), "type", "SecureString")


@check(
    "certificate-keys-declared",
    good=EDGE,
    bad={
        "weak key": weaken(EDGE, "cert-1", "keyAlgorithm", "RSA_1024"),
        "exportable": weaken(EDGE, "cert-1", "options", {"export": "ENABLED"}),
    },
)
def certificates_stay_with_strong_keys(stack: Stack) -> Verdicts:
    """Keys have 2,048 bits of RSA or an elliptic curve, and never leave ACM."""
    for certificate in stack.of_type("aws:acm/certificate:Certificate"):
        strong = read(certificate, "keyAlgorithm") not in (None, "RSA_1024")
        kept = read(certificate, "options.export") in (None, "DISABLED")
        yield verdict(certificate.urn, strong and kept, "a key of 1,024 bits, or one that can be exported")
