"""Reads IAM policies of resources, for checks; what a policy means is in `scanners.policy.iam`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from hardening.checks import Unverifiable
from scanners.policy.checks.reading import items, read
from scanners.policy.iam.conditions import limited_to_owners as limits_to_owners
from scanners.policy.iam.patterns import Malformed, account_of
from scanners.policy.iam.policy import Document, Statement, parse
from scanners.policy.stack import Resource, Stack

# The policies of identities, which name no principals: whoever has them is meant.
OF_IDENTITIES: Final = tuple(
    f"aws:iam/{kind}"
    for kind in ("rolePolicy:RolePolicy", "policy:Policy", "userPolicy:UserPolicy", "groupPolicy:GroupPolicy")
)


def policy_at(resource: Resource, path: str) -> Document:
    """The IAM policy at `path`, without statements where none is written. Raises Unverifiable."""
    value = read(resource, path)
    if value is None:
        return Document()
    if not isinstance(value, str | Mapping):
        raise Unverifiable(f"{resource.urn}#{path}", f"{path} is not a policy")
    try:
        return parse(value, of="identity" if resource.type in OF_IDENTITIES else "resource")
    except Malformed as problem:
        raise Unverifiable(f"{resource.urn}#{path}", str(problem)) from None


def policies_of(resources: Iterable[Resource], path: str = "policy") -> Document:
    """The statements of several policies as one. Raises Unverifiable."""
    return sum((policy_at(resource, path) for resource in resources), Document())


def inline_policies_of(role: Resource) -> Document:
    """The statements of the policies that stand in a role itself. Raises Unverifiable."""
    try:
        written = [parse(inline.get("policy"), of="identity") for inline in items(role, "inlinePolicies")]
    except Malformed as problem:
        raise Unverifiable(f"{role.urn}#inlinePolicies", str(problem)) from None
    return sum(written, Document())


def own_accounts(stack: Stack) -> set[str]:
    """The accounts in the ARNs of what the stack manages; empty where no ARN is known."""
    arns = [str(r.outputs.get("arn")) for r in stack.resources if not r.external]
    return {account for arn in arns if (account := account_of(arn)).isdecimal()}


def limited_to_owners(stack: Stack, statement: Statement, where: str) -> bool:
    """Whether a statement's conditions shut out every account and organisation that they do not name.

    An account must be the stack's own, which its ARNs say. Raises Unverifiable where that decides, and no
    ARN is known.
    """
    ours = own_accounts(stack)
    conditions = statement.conditions
    if statement.principals.open_ended:
        conditions = tuple(c for c in conditions if not c.is_chosen_by_caller)
    if limits_to_owners(conditions, ours.__contains__):
        return True
    if not ours and limits_to_owners(conditions, lambda _: True):
        raise Unverifiable(where, "the account of the stack is not known, so its policies cannot be judged")
    return False


def admits_anyone(stack: Stack, statement: Statement, where: str) -> bool:
    """Whether an Allow of a resource may serve principals that nobody named. Raises Unverifiable."""
    return statement.principals.open_ended and not limited_to_owners(stack, statement, where)


def plaintext_verdict(
    store: Resource, rules: Document, action: str, *names: list[str]
) -> tuple[str, str | None]:
    """Whether `rules` deny `action` without TLS on all of a store: each of `names` is a list of its ARNs.

    Several lists are several ways to write the same. Raises Unverifiable where no ARN is known, and the
    policy does not deny the action on every resource.
    """
    if any(rules.refuses_plaintext(action, *arns) for arns in (["*"], *names) if all(arns)):
        return store.urn, None
    if rules.denying and not any(all(arns) for arns in names):
        raise Unverifiable(store.urn, "its ARN is not known, so its policy cannot be judged")
    return store.urn, "requests without TLS are not refused"
