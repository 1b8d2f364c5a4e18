"""What a case of the drift tests is: how a resource is made, changed, deleted and doubled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from scanners.policy.stack import Resource
from tests.beds.aws_account import Account


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
