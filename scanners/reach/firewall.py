"""The declared WAF rules, asked about a call.

Evaluated as AWS WAF evaluates a web ACL: by priority, until a rule with an action matches. Managed rule
groups and rates know contents and speed, not contracts, and are taken not to match.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hardening.errors import CollectError

_NOT_CONTRACTS = ("managedRuleGroupStatement", "rateBasedStatement")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a firewall sees of a call. `body` is a length in bytes."""

    source: str
    method: str = "GET"
    path: str = "/ocpi/versions"
    query: str = ""
    body: int = 0


class AddressSets:
    """IP sets by ARN, indexed by prefix: a look costs as much with 2,000 sets as with one."""

    def __init__(self, sets: Mapping[str, Iterable[str]]) -> None:
        self._index: dict[tuple[int, int], dict[int, set[str]]] = {}
        for arn, networks in sets.items():
            for text in networks:
                found = ipaddress.ip_network(text)
                places = self._index.setdefault((found.version, found.prefixlen), {})
                places.setdefault(int(found.network_address), set()).add(arn)

    def holding(self, source: str) -> frozenset[str]:
        """The ARNs of the sets that hold an address."""
        address = ipaddress.ip_address(source)
        held: set[str] = set()
        for (version, prefix), places in self._index.items():
            if version == address.version:
                host_bits = address.max_prefixlen - prefix
                held |= places.get(int(address) >> host_bits << host_bits, set())
        return frozenset(held)


@dataclass(frozen=True, slots=True)
class Firewall:
    """A web ACL: its rules as declared, whether it blocks by default, and its IP sets."""

    rules: tuple[Mapping[str, Any], ...]
    blocks: bool
    sets: AddressSets
    _held: dict[str, frozenset[str]] = field(default_factory=dict)
    _named: dict[int, frozenset[str] | None] = field(default_factory=dict)

    def refuses(self, sent: Sent) -> str:
        """The rule that blocks a call, `default` for the default action; empty where the call passes.

        Raises CollectError for a statement that is not known here.
        """
        for rule in sorted(self.rules, key=lambda one: one["priority"]):
            action = rule.get("action") or {}
            if ("block" in action or "allow" in action) and self._matches(rule["statement"], sent):
                return str(rule["name"]) if "block" in action else ""
        return "default" if self.blocks else ""

    def _matches(self, statement: Mapping[str, Any], sent: Sent) -> bool:
        (kind, of), *more = statement.items()
        if more:
            raise CollectError("a WAF statement of two kinds")
        if kind in _NOT_CONTRACTS:
            return False
        if kind == "notStatement":
            return not self._matches(of["statements"][0], sent)
        if kind == "ipSetReferenceStatement":
            return of["arn"] in self._sets_of(sent.source)
        if kind == "orStatement":
            # By far the longest one names a set for each partner: one look for all of them.
            arns = self._arns_of(of["statements"])
            if arns is not None:
                return not arns.isdisjoint(self._sets_of(sent.source))
            return any(self._matches(one, sent) for one in of["statements"])
        if kind == "andStatement":
            return all(self._matches(one, sent) for one in of["statements"])
        return _text_matches(kind, of, sent)

    def _arns_of(self, statements: Sequence[Mapping[str, Any]]) -> frozenset[str] | None:
        """The IP sets that an or of IP sets names; None for any other statements."""
        key = id(statements)
        if key not in self._named:
            references = [one.get("ipSetReferenceStatement") for one in statements]
            arns = frozenset(one["arn"] for one in references if one)
            self._named[key] = arns if all(references) else None
        return self._named[key]

    def _sets_of(self, source: str) -> frozenset[str]:
        if source not in self._held:
            self._held[source] = self.sets.holding(source)
        return self._held[source]


def _text_matches(kind: str, of: Mapping[str, Any], sent: Sent) -> bool:
    name = next(iter(of.get("fieldToMatch", {"": None})))
    text = {"method": sent.method, "uriPath": sent.path, "queryString": sent.query}.get(name)
    if kind == "sizeConstraintStatement" and of["comparisonOperator"] == "GT":
        if name == "body" or text is not None:
            return (sent.body if name == "body" else len(text or "")) > int(of["size"])
    elif kind == "regexMatchStatement" and text is not None:
        return re.search(of["regexString"], text) is not None
    elif kind == "byteMatchStatement" and text is not None and of["positionalConstraint"] == "STARTS_WITH":
        return text.startswith(of["searchString"])
    raise CollectError(f"a WAF statement that is not known here: {kind} on {name or 'nothing'}")
