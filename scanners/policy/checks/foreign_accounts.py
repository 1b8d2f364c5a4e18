"""Checks that no other account is admitted: to stores, by roles, or as the place where logs go.

Sources: IAM User Guide, "AWS JSON policy elements: Principal" and "Cross-account policy evaluation logic";
AWS Lambda Developer Guide, "Granting function access to AWS services".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.eventbridge import EVENTS
from scanners.policy.checks.lambda_functions import FUNCTION
from scanners.policy.checks.policies import limited_to_owners, own_accounts, policy_at
from scanners.policy.checks.reading import points_at, read, tag, verdict
from scanners.policy.checks.s3 import BUCKET
from scanners.policy.iam.patterns import account_of
from scanners.policy.iam.policy import Statement
from scanners.policy.samples.compute import WORKLOAD
from scanners.policy.samples.data import DATA, policy
from scanners.policy.samples.identity import ACCESS, trust
from scanners.policy.samples.observability import AUDIT
from scanners.policy.samples.sample_stack import ABSENT, weaken, without
from scanners.policy.stack import Resource, Stack

_POLICIES: Final[Mapping[str, str]] = {
    "aws:kms/key:Key": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
}
_ROLE: Final = "aws:iam/role:Role"
_TRAIL: Final = "aws:cloudtrail/trail:Trail"
_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_ACCOUNT: Final = re.compile(r"[0-9]{12}")


def strangers(stack: Stack, statement: Statement, where: str) -> list[str]:
    """The AWS principals of an Allow that are not certainly of this account. Raises Unverifiable."""
    named = statement.principals.of_type("AWS")
    ours = own_accounts(stack)
    if named and not ours:
        raise Unverifiable(where, "the account of the stack is not known, so its policies cannot be judged")
    found = [name for name in named if _account(name) not in ours]
    # A condition may narrow "*"; an account that is named was meant.
    limited = set(found) == {"*"} and limited_to_owners(stack, statement, where)
    return [] if limited else found


def _account(principal: str) -> str:
    return principal if _ACCOUNT.fullmatch(principal) else account_of(principal)


def _for_anybody(stack: Stack, statement: Statement, where: str) -> list[str]:
    """The services of an Allow that may act for another account. Raises Unverifiable.

    EventBridge publishes to a topic under no condition or not at all, and to one of another account by a role
    (EventBridge User Guide, "Amazon SNS permissions" and "Sending events to a target in another account").
    """
    publishes = statement.actions.patterns == ("sns:Publish",) and not statement.actions.inverted
    known = (EVENTS,) if publishes else ()
    services = [name for name in statement.principals.of_type("Service") if name not in known]
    return [] if not services or limited_to_owners(stack, statement, where) else services


def _read_by(principal: object) -> str:
    return policy({"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"})


_FOREIGN = {"AWS": "arn:aws:iam::999999999999:root"}
_OWN = {"AWS": ["arn:aws:iam::111122223333:role/reader", "111122223333"]}


@check(
    "stores-closed-to-foreign-accounts",
    good=DATA,
    bad={
        "a foreign account's root": weaken(DATA, "kms-data", "policy", _read_by(_FOREIGN)),
        "its number": weaken(DATA, "kms-data", "policy", _read_by({"AWS": "999999999999"})),
        "any account": weaken(DATA, "kms-data", "policy", _read_by({"AWS": "arn:aws:iam::*:role/x"})),
        "a secret": weaken(DATA, "secret-policy-volta-inbound", "policy", _read_by(_FOREIGN)),
        "a bucket": weaken(AUDIT, "policy-audit", "policy", _read_by(_FOREIGN)),
        "a topic": weaken(AUDIT, "topic-policy-alarms", "policy", _read_by(_FOREIGN)),
        "a service for anybody": weaken(
            AUDIT, "policy-audit", "policy", _read_by({"Service": "logging.s3.amazonaws.com"})
        ),
        "a topic's every action, for EventBridge": weaken(
            AUDIT, "topic-policy-alarms", "policy", _read_by({"Service": EVENTS})
        ),
        "all but publishing, for EventBridge": weaken(
            AUDIT,
            "topic-policy-alarms",
            "policy",
            _read_by({"Service": EVENTS}).replace('"Action": "*"', '"NotAction": "sns:Publish"'),
        ),
        "a queue": weaken(AUDIT, "queue-policy", "policy", _read_by(_FOREIGN)),
    },
    also_good={"our own": weaken(DATA, "kms-data", "policy", _read_by(_OWN))},
    unverifiable={"no account is known": without(DATA, "everything")},
)
def stores_admit_no_foreign_account(stack: Stack) -> Verdicts:
    """No policy of a key, bucket, secret, topic, queue or log group allows another account anything."""
    for each in stack.of_type(*_POLICIES):
        path = _POLICIES[each.type]
        where = f"{each.urn}#{path}"
        written = policy_at(each, path)
        rules = written.allowing
        found = [s for rule in rules for s in strangers(stack, rule, where)]
        if each.type != "aws:kms/key:Key":  # of keys another check asks
            found += [s for rule in rules for s in _for_anybody(stack, rule, where)]
        problem = f"admits {', '.join(found)}" if found else "no policy is written"
        yield verdict(where, bool(written.statements) and not found, problem)


_TAKEN_FROM_OUTSIDE = trust(_FOREIGN)


@check(
    "trust-names-principals",
    good=ACCESS,
    bad=weaken(ACCESS, "role-guard", "assumeRolePolicy", _TAKEN_FROM_OUTSIDE),
)
def workloads_roles_are_taken_from_this_account(stack: Stack) -> Verdicts:
    """Administrators may come from an account of identities, with a second factor; nobody else may."""
    for role in stack.of_type(_ROLE):
        where = f"{role.urn}#assumeRolePolicy"
        if not tag(role, "rampart:duty"):
            rules = policy_at(role, "assumeRolePolicy").allowing
            found = [name for rule in rules for name in strangers(stack, rule, where)]
            problem = (
                f"may be taken by {', '.join(found)}" if found else "it says of nobody that they may take it"
            )
            yield verdict(where, bool(rules) and not found, problem)


@check(
    "functions-called-by-owners-only",
    good=WORKLOAD,
    bad={
        "for a foreign account": weaken(WORKLOAD, "fn-rotation-call", "sourceAccount", "999999999999"),
        "by a foreign account": weaken(WORKLOAD, "fn-rotation-call", "principal", "999999999999"),
        "more than to invoke": weaken(WORKLOAD, "fn-rotation-call", "action", "lambda:*"),
    },
    also_good={"by an ARN alone": weaken(WORKLOAD, "fn-rotation-call", "sourceAccount", ABSENT)},
    unverifiable={"no account is known": without(WORKLOAD, "everything")},
)
def functions_are_invoked_for_this_account(stack: Stack) -> Verdicts:
    """A permission is to invoke, for this account, and admits a service or this account."""
    ours = own_accounts(stack)
    for permission in stack.of_type("aws:lambda/permission:Permission"):
        named = [str(read(permission, n) or "") for n in ("sourceAccount", "principal", "sourceArn")]
        accounts = {account for name in named if (account := _account(name)).isdecimal()}
        if accounts and not ours:
            raise Unverifiable(permission.urn, "the account of the stack is not known")
        own = accounts <= ours and read(permission, "action") == "lambda:InvokeFunction"
        yield verdict(permission.urn, own, "may do more than invoke, or is for another account")


@check(
    "trail-unalterable",
    good=AUDIT,
    bad={
        "bucket": weaken(AUDIT, "trail-1", "s3BucketName", "elsewhere"),
        "log group": weaken(AUDIT, "trail-1", "cloudWatchLogsGroupArn", "arn:elsewhere:*"),
    },
)
def trails_are_kept_in_this_stack(stack: Stack) -> Verdicts:
    """The bucket and the log group of each trail are this stack's."""
    for trail in stack.of_type(_TRAIL):
        for name, kind in (("s3BucketName", BUCKET), ("cloudWatchLogsGroupArn", _GROUP)):
            ours = any(_leads_to(trail, name, each) for each in stack.of_type(kind))
            yield verdict(f"{trail.urn}#{name}", ours, f"{name} is not of this stack")


def _leads_to(trail: Resource, name: str, target: Resource) -> bool:
    """Log groups are named with `:*` behind their ARN."""
    if points_at(trail, name, target):
        return True
    arn = target.outputs.get("arn")
    if arn is None:
        raise Unverifiable(f"{trail.urn}#{name}", "the ARN of what it leads to is not known")
    return bool(read(trail, name) == f"{arn}:*")


@check(
    "secrets-rotate-monthly",
    good=DATA,
    bad=weaken(
        DATA,
        "rotation-volta-inbound",
        "rotationLambdaArn",
        "arn:aws:lambda:eu-central-1:999999999999:function:theirs",
    ),
)
def secrets_are_rotated_by_a_function_of_this_account(stack: Stack) -> Verdicts:
    """Who rotates a secret reads it: the function is this stack's, or of this account."""
    ours = own_accounts(stack)
    for each in stack.of_type("aws:secretsmanager/secretRotation:SecretRotation"):
        own = any(points_at(each, "rotationLambdaArn", function) for function in stack.of_type(FUNCTION))
        where = f"{each.urn}#rotationLambdaArn"
        account = account_of(str(read(each, "rotationLambdaArn")))
        if account and not ours:
            raise Unverifiable(where, "the account of the stack is not known")
        near = own or account in ours
        yield verdict(where, near, "no function of this account rotates the secret")


_ANY_SERVICE = {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "*",
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}},
}
_NOBODY = {"Effect": "Allow", "Action": "*"}
_OUR_PRINCIPALS = {**_ANY_SERVICE, "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}


@check(
    "stores-closed-to-foreign-accounts",
    good=AUDIT,
    bad={
        "a bucket": weaken(AUDIT, "policy-audit", "policy", policy(_ANY_SERVICE)),
        "a key": weaken(AUDIT, "kms-messages", "policy", policy(_ANY_SERVICE)),
    },
    also_good={"our own": weaken(AUDIT, "policy-audit", "policy", policy(_OUR_PRINCIPALS))},
    unverifiable={"nobody": weaken(AUDIT, "policy-audit", "policy", policy({**_NOBODY, "Resource": "*"}))},
)
def services_are_named(stack: Stack) -> Verdicts:
    """`*` that is limited only by for whom a service acts admits every service: each is named instead."""
    for each in stack.of_type(*_POLICIES):
        path = _POLICIES[each.type]
        rules = policy_at(each, path).allowing
        if not rules:
            continue
        nameless = any(_admits_any_service(rule) for rule in rules)
        yield verdict(f"{each.urn}#{path}", not nameless, "any service may act, as long as it is for us")


def _admits_any_service(rule: Statement) -> bool:
    named = any(condition.key.startswith("aws:principal") for condition in rule.conditions)
    return rule.principals.open_ended and not named
