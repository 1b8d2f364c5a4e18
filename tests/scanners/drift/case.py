"""A case of the drift tests: how a resource is made, changed, deleted and added; and what cases share."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scanners.policy.stack import Resource
from tests.beds.aws_account import ACCOUNT, Account

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True)
class Case:
    """One type. `make` creates it through boto3 and gives what a stack would declare, the subject first.

    `changes` maps a property to what changes it behind the stack's back; `delete` removes the subject;
    `add` makes one more that nobody declares and gives its key.
    """

    make: Callable[[Account], Sequence[Resource]]
    changes: Mapping[str, Callable[[Account, Resource], object]] = field(default_factory=dict)
    delete: Callable[[Account, Resource], object] | None = None
    add: Callable[[Account], str] | None = None


def allow(principal: Any, action: str, resource: str = "*") -> str:
    """A resource policy of one statement, as JSON text."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
