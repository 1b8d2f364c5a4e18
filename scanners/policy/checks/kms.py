"""Checks of the encryption keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from hardening.checks import Verdicts, check
from scanners.policy.checks.reading import must_be, number, read, statements, texts, verdict
from scanners.policy.samples.data import DATA, policy
from scanners.policy.samples.sample_stack import ABSENT, weaken
from scanners.policy.stack import Resource, Stack

KEY: Final = "aws:kms/key:Key"

_YEAR: Final = 365  # days
_SECOND_THOUGHTS: Final = 30  # days; the most that KMS allows


def _renewable(stack: Stack) -> Iterator[Resource]:
    """All keys but those that sign: KMS renews symmetric keys only (AWS KMS, rotating keys)."""
    for key in stack.of_type(KEY):
        if read(key, "keyUsage") != "SIGN_VERIFY":
            yield key


@check("keys-rotate", good=DATA, bad=weaken(DATA, "kms-secrets", "enableKeyRotation", ABSENT))
def keys_rotate(stack: Stack) -> Verdicts:
    yield from must_be(_renewable(stack), "enableKeyRotation", True)


@check("keys-rotate", good=DATA, bad=weaken(DATA, "kms-data", "rotationPeriodInDays", 2560))
def keys_rotate_each_year(stack: Stack) -> Verdicts:
    """A year is what KMS does unless told otherwise, and it must be written here."""
    for key in _renewable(stack):
        days = number(key, "rotationPeriodInDays")
        yield verdict(
            f"{key.urn}#rotationPeriodInDays", days is not None and days <= _YEAR, "over a year, or unwritten"
        )


@check("keys-guarded", good=DATA, bad=weaken(DATA, "kms-data", "deletionWindowInDays", 7))
def deleted_keys_can_be_brought_back(stack: Stack) -> Verdicts:
    yield from must_be(stack.of_type(KEY), "deletionWindowInDays", _SECOND_THOUGHTS)


_ANYONE = policy({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"})


@check("keys-guarded", good=DATA, bad=weaken(DATA, "kms-logs", "policy", _ANYONE))
def key_policies_name_principals(stack: Stack) -> Verdicts:
    for key in stack.of_type(KEY):
        rules = statements(key, "policy")
        anyone = [rule for rule in rules if rule.get("Effect") == "Allow" and _serves_anyone(rule)]
        yield verdict(
            f"{key.urn}#policy", bool(rules) and not anyone, "no key policy, or one that serves anyone"
        )


def _serves_anyone(rule: Mapping[str, Any]) -> bool:
    """Whether any identity may use the key; a service must name the account or resource that it acts for."""
    principal = rule.get("Principal")
    names = principal if isinstance(principal, Mapping) else {"AWS": principal}
    services = "Service" in names and not rule.get("Condition")
    return services or ("*" in texts(names.get("AWS")) and not rule.get("Condition"))
