"""What checkov's rules find of weakenings: one run over the neighbourhoods of all that were weakened.

A rule looks at a resource and at what is connected with it. So each weakening is judged on the weakened
resource and what is up to two steps away, beside the same part of the strong stack: what checkov says of both
is no catch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from scanners.policy.checkov.job import Job
from scanners.policy.plan import Plan, Planned, plan_of
from scanners.policy.stack import Stack
from tests.mutation.weakening import Weakening, weakened

_HUB: Final = 60  # a resource with more connections, such as the VPC, is looked at, and not gone through


def caught_by_checkov(strong: Stack, every: Iterable[Weakening]) -> dict[str, str]:
    """The name of each weakening that checkov finds, with a rule that says so."""
    plan = plan_of(strong)
    document: dict[str, Any] = Plan((), {}, {}).document()
    unknown: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    connected = _connections(plan)
    for index, one in enumerate(every):
        near = _neighbourhood(connected, one.urn)
        names[f"w{index}"] = one.name
        _add(document, unknown, _copies(plan_of(weakened(strong, one)), near, f"w{index}"))
        _add(document, unknown, _copies(plan, near, f"s{index}"))
    said = _complaints(Job(document, unknown))
    found = {names[mark]: said[mark] - said[mark.replace("w", "s")] for mark in names}
    return {name: min(rules)[0] for name, rules in found.items() if rules}


def _complaints(job: Job) -> Mapping[str, set[tuple[str, str]]]:
    """Mark -> (rule, address without the mark) of all that checkov fails or cannot decide."""
    from scanners.policy.checkov import run as checkov_run

    said: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for verdict in checkov_run.judge(job).verdicts:
        if verdict.status in ("failed", "unknown", "crashed"):
            kind, _, marked = verdict.address.partition(".")
            mark, _, name = marked.partition("__")
            said[mark].add((verdict.rule, f"{kind}.{name}"))
    return said


def _connections(plan: Plan) -> Mapping[str, frozenset[str]]:
    """URN -> URNs of what it refers to, and of what refers to it."""
    urns = {each.address: each.resource.urn for each in plan.resources}
    found: dict[str, set[str]] = defaultdict(set)
    for each in plan.resources:
        for address in (to for addresses in each.references.values() for to in addresses):
            found[each.resource.urn].add(urns[address])
            found[urns[address]].add(each.resource.urn)
    return {urn: frozenset(near) for urn, near in found.items()}


def _neighbourhood(connected: Mapping[str, frozenset[str]], urn: str) -> set[str]:
    near = {urn, *connected.get(urn, ())}
    for step in [one for one in near if len(connected.get(one, ())) <= _HUB]:
        near = near | connected.get(step, frozenset())
    return near


def _copies(plan: Plan, near: set[str], mark: str) -> Iterator[Planned]:
    """The part of the plan under other names. What leads out of it leads nowhere."""
    part = [each for each in plan.resources if each.resource.urn in near]
    addresses = {each.address: f"{each.type}.{mark}__{each.name}" for each in part}
    for each in part:
        references = {
            attribute: tuple(addresses[to] for to in addresses_to if to in addresses)
            for attribute, addresses_to in each.references.items()
        }
        kept = {attribute: to for attribute, to in references.items() if to}
        yield replace(each, address=addresses[each.address], name=f"{mark}__{each.name}", references=kept)


def _add(document: dict[str, Any], unknown: dict[str, list[str]], copies: Iterable[Planned]) -> None:
    part = Plan(tuple(copies), {}, {})
    more = part.document()
    for tree in ("planned_values", "configuration"):
        document[tree]["root_module"]["resources"] += more[tree]["root_module"]["resources"]
    unknown |= {each.address: list(each.unknown) for each in part.resources if each.unknown}
