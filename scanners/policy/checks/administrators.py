"""Checks of people's roles: how they get in, and what they can never do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.policy.checks.iam import POLICY, administrators
from scanners.policy.checks.policies import policy_at
from scanners.policy.checks.reading import points_at, read, tag, verdict
from scanners.policy.iam.conditions import demand_mfa
from scanners.policy.iam.policy import Document, Statement
from scanners.policy.samples.identity import (
    ACCESS,
    AUDITED,
    FROM_A_ROLE_WITH_MFA,
    SILENCING,
    TOKEN_WAYS,
    WATCHERS,
    WITHOUT_MFA,
    all_but,
    people_boundary,
)
from scanners.policy.samples.sample_stack import weaken
from scanners.policy.stack import Resource, Stack


@check(
    "administrators-use-mfa",
    good=ACCESS,
    bad=weaken(ACCESS, "role-operator", "assumeRolePolicy", WITHOUT_MFA),
)
def administrators_use_mfa(stack: Stack) -> Verdicts:
    """Each statement that lets somebody take an administrator's role demands a second factor.

    For a role that takes the role, the tag `rampart:mfa` says where it was proved; without it nobody knows.
    """
    for role, _ in administrators(stack):
        where = f"{role.urn}#assumeRolePolicy"
        allowing = policy_at(role, "assumeRolePolicy").allowing
        open_to = [s for s in allowing if not demand_mfa(s.conditions)]
        if allowing and open_to and all(_from_roles(s) for s in open_to) and not tag(role, "rampart:mfa"):
            raise Unverifiable(where, "nothing says where roles that take this one prove a second factor")
        proved = all(_from_roles(s) for s in open_to)
        yield verdict(where, bool(allowing) and proved, "the role can be taken without a second factor")


def _from_roles(statement: Statement) -> bool:
    return all(kind == "AWS" and ":role/" in name for kind, name in statement.principals.names)


@check(
    "administrators-get-in",
    good=ACCESS,
    bad=weaken(ACCESS, "role-admin", "assumeRolePolicy", FROM_A_ROLE_WITH_MFA),
)
def roles_are_not_asked_for_mfa(stack: Stack) -> Verdicts:
    """The session of a role carries no `aws:MultiFactorAuthPresent`, so the condition shuts it out."""
    for role, _ in administrators(stack):
        for statement in policy_at(role, "assumeRolePolicy").allowing:
            names = statement.principals.of_type("AWS")
            shut_out = demand_mfa(statement.conditions) and any(":role/" in name for name in names)
            yield verdict(
                f"{role.urn}#assumeRolePolicy", not shut_out, "a role's session never has a second factor"
            )


def bounds(stack: Stack) -> Iterator[tuple[Resource, Document]]:
    """The boundaries of people's roles, and what they say."""
    people = [role for role, _ in administrators(stack)]
    for each in stack.of_type(POLICY):
        if any(points_at(role, "permissionsBoundary", each) for role in people):
            yield each, policy_at(each, "policy")


def never(rules: Document, action: str) -> bool:
    """Whether the boundary denies the action, or allows nothing that covers it."""
    return rules.denies(action, "*") or not any(s.actions.covers(action) for s in rules.allowing)


def bounded_by(*denied: str, **other: object) -> Stack:
    """The sample, in which people's boundary denies these actions."""
    written = people_boundary(*SILENCING, *denied, **other)  # type: ignore[arg-type]  # by name
    return weaken(ACCESS, "people-boundary", "policy", written)


# The sample allows only reading; with this it allows what it does not deny.
READS_AND_CODE: Final = (*AUDITED, "lambda:*", "logs:*")


@check(
    "watchers-kept-from-people",
    good=ACCESS,
    bad=bounded_by(*TOKEN_WAYS, *all_but(WATCHERS, "logs:DeleteMetricFilter"), read=READS_AND_CODE),
)
def no_person_silences_what_watches(stack: Stack) -> Verdicts:
    """People cannot switch off alarms, filters, rules, replication, topics or the firewall."""
    for each, rules in bounds(stack):
        free = [action for action in WATCHERS if not never(rules, action)]
        yield verdict(f"{each.urn}#policy", not free, f"not denied: {', '.join(free)}")


_BLIND = people_boundary(*SILENCING, *TOKEN_WAYS, *WATCHERS, read=all_but(AUDITED, "iam:ListRoles"))


@check("readers-can-audit", good=ACCESS, bad=weaken(ACCESS, "people-boundary", "policy", _BLIND))
def the_boundary_lets_readers_audit(stack: Stack) -> Verdicts:
    """A boundary that limits regions takes from SecurityAudit what belongs to none of them."""
    for each, rules in bounds(stack):
        # Whoever has the boundary is of this account, so that condition limits nobody.
        free = [s for s in rules.allowing if all(c.key == "aws:principalaccount" for c in s.conditions)]
        starved = [
            action
            for action in AUDITED
            if not any(s.covers(action, "*") for s in free) or rules.denies(action, "*")
        ]
        yield verdict(f"{each.urn}#policy", not starved, f"not allowed: {', '.join(starved)}")


_LARGEST: Final = 6144  # characters of a managed policy, not counting white space (IAM and STS quotas)


@check(
    "policies-fit", good=ACCESS, bad=weaken(ACCESS, "boundary", "policy", people_boundary("x:" + "y" * 6144))
)
def managed_policies_fit(stack: Stack) -> Verdicts:
    """IAM refuses a longer one."""
    for each in stack.of_type(POLICY):
        size = len("".join(str(read(each, "policy") or "").split()))
        yield verdict(f"{each.urn}#policy", 0 < size <= _LARGEST, f"{size} characters, of {_LARGEST}")
