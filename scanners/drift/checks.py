"""Checks on the drift between the declared stack and the live account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hardening.checks import Verdicts, check
from scanners.drift.difference import NOTHING
from scanners.drift.records import Change, Compared, Concern, Drift, Presence, Unmanaged

# The control that each concern belongs to.
BY_CONCERN: Final[Mapping[Concern, str]] = {
    Concern.EXPOSURE: "exposure-as-declared",
    Concern.PROTECTION: "protection-as-declared",
    Concern.SETTING: "settings-as-declared",
}

# The types that act in the account, or let others in from outside: keys and passwords are parts of a user.
PRINCIPALS: Final = frozenset(
    {
        "aws:iam/user:User",
        "aws:iam/role:Role",
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        "aws:iam/samlProvider:SamlProvider",
    }
)

_GROUP = "urn:pulumi:test::example::aws:ec2/securityGroup:SecurityGroup::gateway"
_TRAIL = "urn:pulumi:test::example::aws:cloudtrail/trail:Trail::trail"
_USER = "aws:iam/user:User"
_SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105  (a type, not a secret)

AS_DECLARED: Final = Drift(
    compared=(
        Compared(_GROUP, Concern.EXPOSURE, ("ingress", "egress")),
        Compared(_GROUP, Concern.SETTING, ("tags",)),
        Compared(_TRAIL, Concern.PROTECTION, ("enableLogging",)),
    ),
    presences=(Presence(_GROUP, "sg-1", True), Presence(_TRAIL, "trail", True)),
    listed=(_SECRET, _USER),
)
DRIFTED: Final = Drift(
    compared=AS_DECLARED.compared,
    changes=(
        Change(_GROUP, "ingress", Concern.EXPOSURE, "nothing", "tcp 22 from 0.0.0.0/0"),
        Change(_GROUP, "tags", Concern.SETTING, "owner=platform", "owner=nothing"),
        Change(_TRAIL, "enableLogging", Concern.PROTECTION, "true", "nothing"),
    ),
    presences=(Presence(_GROUP, "sg-1", True), Presence(_TRAIL, "trail", False)),
    listed=(_SECRET, _USER),
    unmanaged=(
        Unmanaged(_SECRET, "arn:aws:secretsmanager:eu-central-1:123456789012:secret:forgotten"),
        Unmanaged(_USER, "mallory", about="AdministratorAccess"),
        Unmanaged("aws:sqs/queue:Queue", "elsewhere", "us-west-2", away=True),
    ),
)


@check("exposure-as-declared", good=AS_DECLARED, bad=DRIFTED)
def exposure_as_declared(drift: Drift) -> Verdicts:
    """Security groups, routes, policies, WAF rules and TLS policies are as declared."""
    yield from _unchanged(drift, Concern.EXPOSURE)


@check("protection-as-declared", good=AS_DECLARED, bad=DRIFTED)
def protection_as_declared(drift: Drift) -> Verdicts:
    """Logs, keys, rotation, retention and alarms are as declared."""
    yield from _unchanged(drift, Concern.PROTECTION)


@check("settings-as-declared", good=AS_DECLARED, bad=DRIFTED)
def settings_as_declared(drift: Drift) -> Verdicts:
    """Other settings are as declared."""
    yield from _unchanged(drift, Concern.SETTING)


@check("nothing-deleted", good=AS_DECLARED, bad=DRIFTED)
def nothing_deleted(drift: Drift) -> Verdicts:
    """Every declared resource exists in the account."""
    for presence in drift.presences:
        yield presence.urn, None if presence.found else f"deleted: the account has no {presence.key}"


@check("no-undeclared-principals", good=AS_DECLARED, bad=DRIFTED)
def no_undeclared_principals(drift: Drift) -> Verdicts:
    """The account has no user, role or identity provider that the stack does not declare."""
    yield from _undeclared(drift, principals=True)


@check("nothing-unmanaged", good=AS_DECLARED, bad=DRIFTED)
def nothing_unmanaged(drift: Drift) -> Verdicts:
    """The account has no other resource that the stack does not declare."""
    yield from _undeclared(drift, principals=False)


def _undeclared(drift: Drift, *, principals: bool) -> Verdicts:
    """One verdict for each type of which all that is there is declared, or one for each surprise."""
    found = [one for one in drift.unmanaged if (one.type in PRINCIPALS) is principals]
    surprises = {one.type for one in found}
    for type_ in drift.listed:
        if (type_ in PRINCIPALS) is principals and type_ not in surprises:
            yield type_, None
    for one in found:
        kind = f"{one.type.rsplit(':', 1)[-1]}{f' ({one.about})' if one.about else ''}"
        where = f", and nothing in {one.region}" if one.away else ""
        yield one.where, f"unmanaged: the stack declares no such {kind}{where}"


def _unchanged(drift: Drift, concern: Concern) -> Verdicts:
    """One verdict for each resource, or one for each changed property of it."""
    changed = {change.urn for change in drift.changes if change.concern is concern}
    for compared in drift.compared:
        if compared.concern is concern and compared.urn not in changed:
            yield compared.urn, None
    for change in drift.changes:
        if change.concern is concern:
            yield f"{change.urn}#{change.property}", _said(change)


def _said(change: Change) -> str:
    if change.declared == NOTHING:
        return f"added: {change.live}, which the stack does not declare"
    if change.live == NOTHING:
        return f"taken away: {change.declared}, which the stack declares"
    return f"changed: declared {change.declared}, live {change.live}"
