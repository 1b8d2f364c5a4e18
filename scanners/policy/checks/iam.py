"""Checks of administrators, roles and policies."""

from __future__ import annotations

from typing import Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.policies import (
    OF_IDENTITIES,
    inline_policies_of,
    limited_to_owners,
    policies_of,
    policy_at,
)
from scanners.policy.checks.reading import attached, items, number, points_at, read, tag, verdict
from scanners.policy.iam.patterns import Named
from scanners.policy.iam.policy import Statement
from scanners.policy.samples.data import policy
from scanners.policy.samples.identity import ACCESS, SILENCING, boundary, trust
from scanners.policy.samples.sample_stack import ABSENT, aws, plus, weaken, without
from scanners.policy.stack import Resource, Stack

ROLE: Final = "aws:iam/role:Role"
POLICY: Final = "aws:iam/policy:Policy"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_TO_SEVERAL: Final = "aws:iam/policyAttachment:PolicyAttachment"
# Where rights are written, and where policies are attached: to roles, and to users and groups.
WRITTEN: Final = OF_IDENTITIES
ATTACHED: Final = (
    ATTACHMENT,
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    _TO_SEVERAL,
)
DUTIES: Final = ("reader", "operator", "admin")

_HOUR: Final = 3600  # seconds
_READING: Final = (
    "get",
    "list",
    "describe",
    "query",
    "scan",
    "batchget",
    "filter",
    "lookup",
    "search",
    "view",
)
# Managed policies of AWS that can only read.
_READ_ONLY: Final = tuple(
    f"arn:aws:iam::aws:policy/{name}"
    for name in ("ReadOnlyAccess", "SecurityAudit", "job-function/ViewOnlyAccess", "ViewOnlyAccess")
)
_STANDING_KEYS: Final = (
    "aws:iam/user:User",
    "aws:iam/accessKey:AccessKey",
    "aws:iam/userLoginProfile:UserLoginProfile",
)


def administrators(stack: Stack) -> list[tuple[Resource, str]]:
    """The roles of people, with their duty (tag `rampart:duty`)."""
    return [(role, duty) for role in stack.of_type(ROLE) if (duty := tag(role, "rampart:duty"))]


@check("administrators-use-mfa", good=ACCESS, bad=weaken(ACCESS, "role-admin", "maxSessionDuration", 43200))
def administrators_sessions_are_short(stack: Stack) -> Verdicts:
    """A session of an administrator's role ends within 3,600 seconds."""
    for role, _ in administrators(stack):
        seconds = number(role, "maxSessionDuration")
        brief = seconds is not None and seconds <= _HOUR
        yield verdict(f"{role.urn}#maxSessionDuration", brief, "a session outlasts an hour")


@check("administrators-bounded", good=ACCESS, bad=weaken(ACCESS, "role-admin", "permissionsBoundary", ABSENT))
def roles_are_bounded(stack: Stack) -> Verdicts:
    """Each role has a permission boundary of this stack."""
    for role in stack.of_type(ROLE):
        bounded = any(points_at(role, "permissionsBoundary", each) for each in stack.of_type(POLICY))
        yield verdict(f"{role.urn}#permissionsBoundary", bounded, "no permission boundary of this stack")


_LOOSE = boundary(*(action for action in SILENCING if action != "cloudtrail:StopLogging"))


@check("administrators-bounded", good=ACCESS, bad=weaken(ACCESS, "boundary", "policy", _LOOSE))
def the_boundary_protects_the_audit(stack: Stack) -> Verdicts:
    """Each boundary denies, without conditions, what would silence the audit."""
    for each in boundaries(stack):
        rules = policy_at(each, "policy")
        free = [action for action in SILENCING if not rules.denies(action, "*")]
        yield verdict(f"{each.urn}#policy", not free, f"not denied: {', '.join(free)}")


def boundaries(stack: Stack) -> list[Resource]:
    """The policies that bound a role of the stack."""
    roles = stack.of_type(ROLE)
    return [p for p in stack.of_type(POLICY) if any(points_at(r, "permissionsBoundary", p) for r in roles)]


@check(
    "administration-by-role",
    good=ACCESS,
    bad=without(ACCESS, "role-reader", "policy-reader", "attach-reader"),
)
def there_is_a_role_for_each_duty(stack: Stack) -> Verdicts:
    """Reader, operator and admin have one role each (tag `rampart:duty`)."""
    duties = [duty for _, duty in administrators(stack)]
    if stack.of_type(ROLE):
        for duty in DUTIES:
            found = duties.count(duty)
            yield verdict(
                f"{stack.name}#{duty}", found == 1, f"{found} roles for the duty (tag rampart:duty), not one"
            )


@check(
    "administration-by-role",
    good=ACCESS,
    bad=weaken(ACCESS, "attach-reader", "policyArn", "arn:aws:iam::aws:policy/PowerUserAccess"),
)
def readers_can_only_read(stack: Stack) -> Verdicts:
    """The reader's policies, inline and managed, hold only actions that read."""
    for role, duty in administrators(stack):
        if duty != "reader":
            continue
        writing = [name for statement in _allowed(stack, role) for name in _not_reading(statement.actions)]
        attachments = attached(stack, role, ATTACHMENT, "role") + attached(stack, role, _TO_SEVERAL, "roles")
        managed = [str(read(each, "policyArn")) for each in attachments]
        managed += map(str, items(role, "managedPolicyArns"))
        writing += [arn for arn in managed if arn not in _READ_ONLY]
        yield verdict(role.urn, not writing, f"the reader may do more than read: {', '.join(writing)}")


def _allowed(stack: Stack, role: Resource) -> tuple[Statement, ...]:
    """The Allow statements of a role's inline policies, beside it and in it."""
    beside = policies_of(attached(stack, role, ROLE_POLICY, "role"))
    return (beside + inline_policies_of(role)).allowing


def _not_reading(actions: Named) -> list[str]:
    """The granted actions that do more than read, as far as their names say."""
    if actions.inverted:
        return ["all but what NotAction names"]
    return [a for a in actions.patterns if not a.partition(":")[2].lower().startswith(_READING)]


_STAR = policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})


@check("no-star-on-star", good=ACCESS, bad=weaken(ACCESS, "policy-guard", "policy", _STAR))
def no_policy_grants_everything(stack: Stack) -> Verdicts:
    """A boundary grants nothing by itself, so only `*` is too much for it."""
    bounding = boundaries(stack)
    for each in stack.of_type(*WRITTEN):
        rules = policy_at(each, "policy")
        wide = [problem for s in rules.allowing if (problem := _too_wide(s, each in bounding))]
        problem = "; ".join(wide) or "no policy is written"
        yield verdict(f"{each.urn}#policy", bool(rules.statements) and not wide, problem)


def _too_wide(statement: Statement, in_boundary: bool) -> str:
    if statement.actions.inverted or statement.on_all_but_named:
        return "grants all but what it names (NotAction, NotResource)"
    if statement.actions.covers("*:*"):
        return "grants every action"
    whole = [action for action in statement.actions.patterns if set(action.partition(":")[2]) <= {"*", "?"}]
    if whole and statement.on_every_resource and not in_boundary:
        return f"grants {', '.join(whole)} on every resource"
    return ""


@check(
    "no-star-on-star",
    good=ACCESS,
    bad=weaken(ACCESS, "attach-admin", "policyArn", "arn:aws:iam::aws:policy/AdministratorAccess"),
)
def nobody_has_administrator_access(stack: Stack) -> Verdicts:
    """Not even a bounded role: with these, one lifted boundary is everything."""
    for each in stack.of_type(*ATTACHED):
        name = str(read(each, "policyArn") or "").rpartition("/")[2]
        narrow = name not in ("", "AdministratorAccess", "IAMFullAccess")
        yield verdict(
            f"{each.urn}#policyArn", narrow, f"{name or 'an unwritten policy'} may grant every action"
        )


_ANYONE = trust({"AWS": "*"})


@check("trust-names-principals", good=ACCESS, bad=weaken(ACCESS, "role-guard", "assumeRolePolicy", _ANYONE))
def roles_name_who_may_take_them(stack: Stack) -> Verdicts:
    """No trust policy admits principals that it does not name."""
    for role in stack.of_type(ROLE):
        allowing = policy_at(role, "assumeRolePolicy").allowing
        open_to = any(s.principals.open_ended for s in allowing)
        yield verdict(
            f"{role.urn}#assumeRolePolicy", bool(allowing) and not open_to, "anybody may take the role"
        )


_CONFUSED = trust({"Service": "ecs-tasks.amazonaws.com"})


@check("trust-names-principals", good=ACCESS, bad=weaken(ACCESS, "role-guard", "assumeRolePolicy", _CONFUSED))
def services_act_for_this_account(stack: Stack) -> Verdicts:
    """Where the service names the account that it acts for: others such a condition would shut out."""
    for role in stack.of_type(ROLE):
        where = f"{role.urn}#assumeRolePolicy"
        for statement in policy_at(role, "assumeRolePolicy").allowing:
            if _NAME_THEIR_ACCOUNT & set(statement.principals.of_type("Service")):
                own = limited_to_owners(stack, statement, where)
                yield verdict(where, own, "the service may act for another account")


_NAME_THEIR_ACCOUNT: Final = frozenset(
    f"{name}.amazonaws.com" for name in ("cloudtrail", "config", "ecs-tasks", "vpc-flow-logs")
)
_USER = plus(ACCESS, aws("iam/user:User", "user-1"))


@check("no-standing-keys", good=ACCESS, bad=_USER)
def no_user_has_a_standing_key(stack: Stack) -> Verdicts:
    """The stack has no IAM user, access key or login profile."""
    found = stack.of_type(*_STANDING_KEYS)
    for each in found:
        yield each.urn, "a standing identity; people and programs take roles"
    if stack.of_type(ROLE) and not found:
        yield stack.name, None
