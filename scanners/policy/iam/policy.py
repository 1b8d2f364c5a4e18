"""What an IAM policy means: parsed once, and asked by every check that judges one.

Pure. The rules are those of the IAM User Guide: "IAM JSON policy element reference", "Grammar of the IAM
JSON policy language", "Condition operators" and "Conditions with multiple context keys or values".

Questions are answered for the worst case: a Deny counts only where it certainly applies, a condition
limits an Allow only where it certainly shuts strangers out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from hardening.unambiguous_json import RepeatedName, read_json
from scanners.policy.iam.conditions import Condition, conditions_in, texts_in
from scanners.policy.iam.patterns import Malformed, Named, is_everything

VERSIONS: Final = ("2008-10-17", "2012-10-17")

_DOCUMENT: Final = frozenset({"Version", "Id", "Statement"})
_STATEMENT: Final = frozenset(
    {"Sid", "Effect", "Condition"}
    | {f"{no}{element}" for no in ("", "Not") for element in ("Principal", "Action", "Resource")}
)
_PRINCIPAL_TYPES: Final = frozenset({"AWS", "Service", "Federated", "CanonicalUser"})


@dataclass(frozen=True, slots=True)
class Principals:
    """The element `Principal` as (type, name), such as ("Service", "s3.amazonaws.com"); "*" is ("AWS", "*").

    `inverted` is `NotPrincipal`.
    """

    names: tuple[tuple[str, str], ...]
    inverted: bool = False

    @property
    def everyone(self) -> bool:
        """Whether all principals are certainly meant: `"*"` or `{"AWS": "*"}`, which are the same."""
        return not self.inverted and ("AWS", "*") in self.names

    @property
    def open_ended(self) -> bool:
        """Whether principals that nobody named may be meant: a wildcard, or all but those that are named."""
        return self.inverted or any("*" in name for _, name in self.names)

    def of_type(self, kind: str) -> tuple[str, ...]:
        """The names of one type: AWS, Service, Federated or CanonicalUser."""
        return tuple(name for each, name in self.names if each == kind)


_NOBODY: Final = Principals(())


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. An identity's policy has no `principals`; of a trust policy `resources` is None."""

    effect: str
    actions: Named
    resources: Named | None
    principals: Principals
    conditions: tuple[Condition, ...]

    @property
    def allows(self) -> bool:
        """Whether the effect is Allow."""
        return self.effect == "Allow"

    def covers(self, action: str, resource: str) -> bool:
        """Whether the statement certainly names this action on this resource (both may hold wildcards)."""
        named = self.resources is not None and self.resources.covers(resource)
        return named and self.actions.covers(action)

    def holds_for(self, **context: str) -> bool:
        """Whether all conditions certainly hold for a request of which only `context` is known.

        A key is written with `__` for its colon: `aws__SecureTransport="false"`.
        """
        known = {key.replace("__", ":").lower(): value for key, value in context.items()}
        return all(condition.certainly_holds(known) for condition in self.conditions)

    @property
    def on_every_resource(self) -> bool:
        """Whether no resource is singled out: `*`, all of a service, or all but what is named."""
        if self.resources is None:
            return True
        return self.resources.inverted or any(is_everything(r) for r in self.resources.patterns)

    @property
    def on_all_but_named(self) -> bool:
        """Whether the element is `NotResource`."""
        return self.resources is not None and self.resources.inverted

    @property
    def named_resources(self) -> tuple[str, ...]:
        """What `Resource` or `NotResource` names; nothing in a trust policy."""
        return () if self.resources is None else self.resources.patterns


@dataclass(frozen=True, slots=True)
class Document:
    """A policy: its statements, of which any Deny that applies wins."""

    statements: tuple[Statement, ...] = ()

    @property
    def allowing(self) -> tuple[Statement, ...]:
        """The Allow statements."""
        return tuple(s for s in self.statements if s.allows)

    @property
    def denying(self) -> tuple[Statement, ...]:
        """The Deny statements."""
        return tuple(s for s in self.statements if not s.allows)

    def __add__(self, other: Document) -> Document:
        return Document(self.statements + other.statements)

    def denies(self, action: str, resource: str) -> bool:
        """Whether the action on the resource is certainly denied to whom the policy is attached to.

        For policies of identities and boundaries: a Deny under a condition does not count.
        """
        return any(s.covers(action, resource) and not s.conditions for s in self.denying)

    def denies_everyone(self, action: str, resource: str, **context: str) -> bool:
        """Whether a resource's policy certainly denies the action to every principal in that context."""
        return any(
            s.covers(action, resource) and s.holds_for(**context)
            for s in self.denying
            if s.principals.everyone
        )

    def refuses_plaintext(self, action: str, *resources: str) -> bool:
        """Whether `action` (such as `s3:*`) is certainly denied without TLS, on every one of `resources`.

        `aws:SecureTransport` is in every request (IAM, global condition context keys).
        """
        denied = (self.denies_everyone(action, each, aws__SecureTransport="false") for each in resources)
        return bool(resources) and all(denied)


def parse(policy: str | Mapping[str, Any], *, of: Literal["identity", "resource"] | None = None) -> Document:
    """The policy in a text or an object. Raises Malformed where IAM would refuse it, or we cannot read it.

    Whom it belongs to says what each statement names: a resource's (and a role's trust) its principals, an
    identity's its resources.
    """
    document = _json(policy) if isinstance(policy, str) else policy
    _only(document, _DOCUMENT, "the policy")
    version = document.get("Version", VERSIONS[0])
    if version not in VERSIONS:
        raise Malformed("Version is none that IAM knows")
    if "Statement" not in document:
        raise Malformed("the policy has no Statement")
    found = document["Statement"]
    entries = found if isinstance(found, list | tuple) else [found]
    statements = tuple(_statement(entry, variables=version == VERSIONS[1]) for entry in entries)
    if of == "resource" and any(statement.principals == _NOBODY for statement in statements):
        raise Malformed("a statement names no Principal")
    if of == "identity" and any(statement.resources is None for statement in statements):
        raise Malformed("a statement names no Resource")
    return Document(statements)


def _json(text: str) -> Mapping[str, Any]:
    try:
        document = read_json(text)
    except RepeatedName:  # IAM takes no element twice (grammar of the policy language)
        raise Malformed("an element is written twice") from None
    except ValueError:
        raise Malformed("the policy is not JSON") from None
    if not isinstance(document, Mapping):
        raise Malformed("the policy is not a JSON object")
    return document


def _only(element: Any, known: Iterable[str], what: str) -> None:
    if not isinstance(element, Mapping):
        raise Malformed(f"{what} is not a JSON object")
    if not set(element) <= set(known):
        raise Malformed(f"{what} has an element that IAM does not know")


def _statement(entry: Any, *, variables: bool) -> Statement:
    _only(entry, _STATEMENT, "a statement")
    if entry.get("Effect") not in ("Allow", "Deny"):
        raise Malformed("Effect is not Allow or Deny")
    actions = _named(entry, "Action", ignore_case=True)
    if actions is None:
        raise Malformed("a statement names no Action")
    if any(":" not in pattern and set(pattern) != {"*"} for pattern in actions.patterns):
        raise Malformed("an Action names no service")
    return Statement(
        effect=entry["Effect"],
        actions=actions,
        resources=_named(entry, "Resource"),
        principals=_principals(entry),
        conditions=conditions_in(entry.get("Condition", {}), variables=variables),
    )


def _one_of(entry: Mapping[str, Any], name: str) -> tuple[Any, bool] | None:
    """The value of the element or of its `Not` form, and whether it is that one; None where neither is."""
    if name in entry and f"Not{name}" in entry:
        raise Malformed(f"a statement has both {name} and Not{name}")
    if name in entry:
        return entry[name], False
    return (entry[f"Not{name}"], True) if f"Not{name}" in entry else None


def _named(entry: Mapping[str, Any], name: str, *, ignore_case: bool = False) -> Named | None:
    written = _one_of(entry, name)
    if written is None:
        return None
    value, inverted = written
    return Named(texts_in(value, name), inverted, ignore_case)


def _principals(entry: Mapping[str, Any]) -> Principals:
    written = _one_of(entry, "Principal")
    if written is None:
        return _NOBODY
    value, inverted = written
    return Principals(tuple(_principal_names(value)), inverted)


def _principal_names(value: Any) -> Iterator[tuple[str, str]]:
    if value == "*":
        yield "AWS", "*"
        return
    _only(value, _PRINCIPAL_TYPES, "Principal")
    for kind, names in value.items():
        yield from ((kind, name) for name in texts_in(names, f"Principal {kind}"))
