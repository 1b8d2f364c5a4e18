"""The four gates are made of one registry: they agree, and every seeded disagreement is found."""

from __future__ import annotations

import copy
import ipaddress
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from hardening.errors import CollectError
from hardening.registry.partners import Access, Partner, Party
from hardening.requests.samples import CPO, EMSP, PARTNERS
from infra.edge.openapi import Backend, api_definition
from infra.edge.waf import acl_rules
from scanners.policy.stack import Stack
from scanners.reach.agree import OPEN, REFUSED, Disagreement, disagreements
from scanners.reach.firewall import AddressSets, Firewall
from scanners.reach.gates import Gates, api_of, gates_of
from tests.own_stack import own_stack

BACKEND = Backend("arn:authorizer", "arn:role", "link", "guard.example")


@dataclass
class Declared:
    """What a seeded mutation may change before the gates are read from it."""

    rules: list[dict[str, Any]]
    sets: dict[str, tuple[str, ...]]
    paths: dict[str, dict[str, Any]]
    policy: list[str]
    authorizer: list[Partner]
    guard: list[Partner]
    blocks: bool = True

    def gates(self) -> Gates:
        """The gates as they are declared now."""
        firewall = Firewall(tuple(self.rules), self.blocks, AddressSets(self.sets))
        api = api_of({"paths": self.paths}, self.policy)
        return Gates(firewall, api, tuple(self.authorizer), tuple(self.guard))

    def rule(self, name: str) -> dict[str, Any]:
        """The statement of a rule."""
        statement: dict[str, Any] = next(one for one in self.rules if one["name"] == name)["statement"]
        return statement


def declared(partners: Iterable[Partner] = PARTNERS) -> Declared:
    """What infra declares for a registry, with bodies as long as the guard takes them."""
    held = list(partners)
    sets = {f"arn:{one.name}": one.networks for one in held}
    rules = copy.deepcopy(acl_rules(list(sets), 6000, 512))  # type: ignore[arg-type]  # ARNs that are known
    paths = copy.deepcopy(api_definition("ocpi", tuple(held), BACKEND)["paths"])
    return Declared(rules, sets, paths, [n for one in held for n in one.networks], list(held), list(held))


@cache
def _stack() -> Stack:
    return own_stack("test")


def test_what_we_declare_agrees() -> None:
    assert list(disagreements(declared().gates())) == []


def test_our_own_stack_differs_in_one_known_class_only() -> None:
    """WAF reads 64 KiB of a body at most, so on AWS a longer one is refused there: docs/divergences.md."""
    found = list(disagreements(gates_of(_stack(), PARTNERS)))
    assert found == [Disagreement(REFUSED, "a body of 524288 bytes", "firewall body-length")]


LIST, TOKENS = (
    "/ocpi/2.2.1/sender/locations",
    "/ocpi/2.2.1/receiver/tokens/{country_code}/{party_id}/{token_uid}",
)


def _registry(change: Callable[[Partner], Partner], *places: str) -> Callable[[Declared], None]:
    def mutate(given: Declared) -> None:
        for place in places:
            setattr(
                given, place, [change(one) if one.name == EMSP.name else one for one in getattr(given, place)]
            )

    return mutate


def _more(partner: Partner) -> Partner:
    return replace(
        partner,
        modules={**partner.modules, "cdrs": (Access.READ, Access.WRITE)},
        parties=(*partner.parties, Party("NL", "EMC", "CPO")),
    )


def _without(name: str) -> Callable[[Partner], Partner]:
    return lambda one: replace(
        one, modules={module: given for module, given in one.modules.items() if module != name}
    )


def _widen(given: Declared) -> None:
    given.sets["arn:example-emsp"] = ("203.0.113.0/27",)
    given.policy.append("203.0.113.0/27")


def _let_strangers_in(given: Declared) -> None:
    given.rules.pop(0)
    given.policy.append("0.0.0.0/0")
    given.blocks = False


def _serve_head(given: Declared) -> None:
    given.paths[LIST].update(head={})
    given.rule("method")["notStatement"]["statements"][0]["regexMatchStatement"]["regexString"] = "."


# A seeded mutation, and the kind of disagreement that it makes.
MUTATIONS: dict[str, tuple[Callable[[Declared], object], str]] = {
    "an IP set without an address": (lambda d: d.sets.update({"arn:example-emsp": ()}), REFUSED),
    "an IP set that is too narrow": (
        lambda d: d.sets.update({"arn:example-emsp": ("203.0.113.0/29",)}),
        REFUSED,
    ),
    "an IP set and a policy that are too wide": (_widen, OPEN),
    "an IP set that no rule names": (
        lambda d: d.rule("strangers")["notStatement"]["statements"][0]["orStatement"]["statements"].pop(),
        REFUSED,
    ),
    "no firewall rule for strangers, and an open policy": (_let_strangers_in, OPEN),
    "no rule that allows": (lambda d: d.rules.pop() and None, REFUSED),
    "a method that the firewall blocks": (
        lambda d: d.rule("method")["notStatement"]["statements"][0]["regexMatchStatement"].update(
            regexString="^(GET|POST|PUT|DELETE)$"
        ),
        REFUSED,
    ),
    "a longer prefix": (
        lambda d: d.rule("path")["notStatement"]["statements"][0]["byteMatchStatement"].update(
            searchString="/ocpi/2"
        ),
        REFUSED,
    ),
    "shorter paths": (lambda d: d.rule("path-length")["sizeConstraintStatement"].update(size=300), REFUSED),
    "shorter queries": (
        lambda d: d.rule("query-length")["sizeConstraintStatement"].update(size=100),
        REFUSED,
    ),
    "shorter bodies": (lambda d: d.rule("body-length")["sizeConstraintStatement"].update(size=8192), REFUSED),
    "an API without a route": (lambda d: d.paths.pop(LIST) and None, REFUSED),
    "an API without a method": (lambda d: d.paths[TOKENS].pop("patch") and None, REFUSED),
    "an API with a method that OCPI has not": (lambda d: d.paths[LIST].update(delete={}), OPEN),
    "an API with HEAD, and a firewall that passes it": (_serve_head, OPEN),
    "an API that wants a body for a GET": (
        lambda d: d.paths[LIST]["get"].update(requestBody={"required": True}),
        REFUSED,
    ),
    "an API that wants a body to authorize": (
        lambda d: d.paths["/ocpi/2.2.1/sender/tokens/{token_uid}/authorize"]["post"]["requestBody"].update(
            required=True
        ),
        REFUSED,
    ),
    "a resource policy without a network": (lambda d: d.policy.remove(CPO.networks[0]), REFUSED),
    "an authorizer that does not know a partner": (lambda d: d.authorizer.remove(EMSP), REFUSED),
    "a guard that does not know a partner any more": (lambda d: d.guard.remove(EMSP), OPEN),
    "an authorizer of an older contract": (_registry(_without("commands"), "authorizer"), REFUSED),
    "an authorizer of a wider contract": (_registry(_more, "authorizer"), OPEN),
    "a guard of a narrower contract": (_registry(_without("tokens"), "guard"), OPEN),
    "an authorizer without a version": (
        _registry(lambda one: replace(one, versions=("2.2.1",)), "authorizer"),
        REFUSED,
    ),
    "a guard of another environment": (
        _registry(lambda one: replace(one, versions=("2.3.0",)), "guard"),
        OPEN,
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_seeded_disagreement_is_found(name: str) -> None:
    mutate, kind = MUTATIONS[name]
    given = declared()
    mutate(given)
    assert kind in {one.kind for one in disagreements(given.gates())}


def test_there_are_twenty_mutations_at_least() -> None:
    assert len(MUTATIONS) >= 20


def test_two_thousand_partners_are_asked_for_in_under_a_minute() -> None:
    modules = list(CPO.modules)
    many = [
        replace(
            CPO,
            name=f"partner-{number}",
            parties=(Party("DE", f"{number:03X}"[-3:], "CPO"),),
            networks=(f"{ipaddress.ip_address(0x0B000000 + 64 * number)}/28", f"2001:db8:{number:x}::/48"),
            modules={
                name: (Access.READ, Access.WRITE)
                for at, name in enumerate(modules)
                if number >> at & 1 or not at
            },
        )
        for number in range(2000)
    ]
    given = declared(many)
    begun = time.process_time()
    assert list(disagreements(given.gates())) == []
    assert time.process_time() - begun < 60


def test_a_rule_that_is_not_known_or_no_partner_is_no_agreement() -> None:
    given = declared()
    given.rules[1]["statement"] = {"geoMatchStatement": {"countryCodes": ["NL"]}}
    with pytest.raises(CollectError, match="geoMatchStatement"):
        list(disagreements(given.gates()))
    with pytest.raises(CollectError, match="no partner"):
        list(disagreements(replace(declared().gates(), guard=())))
