"""What a business rule is: a control's check over a message, and the plain function inside it.

The function takes the decoded value (and, where the rule needs it, one related object) and gives the
faults that it finds, `()` for none, None where it cannot judge: that is not applicable, never a pass.
The validator calls it without the check around it, which keeps the cost of a message to that of the look
itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import msgspec

from hardening.checks import Check, Verdicts, check, named_cases
from hardening.ocpi.structs import Shape, body_type

# (pointer in attribute names, what was expected, what stands there)
Fault = tuple[str, str, object]
Faults = Sequence[Fault]
Find = Callable[..., Faults | None]
# (decoded object, its facts) -> whether a rule certainly holds; False: ask the rule.
Holds = Callable[[Any, Any], bool]


def ALWAYS(_: Any, __: Any) -> bool:
    """The predicate of a rule that finds nothing to judge in an object of the versions with facts."""
    return True


@dataclass(frozen=True, slots=True)
class Related:
    """What is known beside the message, decoded (`decode`). None: not known, its rules do not apply.

    `previous` is the same object as it stood before; of a credit CDR it is the original. `tariff` is the
    one that applied, where the CDR does not carry it.
    """

    session: Any = None
    location: Any = None
    tariff: Any = None
    token: Any = None
    previous: Any = None


@dataclass(frozen=True, slots=True)
class Message:
    """A decoded message, the subject of every rule. `partial`: as a PATCH, which may leave members out."""

    object_type: str
    version: str
    value: Any
    related: Related = field(default_factory=Related)
    edition: str = ""
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as the validator uses it. `needs` names a field of `Related`; empty: the message will do.

    `also` names one more, which it is given too where that is known (else None).

    `holds` has a quick predicate for some objects: see `fast_path`.
    """

    control: str
    find: Find
    objects: tuple[str, ...]
    versions: tuple[str, ...]
    needs: str
    partial: bool
    holds: Mapping[str, Holds]
    also: str = ""

    def applies(self, version: str, object_type: str, partial: bool) -> bool:
        """Whether the rule judges this object of a version. `partial`: as a PATCH."""
        return (
            object_type in self.objects
            and (not self.versions or version in self.versions)
            and (self.partial or not partial)
        )


_RULES = "rule"
RELATIONS = tuple(one.name for one in fields(Related))


def rule(
    control: str,
    *objects: str,
    good: Message | Mapping[str, Message],
    bad: Message | Mapping[str, Message],
    versions: tuple[str, ...] = (),
    needs: str | tuple[str, str] = "",
    partial: bool = False,
    holds: Mapping[str, Holds] | None = None,
) -> Callable[[Find], Check[Message]]:
    """Make a function a rule of `control` for `objects`. `partial`: it also reads a PATCH.

    `needs` may name two related objects: the rule is asked without the second too.
    `bad` has one message a clause; `good` is one message or several by name, the first of them the sample.
    `holds` gives, by object, a predicate over it and its facts that is True only where the rule holds.
    """

    def bind(find: Find) -> Check[Message]:
        needed, also = (needs, "") if isinstance(needs, str) else needs
        made = Rule(control, find, objects, versions, needed, partial, holds or {}, also)

        def judge(message: Message) -> Verdicts:
            if not made.applies(message.version, message.object_type, message.partial):
                return
            faults = found_by(made, message.value, message.related)
            if faults is None:
                return
            for pointer, expected, value in faults:
                yield pointer or "/", f"expected {expected}, found {value}"
            if not faults:
                yield "/", None

        judge.__name__ = find.__name__
        judge.__module__ = find.__module__
        setattr(judge, _RULES, made)
        (_, sample), *others = named_cases(good).items()
        return check(control, good=sample, bad=bad, also_good=dict(others))(judge)

    return bind


def rule_of(one: Check[Any]) -> Rule:
    """The rule inside its check."""
    found = getattr(one.judge, _RULES)
    if not isinstance(found, Rule):
        raise TypeError(f"{one.name} is not a rule")
    return found


def found_by(one: Rule, value: Any, related: Related) -> Faults | None:
    """The faults of `value`; None where the rule cannot judge, or the related object is not known."""
    if not one.needs:
        return one.find(value)
    other = getattr(related, one.needs)
    if other is None:
        return None
    return one.find(value, other, getattr(related, one.also)) if one.also else one.find(value, other)


def decode(version: str, object_type: str, value: Any, edition: str = "", partial: bool = False) -> Any:
    """A JSON value as the struct that rules read. Raises msgspec.ValidationError."""
    shape = Shape.PATCH if partial else Shape.OBJECT
    return msgspec.convert(value, body_type(version, edition, object_type, shape, True))


def close(one: float, other: float, slack: float) -> bool:
    """Whether two amounts are the same but for rounding: by `slack`, or one part in a thousand."""
    return abs(one - other) <= max(slack, abs(other) * 0.001)
