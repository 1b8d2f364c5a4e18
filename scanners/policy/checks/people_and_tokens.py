"""Checks of what people can do to tokens: hand over those that register, have the function do the rest."""

from __future__ import annotations

import json
import re
from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.administrators import READS_AND_CODE, bounded_by, bounds, never
from scanners.policy.checks.iam import ATTACHMENT, ROLE_POLICY, administrators
from scanners.policy.checks.policies import policies_of
from scanners.policy.checks.reading import attached, read, verdict
from scanners.policy.iam.conditions import Condition
from scanners.policy.iam.patterns import has_wildcard
from scanners.policy.iam.policy import Document
from scanners.policy.samples.data import policy
from scanners.policy.samples.identity import (
    ACCESS,
    AUDITED,
    SILENCING,
    TOKEN_WAYS,
    WATCHERS,
    all_but,
    people_boundary,
)
from scanners.policy.samples.sample_stack import weaken, without
from scanners.policy.stack import Stack

# What people may do to one kind of resource alone: the form of its ARN's end.
_BUT_FOR: Final = {
    # It makes exchanges for people, and tells them no token.
    "lambda:InvokeFunction": re.compile(r"function:rampart-[a-z0-9-]+-rotation"),
    # Certificates that authorities outside issue.
    "secretsmanager:PutSecretValue": re.compile(
        r"secret:rampart/[a-z0-9-]+/internal/((egress|service)-certificate-\?{6}|client-certificate/\*)"
    ),
}


def _only_there(rules: Document, action: str) -> bool:
    """Whether the boundary denies the action on everything but what it is meant for."""
    form = _BUT_FOR.get(action)
    elsewhere = [s for s in rules.denying if s.actions.covers(action) and not s.conditions]
    named = [s.named_resources for s in elsewhere if s.on_all_but_named]
    return form is not None and any(
        all(form.fullmatch(pattern.split(":", 5)[-1]) for pattern in there) for there in named
    )


def _elsewhere(action: str, *own: str) -> Stack:
    """People may do `action` to `own`, and to nothing else."""
    denied = tuple(one for one in TOKEN_WAYS if one != action)
    statements = json.loads(people_boundary(*SILENCING, *denied, *WATCHERS, read=(*AUDITED, action)))
    statements["Statement"].append({"Effect": "Deny", "Action": action, "NotResource": list(own)})
    return weaken(ACCESS, "people-boundary", "policy", json.dumps(statements))


_INVOKE, _PUT = _BUT_FOR
_FUNCTIONS: Final = "arn:aws:lambda:eu-central-1:111122223333:function"
_SECRETS: Final = "arn:aws:secretsmanager:eu-central-1:111122223333:secret"


@check(
    "tokens-kept-from-people",
    good=ACCESS,
    bad={
        "code": bounded_by(*all_but(TOKEN_WAYS, "lambda:UpdateFunctionCode"), *WATCHERS, read=READS_AND_CODE),
        "any function": bounded_by(*all_but(TOKEN_WAYS, _INVOKE), *WATCHERS, read=(*AUDITED, _INVOKE)),
        "another function": _elsewhere(_INVOKE, f"{_FUNCTIONS}:rampart-test-rotation", f"{_FUNCTIONS}:other"),
        "functions": _elsewhere(_INVOKE, f"{_FUNCTIONS}:rampart-*-rotation"),
        "a partner's secret": _elsewhere(_PUT, f"{_SECRETS}:rampart/test/volta/outbound-??????"),
        "every internal secret": _elsewhere(_PUT, f"{_SECRETS}:rampart/test/internal/*"),
    },
    also_good={
        "the rotation function": _elsewhere(_INVOKE, f"{_FUNCTIONS}:rampart-test-rotation"),
        "certificates": _elsewhere(
            _PUT,
            f"{_SECRETS}:rampart/test/internal/egress-certificate-??????",
            f"{_SECRETS}:rampart/test/internal/service-certificate-??????",
            f"{_SECRETS}:rampart/test/internal/client-certificate/*",
        ),
    },
)
def no_person_makes_a_program_read_tokens(stack: Stack) -> Verdicts:
    """People cannot change code, its signing, secrets or token records, or hand a role to a program.

    They may ask the rotation function for an exchange, and renew certificates that others issue.
    """
    for each, rules in bounds(stack):
        free = [a for a in TOKEN_WAYS if not never(rules, a) and not _only_there(rules, a)]
        yield verdict(f"{each.urn}#policy", not free, f"not denied: {', '.join(free)}")


_ANY_STAGE = {"Null": {"secretsmanager:VersionStage": "false"}}


@check(
    "tokens-kept-from-people",
    good=ACCESS,
    bad=bounded_by(*TOKEN_WAYS, *WATCHERS, read=("secretsmanager:*",), **_ANY_STAGE),
)
def people_read_registration_tokens_only(stack: Stack) -> Verdicts:
    """A read of a secret must ask for the stage of the token that only registers."""
    action = "secretsmanager:GetSecretValue"
    for each, rules in bounds(stack):
        denying = [s for s in rules.denying if s.covers(action, "*")]
        # A second condition would limit what is denied.
        asked = any([_asks_for_registration(c) for c in s.conditions] == [True] for s in denying)
        kept = never(rules, action) or asked
        yield verdict(f"{each.urn}#policy", kept, "people may read tokens that are in use")


def _asks_for_registration(condition: Condition) -> bool:
    """Whether it holds for every stage but that one, and for a read that asks for none."""
    stage = condition.key == "secretsmanager:versionstage" and condition.holds_without_key
    return stage and condition.operator == "stringnotequals" and condition.values == ("REGISTRATION",)


_OTHER_WAYS: Final = (
    ("secretsmanager:RotateSecret", "secretsmanager:rotationlambdaarn"),
    ("dynamodb:UpdateItem", "dynamodb:attributes"),
)


@check(
    "tokens-kept-from-people",
    good=ACCESS,
    bad={
        action: bounded_by(*TOKEN_WAYS, *WATCHERS, read=(*AUDITED, action))
        for action in ("secretsmanager:RotateSecret", "dynamodb:UpdateItem")
    },
    also_good={
        "limited": weaken(
            ACCESS,
            "people-boundary",
            "policy",
            policy(
                {"Effect": "Allow", "Action": [*AUDITED, "dynamodb:UpdateItem"], "Resource": "*"},
                {"Effect": "Deny", "Action": [*SILENCING, *TOKEN_WAYS, *WATCHERS], "Resource": "*"},
                {
                    "Effect": "Deny",
                    "Action": "dynamodb:UpdateItem",
                    "Resource": "*",
                    "Condition": {
                        "ForAnyValue:StringNotEquals": {"dynamodb:Attributes": ["digest", "state"]}
                    },
                },
            ),
        )
    },
)
def people_change_tokens_in_named_ways_only(stack: Stack) -> Verdicts:
    """Only our function rotates a secret, and of a token's record only what is named changes."""
    for each, rules in bounds(stack):
        free = [
            action
            for action, key in _OTHER_WAYS
            if not never(rules, action) and not _denied_but_for(rules, action, key)
        ]
        yield verdict(f"{each.urn}#policy", not free, f"not limited: {', '.join(free)}")


def _denied_but_for(rules: Document, action: str, key: str) -> bool:
    """Whether the action is denied with every value of the key but those that are named one by one."""
    denying = [s for s in rules.denying if s.covers(action, "*")]
    return any(_all_but_named(s.conditions, key) for s in denying)


def _all_but_named(conditions: tuple[Condition, ...], key: str) -> bool:
    """Another key, or all of several values that must be others, would limit what is denied."""
    named = [
        c.negated and c.quantifier != "forallvalues" and not any(map(has_wildcard, c.values))
        for c in conditions
        if not (c.operator == "null" and c.values == ("false",))
    ]
    return bool(named) and all(named) and {c.key for c in conditions} == {key}


_WIDE: Final = ("AdministratorAccess", "PowerUserAccess")
_READ: Final = "secretsmanager:GetSecretValue"
# What the boundary leaves to one duty, and how tokens are read.
_ONE_DUTYS: Final = (_READ, *_BUT_FOR)


def _power_user(*denied: str, **condition: object) -> Stack:
    """The sample, in which the policy of the administrator of almost everything denies this."""
    rule = {"Effect": "Deny", "Action": list(denied), "Resource": "*", **condition}
    return weaken(ACCESS, "policy-admin", "policy", policy(rule))


@check(
    "tokens-kept-from-people",
    good=_power_user(*_ONE_DUTYS),
    bad={
        "tokens": _power_user(*_BUT_FOR),
        "exchanges": _power_user(_READ, _PUT),
        "certificates": _power_user(_READ, _INVOKE),
        "at times": _power_user(*_ONE_DUTYS, Condition={"Bool": {"aws:ViaAWSService": "true"}}),
        "no policy of its own": without(_power_user(*_ONE_DUTYS), "policy-admin"),
    },
)
def who_may_do_almost_all_reads_no_token(stack: Stack) -> Verdicts:
    """A role of people with a policy of AWS for almost everything denies itself what is another duty's."""
    for role, _ in administrators(stack):
        given = [str(read(each, "policyArn")) for each in attached(stack, role, ATTACHMENT, "role")]
        if any(arn.endswith(_WIDE) for arn in given):
            own = policies_of(attached(stack, role, ROLE_POLICY, "role"))
            free = [action for action in _ONE_DUTYS if not own.denies(action, "*")]
            yield verdict(f"{role.urn}#policy", not free, f"may {', '.join(free)}")
