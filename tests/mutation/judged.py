"""Judges weakenings of our stack: our own checks first, and checkov's rules on what those let through."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from typing import Final

from hardening.checks import Check
from scanners.policy.checks import stack_checks
from scanners.policy.stack import Resource, Stack
from tests.mutation.baseline import caught_by_checkov
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


def judge_all(names: list[str]) -> Iterator[Judged]:
    """Each weakening with what caught it. Each process makes its own copy of the stack."""
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as processes:
        own = dict(zip(names, processes.map(_by_own, names, chunksize=64), strict=True))
        left = [name for name, check in own.items() if not check]
        by_checkov = processes.submit(_by_checkov, left).result()
    return (Judged(name, own[name], by_checkov.get(name, "")) for name in names)


def _by_own(name: str) -> str:
    return caught_by_own(all_weakenings()[name])


def _by_checkov(names: list[str]) -> dict[str, str]:
    return caught_by_checkov(own_stack(STACK), [all_weakenings()[name] for name in names])


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
