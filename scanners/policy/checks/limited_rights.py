"""Checks of the conditions that narrow rights: regions, stages of secrets, and what is for every resource.

Sources: IAM User Guide, "Permissions boundaries" and "AWS global condition context keys"
(aws:RequestedRegion);
Secrets Manager User Guide, "IAM policies: limit access to secret versions" (secretsmanager:VersionStage).
"""

from __future__ import annotations

from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.iam import ROLE, ROLE_POLICY, administrators, boundaries
from scanners.policy.checks.policies import policy_at
from scanners.policy.checks.reading import attached, verdict
from scanners.policy.iam.conditions import Condition
from scanners.policy.iam.patterns import account_of, is_everything
from scanners.policy.iam.policy import Statement
from scanners.policy.samples.data import policy
from scanners.policy.samples.identity import ACCESS, SILENCING, trust
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import Stack

_LIMITS: Final = ("aws:requestedregion", "aws:resourceaccount")
_ANYWHERE = policy(
    {"Effect": "Allow", "Action": ["logs:*", "s3:*"], "Resource": "*"},
    {"Effect": "Deny", "Action": list(SILENCING), "Resource": "*"},
)


@check(
    "administrators-bounded",
    good=ACCESS,
    bad={
        "anywhere": weaken(ACCESS, "boundary", "policy", _ANYWHERE),
        "limited by something else": weaken(
            ACCESS,
            "boundary",
            "policy",
            policy(
                {
                    "Effect": "Allow",
                    "Action": "s3:*",
                    "Resource": "*",
                    "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}},
                }
            ),
        ),
    },
)
def boundaries_stay_in_named_regions(stack: Stack) -> Verdicts:
    """What a boundary lets through as a whole service, it lets through in named regions only."""
    for each in boundaries(stack):
        loose = [
            rule for rule in policy_at(each, "policy").allowing if _is_whole(rule) and not _limited(rule)
        ]
        yield verdict(f"{each.urn}#policy", not loose, "lets whole services through in every region")


def _is_whole(rule: Statement) -> bool:
    return any(action.endswith(":*") for action in rule.actions.patterns)


def _limited(rule: Statement) -> bool:
    return any(condition.key in _LIMITS and _names(condition) for condition in rule.conditions)


def _names(condition: Condition) -> bool:
    """Whether it demands one of some values, none of which is any value."""
    demands = condition.operator.startswith("string") and not condition.negated
    return demands and not condition.holds_without_key and not any(map(is_everything, condition.values))


def _granting(action: str, **condition: Any) -> str:
    rule = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return policy({**rule, **({"Condition": condition} if condition else {})})


_IN_REGION: Final = {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}


@check(
    "no-star-on-star",
    good=weaken(ACCESS, "policy-guard", "policy", _granting("ecr:GetAuthorizationToken", **_IN_REGION)),
    bad=weaken(ACCESS, "policy-guard", "policy", _granting("ecr:GetAuthorizationToken")),
    unverifiable={
        "unnamed": weaken(
            ACCESS, "policy-guard", "policy", policy({"Effect": "Allow", "Action": "s3:GetObject"})
        ),
    },
)
def what_is_for_every_resource_is_limited(stack: Stack) -> Verdicts:
    """A right that AWS takes on every resource only has a condition instead, such as the region."""
    for each in stack.of_type(ROLE_POLICY):
        rules = policy_at(each, "policy").allowing
        if not rules:
            continue
        loose = any(_is_unlimited(rule) for rule in rules)
        yield verdict(f"{each.urn}#policy", not loose, "a right on every resource, without a condition")


def _is_unlimited(rule: Statement) -> bool:
    """An ARN of everything in one account and region is limited by those."""
    named = [is_everything(name) and not account_of(name) for name in rule.named_resources]
    return not rule.conditions and any(named)


_SECRET: Final = "secretsmanager:GetSecretValue"  # noqa: S105  (an action, not a secret)
_STAGE: Final = {"StringEquals": {"secretsmanager:VersionStage": "REGISTRATION"}}
_CONTEXT: Final = {"StringLike": {"kms:EncryptionContext:SecretARN": "arn:aws:secretsmanager:eu:1:secret:x"}}


def _operator(action: str, **condition: Any) -> Stack:
    rule = {"Effect": "Allow", "Action": action, "Resource": "arn:x"}
    written = policy({**rule, **({"Condition": condition} if condition else {})})
    return weaken(ACCESS, "policy-operator", "policy", written)


@check(
    "tokens-kept-from-people",
    good=_operator(_SECRET, **_STAGE),
    bad={
        "every stage": _operator(_SECRET),
        "limited by something else": _operator(_SECRET, **_IN_REGION),
        "another stage": _operator(
            _SECRET, StringEquals={"secretsmanager:VersionStage": ["REGISTRATION", "AWSCURRENT"]}
        ),
        "whatever is encrypted": _operator("kms:Decrypt"),
    },
    also_good={"for the secrets": _operator("kms:Decrypt", **_CONTEXT)},
)
def people_are_granted_registration_tokens_only(stack: Stack) -> Verdicts:
    """A person's own policy reads a secret in that stage alone, and decrypts for named secrets alone."""
    for role, _ in administrators(stack):
        for each in attached(stack, role, ROLE_POLICY, "role"):
            rules = policy_at(each, "policy").allowing
            reading = [rule for rule in rules if rule.actions.covers(_SECRET)]
            opening = [rule for rule in rules if rule.actions.covers("kms:Decrypt")]
            kept = all(any(map(_asks_for_registration, rule.conditions)) for rule in reading)
            named = all(any(c.is_chosen_by_caller for c in rule.conditions) for rule in opening)
            yield verdict(f"{each.urn}#policy", kept and named, "may read tokens that are in use")


def _asks_for_registration(condition: Condition) -> bool:
    stage = condition.key == "secretsmanager:versionstage" and condition.operator == "stringequals"
    return stage and condition.values == ("REGISTRATION",)


_PROVIDER: Final = "arn:aws:iam::111122223333:oidc-provider/token.actions.example"
_SUBJECT: Final = {"token.actions.example:sub": "repo:ocpi/program:ref:refs/heads/main"}


def _federated(provider: str = _PROVIDER, **condition: Any) -> Stack:
    return weaken(ACCESS, "role-guard", "assumeRolePolicy", trust({"Federated": provider}, **condition))


@check(
    "trust-names-principals",
    good=_federated(StringEquals=_SUBJECT),
    bad={
        "no subject": _federated(),
        "the audience alone": _federated(StringEquals={"token.actions.example:aud": "sts.amazonaws.com"}),
        "any subject": _federated(StringLike={"token.actions.example:sub": "*"}),
        "if there is one": _federated(StringEqualsIfExists=_SUBJECT),
        "all but one": _federated(StringNotEquals=_SUBJECT),
    },
    unverifiable={
        "nobody": weaken(
            ACCESS,
            "role-guard",
            "assumeRolePolicy",
            policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}),
        ),
    },
    also_good={
        "a part of a subject": _federated(StringLike={"token.actions.example:sub": "repo:ocpi/program:*"}),
        "SAML": _federated(
            "arn:aws:iam::111122223333:saml-provider/people",
            StringEquals={"SAML:aud": "https://signin.aws.amazon.com/saml"},
        ),
    },
)
def federated_principals_name_their_subject(stack: Stack) -> Verdicts:
    """Everybody at a public identity provider has a token: `sub` says whose is taken (IAM, OIDC)."""
    for role in stack.of_type(ROLE):
        for rule in policy_at(role, "assumeRolePolicy").allowing:
            if rule.principals.of_type("Federated"):
                named = any(map(_names_subject, rule.conditions))
                problem = "any subject of the identity provider may take the role"
                yield verdict(f"{role.urn}#assumeRolePolicy", named, problem)


def _names_subject(condition: Condition) -> bool:
    whose = condition.key.endswith((":sub", "saml:aud", "saml:sub"))
    certain = not (condition.negated or condition.if_exists or condition.quantifier == "forallvalues")
    return whose and certain and not any(set(value) <= set("*?:") for value in condition.values)
