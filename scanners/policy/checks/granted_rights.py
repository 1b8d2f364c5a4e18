"""Checks of what roles are granted beside their inline policies: attachments, whole services, sessions.

Sources: IAM User Guide, "Security best practices in IAM" (least privilege); AWS Managed Policy Reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.iam import ATTACHED, POLICY, ROLE, WRITTEN
from scanners.policy.checks.policies import inline_policies_of, own_accounts, policy_at
from scanners.policy.checks.reading import items, number, points_at, read, tag, verdict
from scanners.policy.iam.patterns import account_of, covers
from scanners.policy.iam.policy import Statement
from scanners.policy.samples.data import policy
from scanners.policy.samples.identity import ACCESS, SILENCING
from scanners.policy.samples.sample_stack import aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack

# AWS's managed policies that hand out a service as a whole, by what is in their names.
_BROAD: Final = re.compile(r"FullAccess|Administrator|PowerUser|ReadWrite|Admin$")
_AWS: Final = "arn:aws:iam::aws:policy/"
_HOUR: Final = 3600  # seconds
_OURS = "arn:aws:iam::111122223333:policy/ours"


def _granting(action: str, resource: str = "arn:aws:s3:::one/*") -> str:
    return policy({"Effect": "Allow", "Action": action, "Resource": resource})


@check(
    "no-star-on-star",
    good=ACCESS,
    bad={
        "a whole service": weaken(ACCESS, "policy-guard", "policy", _granting("s3:*")),
        "keys of users": weaken(ACCESS, "policy-guard", "policy", _granting("iam:CreateAccessKey", "*")),
        "any role to a service": weaken(ACCESS, "policy-guard", "policy", _granting("iam:PassRole", "*")),
        "any role of any account": weaken(ACCESS, "policy-guard", "policy", _granting("sts:AssumeRole", "*")),
        "of a user": plus(
            ACCESS, aws("iam/userPolicy:UserPolicy", "of-ada", user="ada", policy=_granting("s3:*"))
        ),
        "of a group": plus(
            ACCESS, aws("iam/groupPolicy:GroupPolicy", "of-all", group="all", policy=_granting("*", "*"))
        ),
        "every secret": weaken(
            ACCESS, "policy-guard", "policy", _granting("secretsmanager:GetSecretValue", "*")
        ),
    },
    also_good={"a named role": weaken(ACCESS, "policy-guard", "policy", _granting("iam:PassRole"))},
)
def no_policy_grants_a_whole_service(stack: Stack) -> Verdicts:
    """No `service:*`; on every resource, nothing that leads to more rights."""
    boundaries = [p for p in stack.of_type(POLICY) if _bounds(stack, p)]
    for each in stack.of_type(*WRITTEN):
        if each not in boundaries:
            rules = policy_at(each, "policy")
            wide = [action for rule in rules.allowing for action in wide_actions(rule)]
            problem = f"grants {', '.join(wide)}" if wide else "no policy is written"
            yield verdict(f"{each.urn}#policy", bool(rules.statements) and not wide, problem)


# Actions that AWS takes on every resource only, or that read no data (Service Authorization Reference);
# and the one for which Lambda asks every resource ("Giving Lambda functions access to resources in a VPC").
_UNSCOPED: Final = re.compile(
    r"(?i)^(\w+:(Describe|List)\w*\*?|ecr:GetAuthorizationToken|xray:Put\w+|cloudwatch:PutMetricData"
    r"|logs:(GetQueryResults|StopQuery)|ec2:DeleteNetworkInterface)$"
)


def _bounds(stack: Stack, each: Resource) -> bool:
    return any(points_at(role, "permissionsBoundary", each) for role in stack.of_type(ROLE))


def wide_actions(rule: Statement) -> list[str]:
    """What a statement grants that is a whole service, or leads to more rights on every resource."""
    whole = [a for a in rule.actions.patterns if covers(a.partition(":")[2] or a, "*")]
    leading = [a for a in rule.actions.patterns if rule.on_every_resource and not _UNSCOPED.match(a)]
    return whole + [action for action in leading if action not in whole]


@check(
    "no-star-on-star",
    good=ACCESS,
    bad={
        "full access": weaken(ACCESS, "attach-operator", "policyArn", f"{_AWS}AmazonS3FullAccess"),
        "not an admin": weaken(ACCESS, "attach-operator", "policyArn", f"{_AWS}PowerUserAccess"),
        "foreign": weaken(ACCESS, "attach-operator", "policyArn", "arn:aws:iam::999999999999:policy/x"),
        "unwritten": weaken(ACCESS, "attach-operator", "policyArn", ""),
        "a job": weaken(ACCESS, "attach-operator", "policyArn", f"{_AWS}job-function/SystemAdministrator"),
        "of a user": plus(
            ACCESS,
            aws("iam/userPolicyAttachment:UserPolicyAttachment", "of-ada", policyArn=f"{_AWS}IAMFullAccess"),
        ),
        "in the role": weaken(ACCESS, "role-guard", "managedPolicyArns", [f"{_AWS}AdministratorAccess"]),
    },
    unverifiable={
        "no account is known": without(
            weaken(ACCESS, "attach-operator", "policyArn", "arn:aws:iam::999999999999:policy/x"), "everything"
        ),
        "ours, but not of this stack": weaken(
            ACCESS, "attach-operator", "policyArn", "arn:aws:iam::111122223333:policy/x"
        ),
    },
    also_good={
        "of this stack": plus(
            weaken(ACCESS, "attach-operator", "policyArn", _OURS),
            replace(aws("iam/policy:Policy", "ours"), outputs={"arn": _OURS}),
        )
    },
)
def attached_policies_are_narrow(stack: Stack) -> Verdicts:
    """No managed policy hands out whole services, but for the admin's; none is of another account."""
    for each in stack.of_type(*ATTACHED):
        admin = any(
            tag(r, "rampart:duty") == "admin" for r in stack.of_type(ROLE) if points_at(each, "role", r)
        )
        where = f"{each.urn}#policyArn"
        problem = _too_broad(stack, str(read(each, "policyArn") or ""), admin, where)
        yield verdict(where, not problem, problem)
    for role in stack.of_type(ROLE):
        where = f"{role.urn}#managedPolicyArns"
        problems = [_too_broad(stack, str(arn), False, where) for arn in items(role, "managedPolicyArns")]
        yield verdict(where, not any(problems), "; ".join(filter(None, problems)))


def _too_broad(stack: Stack, arn: str, admin: bool, where: str) -> str:
    name = arn.rpartition("/")[2]
    if not name:
        return "no policy is written"
    if _BROAD.search(name) and not (admin and name == "PowerUserAccess"):
        return f"{name} hands out whole services"
    account = account_of(arn)
    ours = own_accounts(stack)
    if account.isdecimal() and not ours:
        raise Unverifiable(where, "the account of the stack is not known")
    if not account.isdecimal():
        return ""
    if account in ours and arn not in {policy.outputs.get("arn") for policy in stack.of_type(POLICY)}:
        raise Unverifiable(where, "what the policy grants is not in this stack")
    return "" if account in ours else f"the policy is of account {account}"


def _inline(text: Any) -> list[Mapping[str, Any]]:
    return [{"name": "more", "policy": text}]


@check(
    "no-star-on-star",
    good=weaken(ACCESS, "role-guard", "inlinePolicies", _inline(_granting("s3:GetObject"))),
    bad={
        "everything": weaken(ACCESS, "role-guard", "inlinePolicies", _inline(_granting("*", "*"))),
        "all but one": weaken(
            ACCESS,
            "role-guard",
            "inlinePolicies",
            _inline(policy({"Effect": "Allow", "NotAction": "iam:CreateUser", "Resource": "*"})),
        ),
        "on all but one": weaken(
            ACCESS,
            "role-guard",
            "inlinePolicies",
            _inline(policy({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:x"})),
        ),
    },
    unverifiable={
        "malformed": weaken(ACCESS, "role-guard", "inlinePolicies", _inline("{}")),
        "unwritten": weaken(ACCESS, "role-guard", "inlinePolicies", _inline(None)),
        "on what is unnamed": weaken(
            ACCESS,
            "role-guard",
            "inlinePolicies",
            _inline(policy({"Effect": "Allow", "Action": "s3:GetObject"})),
        ),
    },
)
def inline_policies_of_roles_are_narrow(stack: Stack) -> Verdicts:
    """Policies that stand in the role itself are judged as those beside it."""
    for role in stack.of_type(ROLE):
        where = f"{role.urn}#inlinePolicies"
        for rule in inline_policies_of(role).allowing:
            wide = wide_actions(rule)
            narrow = not (wide or rule.actions.inverted)
            yield verdict(where, narrow, f"grants {', '.join(wide) or 'all but what it names'}")


_WITH_IAM = policy(
    {"Effect": "Allow", "Action": ["s3:*", "iam:*"], "Resource": "*"},
    {"Effect": "Deny", "Action": list(SILENCING), "Resource": "*"},
)


@check("administrators-bounded", good=ACCESS, bad=weaken(ACCESS, "boundary", "policy", _WITH_IAM))
def the_boundary_names_what_identities_may_change(stack: Stack) -> Verdicts:
    """A boundary that lets IAM through as a whole lets its bearer lift it."""
    for each in stack.of_type(POLICY):
        if _bounds(stack, each):
            rules = policy_at(each, "policy").allowing
            through = [
                n for n in ("iam:*", "sts:*", "organizations:*") if any(r.actions.covers(n) for r in rules)
            ]
            yield verdict(f"{each.urn}#policy", not through, f"lets {', '.join(through)} through")


@check("administrators-bounded", good=ACCESS, bad=weaken(ACCESS, "role-guard", "maxSessionDuration", 43200))
def sessions_of_roles_are_short(stack: Stack) -> Verdicts:
    """What is taken from a workload's session is of use for an hour. Of administrators another check asks."""
    for role in [role for role in stack.of_type(ROLE) if not tag(role, "rampart:duty")]:
        seconds = number(role, "maxSessionDuration")
        yield verdict(
            f"{role.urn}#maxSessionDuration", seconds is not None and seconds <= _HOUR, "over an hour"
        )
