"""What goes to the process that runs checkov, and what comes back: both as JSON files."""

from __future__ import annotations

from typing import Any

import msgspec


class Job(msgspec.Struct, frozen=True):
    """A Terraform plan, and for each address the paths of its values that are not known."""

    plan: dict[str, Any]
    unknown: dict[str, list[str]]


class Rule(msgspec.Struct, frozen=True):
    """A rule of checkov: what it says, the resource types that it knows, and the name of its check.

    Of a rule that compares one value, `attribute` is the path of that value (`versioning/[0]/enabled`),
    `expected` the values with which it passes (`__ANY__`: any), `forbidden` those with which it fails.
    """

    id: str
    name: str
    types: list[str]
    check: str = ""
    attribute: str = ""
    expected: list[Any] = []
    forbidden: list[Any] = []


class Verdict(msgspec.Struct, frozen=True):
    """One rule on one resource: `passed`, `failed`, `undecided` (the rule gives no verdict), `unknown`
    (it depends on a value that is not known) or `crashed`. `attributes` are what it looked at."""

    rule: str
    address: str
    status: str
    attributes: list[str] = []
    reason: str = ""


class Verdicts(msgspec.Struct, frozen=True):
    """Everything that one run said."""

    checkov: str
    resources: int
    rules: list[Rule]
    verdicts: list[Verdict]
