"""Judges weakenings of our stack: our own checks first, and checkov's rules on what those let through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from typing import Final

from hardening.checks import Check
from scanners.policy.checks import stack_checks
from scanners.policy.stack import Resource, Stack
from tests.mutation.weakening import Weakening, weakened
from tests.mutation.weakenings import weakenings
from tests.own_stack import own_stack

STACK: Final = "test"  # the settings whose stack is weakened
_PROCESSES: Final = 2
_EVERY_TYPE: Final = "*"


@dataclass(frozen=True, slots=True)
class Judged:
    """A weakening, and the check of ours or the rule of checkov that fails or cannot verify it."""

    name: str
    own: str = ""
    checkov: str = ""


@cache
def all_weakenings() -> dict[str, Weakening]:
    """Every weakening of our stack, by its name."""
    return {one.name: one for one in weakenings(own_stack(STACK))}


def judge_all(every: Iterable[Weakening]) -> Iterator[Judged]:
    """Every weakening with what caught it. Each process makes its own copy of the stack."""
    names = [one.name for one in every]
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as processes:
        yield from processes.map(_judged, names, chunksize=16)


def _judged(name: str) -> Judged:
    one = all_weakenings()[name]
    own = caught_by_own(one)
    return Judged(name, own, "" if own else _caught_by_checkov(weakened(own_stack(STACK), one)))


def caught_by_own(one: Weakening) -> str:
    """A check of ours that fails or cannot verify the weakened stack, or an empty text.

    Only those are asked that look at resources of the type which is weakened: the others see no difference.
    """
    strong = own_stack(STACK)
    stack, changed = weakened(strong, one), strong.get(one.urn)
    kind = changed.type if changed else _EVERY_TYPE
    asked = _asked_of(kind)
    for place, check in enumerate(asked):
        if check.holds(stack) is False:
            asked.insert(0, asked.pop(place))  # the next weakening is often of the same sort
            return check.name
    return ""


@cache
def _asked_of(kind: str) -> list[Check[Stack]]:
    return [check for check, types in _types_by_check() if types & {kind, _EVERY_TYPE}]


@cache
def _types_by_check() -> tuple[tuple[Check[Stack], frozenset[str]], ...]:
    """Each check with the types of the resources that it looks at in the strong stack."""
    found = []
    for check in stack_checks():
        watched = _WatchedStack(own_stack(STACK))
        assert check.holds(watched) is not False, f"{check.name} does not hold for the strong stack"  # type: ignore[arg-type]  # it has all that checks use of a Stack
        found.append((check, frozenset(watched.types)))
    return tuple(found)


class _WatchedStack:
    """A stack that notes which types of resources are asked for."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.name, self.project = stack.name, stack.project
        self.types: set[str] = set()

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """As `Stack.of_type`."""
        self.types |= set(types)
        return self._stack.of_type(*types)

    def __getattr__(self, name: str) -> object:
        self.types.add(_EVERY_TYPE)  # `resources` and what walks over them
        return getattr(self._stack, name)


def _caught_by_checkov(stack: Stack) -> str:
    """A rule of checkov that has more to say against the stack than against the strong one."""
    more = sorted(_complaints(stack) - _complaints_of_the_strong_stack())
    return more[0][0] if more else ""


@cache
def _complaints_of_the_strong_stack() -> frozenset[tuple[str, str]]:
    return _complaints(own_stack(STACK))


def _complaints(stack: Stack) -> frozenset[tuple[str, str]]:
    """Rule and address of all that checkov fails or cannot decide, and of what it is never asked."""
    from checkov.terraform.checks.utils import base_cloudsplaining_iam_scanner as iam

    from scanners.policy import checkov_run
    from scanners.policy.checkov_job import Job
    from scanners.policy.plan import plan_of

    # It keeps policies by address, and the addresses of all weakened stacks are the same.
    iam.BaseTerraformCloudsplainingIAMScanner.policy_document_cache.clear()
    plan = plan_of(stack)
    job = Job(plan.document(), {r.address: list(r.unknown) for r in plan.resources if r.unknown})
    told = {
        (verdict.rule, verdict.address)
        for verdict in checkov_run.judge(job).verdicts
        if verdict.status in ("failed", "unknown", "crashed")
    }
    return frozenset(told | {("unjudged", urn) for urn in plan.unjudged})
