"""IAM policy documents (IAM User Guide, "IAM JSON policy element reference"), built from plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

Text = pulumi.Input[str]
Statement = dict[str, Any]


def document(*statements: Statement) -> pulumi.Output[str]:
    """A policy document (version 2012-10-17) of these statements, as JSON."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[Text],
    principal: Any = None,
    conditions: Mapping[str, Any] | None = None,
) -> Statement:
    """An Allow statement; `principal` is for resource policies only."""
    return _statement("Allow", sid, actions, resources, principal, conditions)


def deny(
    sid: str,
    actions: Sequence[str],
    resources: Sequence[Text],
    principal: Any = None,
    conditions: Mapping[str, Any] | None = None,
) -> Statement:
    """A Deny statement; `principal` is for resource policies only."""
    return _statement("Deny", sid, actions, resources, principal, conditions)


def deny_elsewhere(sid: str, actions: Sequence[str], own: Sequence[Text]) -> Statement:
    """A Deny statement for every resource but `own` (IAM User Guide, "NotResource" with Deny)."""
    statement = deny(sid, actions, [])
    del statement["Resource"]
    return {**statement, "NotResource": list(own)}


def deny_plaintext(actions: Sequence[str], resources: Sequence[Text]) -> Statement:
    """Refuse every call that does not come over TLS (IAM global key `aws:SecureTransport`)."""
    return deny("DenyPlaintext", actions, resources, "*", {"Bool": {"aws:SecureTransport": "false"}})


def service(name: str) -> dict[str, str]:
    """The principal of an AWS service, such as `lambda.amazonaws.com`."""
    return {"Service": name}


def trust(principal: Any, conditions: Mapping[str, Any] | None = None) -> pulumi.Output[str]:
    """The trust policy of a role: who may assume it."""
    return document(assume("Assume", principal, conditions))


def assume(sid: str, principal: Any, conditions: Mapping[str, Any] | None = None) -> Statement:
    """The statement of a trust policy that lets `principal` assume the role."""
    statement = _statement("Allow", sid, ["sts:AssumeRole"], [], principal, conditions)
    del statement["Resource"]
    return statement


def same_account(account: str) -> Mapping[str, Any]:
    """The condition that keeps a service from acting here for another account (the confused deputy)."""
    return {"StringEquals": {"aws:SourceAccount": account}}


def _statement(
    effect: str,
    sid: str,
    actions: Sequence[str],
    resources: Sequence[Text],
    principal: Any,
    conditions: Mapping[str, Any] | None,
) -> Statement:
    statement: Statement = {
        "Sid": sid,
        "Effect": effect,
        "Action": list(actions),
        "Resource": list(resources),
    }
    if principal is not None:
        statement["Principal"] = principal
    if conditions:
        statement["Condition"] = dict(conditions)
    return statement
