"""Whether the role that a runbook names may do the step, as it is declared: the emulator asks nobody."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Final

from hardening.runbooks.followed import Done
from scanners.policy.iam.patterns import Malformed
from scanners.policy.iam.policy import Document, parse
from scanners.policy.stack import Stack

# What a command of ours asks of AWS. Empty: nothing.
OF_COMMANDS: Final = {
    "token status": ("dynamodb:Query", "dynamodb:GetItem"),
    "token revoke": ("dynamodb:Query", "dynamodb:GetItem", "dynamodb:UpdateItem", "lambda:InvokeFunction"),
    "token rotate": ("lambda:InvokeFunction",),
    "partner reach": (),
    "evidence verify": (),
}
ROLES: Final = ("reader", "operator", "admin")
_ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
_POLICY: Final = "aws:iam/policy:Policy"
_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_BOUNDARY: Final = "people-boundary"
# AWS managed policies of our roles, as far as a runbook leans on them (AWS Managed Policy Reference).
_LOOKING: Final = ("SecurityAudit", "ViewOnlyAccess")
_LOOKS: Final = ("Describe", "List", "GetTrailStatus", "LookupEvents")
_POWER: Final = "PowerUserAccess"
_NOT_POWER: Final = ("iam", "organizations", "account")


def lacking(stack: Stack, steps: tuple[Done, ...]) -> Iterator[str]:
    """`role: action` for each right that a followed step needs and the declared role lacks."""
    for step in steps:
        if step.ended is None or step.by not in ROLES:
            continue
        needed = needs(step)
        if needed is None:
            yield f"{step.by}: nobody knows what `{step.command}` needs"
            continue
        for action in needed:
            if not may(stack, step.by, action):
                yield f"{step.by}: {action}"


def needs(step: Done) -> tuple[str, ...] | None:
    """The rights that a step needs; None where they are not known."""
    words = shlex.split(step.command)
    return step.rights if words[0] == "aws" else OF_COMMANDS.get(" ".join(words[1:3]))


def may(stack: Stack, role: str, action: str) -> bool:
    """Whether role and boundary let a person do the action on something. Not whether on the right thing."""
    own, bound = _document(stack, _ROLE_POLICY, role), _document(stack, _POLICY, _BOUNDARY)
    granted = _allows(own, action) or any(_manages(one, action) for one in _attached(stack, role))
    denied = own.denies(action, "*") or bound.denies(action, "*")
    return granted and _allows(bound, action) and not denied


def _allows(document: Document, action: str) -> bool:
    return any(one.actions.covers(action) for one in document.allowing)


def _document(stack: Stack, kind: str, name: str) -> Document:
    """The policy of that name; one without a statement where there is none that can be read."""
    for one in stack.of_type(kind):
        if one.name == name:
            try:
                return parse(one.inputs["policy"], of="identity")
            except (Malformed, KeyError, TypeError):
                break
    return Document()


def _attached(stack: Stack, role: str) -> Iterator[str]:
    """The names of AWS's own policies that the role has."""
    for one in stack.of_type(_ATTACHMENT):
        if one.name == role:
            yield str(one.inputs["policyArn"]).rpartition("/")[2]


def _manages(policy: str, action: str) -> bool:
    """Whether an AWS managed policy grants it, as far as it is known here."""
    service, _, call = action.partition(":")
    if policy == _POWER:
        return service not in _NOT_POWER
    return policy in _LOOKING and call.startswith(_LOOKS)
