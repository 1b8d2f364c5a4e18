"""The Condition element: what an operator demands of a request, and whom a condition shuts out.

Pure. From the IAM User Guide: "Condition operators", "Set operators for multivalued keys" and "Global
condition context keys".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from scanners.policy.iam.patterns import Malformed, account_of, has_wildcard, matches

# operator -> whether it demands that the value is another one; all of them, in lower case.
_NEGATED: Final[Mapping[str, bool]] = {
    "stringequals": False,
    "stringnotequals": True,
    "stringequalsignorecase": False,
    "stringnotequalsignorecase": True,
    "stringlike": False,
    "stringnotlike": True,
    "numericequals": False,
    "numericnotequals": True,
    "numericlessthan": False,
    "numericlessthanequals": False,
    "numericgreaterthan": False,
    "numericgreaterthanequals": False,
    "dateequals": False,
    "datenotequals": True,
    "datelessthan": False,
    "datelessthanequals": False,
    "dategreaterthan": False,
    "dategreaterthanequals": False,
    "bool": False,
    "binaryequals": False,
    "ipaddress": False,
    "notipaddress": True,
    "arnequals": False,
    "arnlike": False,
    "arnnotequals": True,
    "arnnotlike": True,
    "null": False,
}
_TEXTUAL: Final = ("string", "arn")
_IF_EXISTS: Final = "ifexists"

# Keys whose value is the account that calls, or for which a service calls; a value that is an ARN, whose
# account counts; and fixed names of organisations and networks, which nobody else can have.
_ACCOUNT_KEYS: Final = frozenset(
    {"aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "kms:calleraccount"}
)
_ARN_KEYS: Final = frozenset({"aws:principalarn", "aws:sourcearn"})
_ARN_KEY_PREFIX: Final = "kms:encryptioncontext:"
_NAME_KEYS: Final = frozenset(
    {
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourcevpc",
        "aws:sourcevpce",
    }
)
_ACCOUNT: Final = re.compile(r"\d{12}")


# Whether networks admit a large part of the world, one of them or all together.
AreOpen = Callable[[Iterable[str]], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of one operator. `operator` and `key` are in lower case; `values` are alternatives.

    `quantifier` is `forallvalues`, `foranyvalue` or empty; `if_exists` is the suffix `IfExists`.
    `variables`: whether `${...}` in a value is a policy variable (it is in version 2012-10-17).
    """

    operator: str
    key: str
    values: tuple[str, ...]
    quantifier: str = ""
    if_exists: bool = False
    variables: bool = True

    @property
    def negated(self) -> bool:
        """Whether the operator demands another value; such a one also holds where the key is absent."""
        return _NEGATED[self.operator]

    @property
    def holds_without_key(self) -> bool:
        """Whether the condition holds for a request that does not have the key."""
        if self.operator == "null":
            return "true" in self.values
        if self.quantifier:
            return self.quantifier == "forallvalues"
        return self.negated or self.if_exists

    @property
    def is_chosen_by_caller(self) -> bool:
        """Whether whoever calls sets the key as they like: only a service's own value says anything.

        Anybody may name any encryption context (AWS KMS, "Encryption context").
        """
        return self.key.startswith(_ARN_KEY_PREFIX)

    def certainly_holds(self, context: Mapping[str, str]) -> bool:
        """Whether it holds for every request with these values, of which all other keys are not known."""
        value = context.get(self.key)
        if value is None or not self._is_decidable:
            return False
        if self.operator == "null":
            return "false" in self.values
        return any(self._equals(own, value) for own in self.values) is not self.negated

    @property
    def _is_decidable(self) -> bool:
        if self.variables and any("${" in value for value in self.values):
            return False
        return self.operator in ("bool", "null") or self.operator.startswith("string")

    def _equals(self, own: str, value: str) -> bool:
        if self.operator in ("stringlike", "stringnotlike"):
            return matches(own, value)
        if self.operator == "bool" or self.operator.endswith("ignorecase"):
            return own.lower() == value.lower()
        return own == value


def conditions_in(element: Any, *, variables: bool) -> tuple[Condition, ...]:
    """The conditions of a statement, which must all hold. Raises Malformed."""
    if not isinstance(element, Mapping):
        raise Malformed("Condition is not a JSON object")
    return tuple(_conditions(element, variables))


def _conditions(element: Mapping[str, Any], variables: bool) -> Iterator[Condition]:
    for written, keys in element.items():
        quantifier, _, plain = written.lower().rpartition(":")
        operator = plain.removesuffix(_IF_EXISTS)
        if_exists = operator != plain
        known = operator in _NEGATED and quantifier in ("", "forallvalues", "foranyvalue")
        if not known or (operator == "null" and if_exists) or not isinstance(keys, Mapping):
            raise Malformed("Condition has an operator that IAM does not know")
        for key, value in keys.items():
            values = texts_in(value, "a condition's value")
            lowered = tuple(v.lower() for v in values) if operator in ("bool", "null") else values
            yield Condition(operator, key.lower(), lowered, quantifier, if_exists, variables)


def texts_in(value: Any, what: str) -> tuple[str, ...]:
    """A text, or a list of texts; booleans and numbers as JSON writes them. Raises Malformed."""
    entries = value if isinstance(value, list | tuple) else [value]
    if not entries:
        raise Malformed(f"{what} is an empty list")
    texts = []
    for entry in entries:
        if not isinstance(entry, str | bool | int | float) or entry == "":
            raise Malformed(f"{what} is not text")
        texts.append(str(entry).lower() if isinstance(entry, bool) else str(entry))
    return tuple(texts)


def limited_to_owners(conditions: Iterable[Condition], is_ours: Callable[[str], bool]) -> bool:
    """Whether the conditions certainly shut out every account and organisation that they do not name.

    `is_ours` tells our account numbers (12 digits) from others.
    """
    return _shuts_out(conditions, lambda condition: _names_owners(condition, is_ours))


def limited_to_addresses(conditions: Iterable[Condition], are_open: AreOpen) -> bool:
    """Whether they certainly shut out all callers but those of the named networks, none of them open."""
    return _shuts_out(conditions, lambda condition: _names_networks(condition, "ipaddress", are_open))


def all_but_addresses(conditions: Iterable[Condition], are_open: AreOpen) -> bool:
    """Whether they certainly hold for every caller outside the named networks, as a Deny must."""
    return _all_hold(conditions, lambda condition: _names_networks(condition, "notipaddress", are_open))


def all_but_principals(conditions: Iterable[Condition]) -> bool:
    """Whether they certainly hold for every principal but those that `aws:PrincipalArn` names one by one."""
    return _all_hold(conditions, _excepts_principals)


def demand_mfa(conditions: Iterable[Condition]) -> bool:
    """Whether they certainly shut out a session without a second factor.

    `BoolIfExists` does not: long-lived keys come without `aws:MultiFactorAuthPresent` (IAM, MFA).
    """
    return _shuts_out(conditions, _is_true_mfa)


def _shuts_out(conditions: Iterable[Condition], limits: Callable[[Condition], bool]) -> bool:
    """Whether one condition limits, and does not hold where its key is absent (or absence is refused too)."""
    every = tuple(conditions)
    present = {c.key for c in every if c.operator == "null" and set(c.values) == {"false"}}
    return any(limits(c) and (not c.holds_without_key or c.key in present) for c in every)


def _all_hold(conditions: Iterable[Condition], holds: Callable[[Condition], bool]) -> bool:
    every = tuple(conditions)
    return bool(every) and all(not c.quantifier and holds(c) for c in every)


def _is_true_mfa(condition: Condition) -> bool:
    right_key = condition.key == "aws:multifactorauthpresent"
    return condition.operator == "bool" and right_key and set(condition.values) == {"true"}


def _names_networks(condition: Condition, operator: str, are_open: AreOpen) -> bool:
    right = condition.operator == operator and condition.key == "aws:sourceip"
    return right and bool(condition.values) and not are_open(condition.values)


def _excepts_principals(condition: Condition) -> bool:
    right = condition.negated and condition.key == "aws:principalarn"
    textual = condition.operator.startswith(_TEXTUAL)
    return right and textual and not any(has_wildcard(value) for value in condition.values)


def _names_owners(condition: Condition, is_ours: Callable[[str], bool]) -> bool:
    if condition.negated or not condition.operator.startswith(_TEXTUAL):
        return False
    return bool(condition.values) and all(_is_owner(condition, value, is_ours) for value in condition.values)


def _is_owner(condition: Condition, value: str, is_ours: Callable[[str], bool]) -> bool:
    key = condition.key
    if condition.variables and "${" in value:
        return False
    if key in _ACCOUNT_KEYS:
        return _ACCOUNT.fullmatch(value) is not None and is_ours(value)
    if key in _ARN_KEYS or key.startswith(_ARN_KEY_PREFIX):
        account = account_of(value)
        # `*` reaches over a colon in StringLike, and not in the operators for ARNs.
        fixed = condition.operator.startswith("arn") or not any(map(has_wildcard, value.split(":", 5)[:4]))
        return _ACCOUNT.fullmatch(account) is not None and fixed and is_ours(account)
    return key in _NAME_KEYS and not has_wildcard(value.removesuffix("/*"))
