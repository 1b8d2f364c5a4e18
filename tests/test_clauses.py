"""Every clause of a check's judgement is reached by a case, but for those that are listed with a reason."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from hardening.checks import Check, Status, Verdicts, check
from scanners.catalogue import checks_by_subject
from tests.branch_reach import unreached
from tests.hardening.ocpi.corpus_messages import faulted, sound
from tests.own_stack import own_stack
from tests.scanners.policy.hollow_stacks import hollow
from tests.test_cases import subjects

LISTED = Path(__file__).with_name("unreached_branches.yaml")
# module, function, branch
Branch = tuple[str, str, str]

# The own stack is good for every check of a stack.
BESIDE: Mapping[str, tuple[str, ...]] = {"stack": ("test", "production")}
# Why a branch may be on the list; the file says which of them it is.
REASONS = {
    "default": "the default of a nested member that is left out: with it the check fails or says nothing",
    "patch": "only a PATCH can leave it out, and tests/hardening/ocpi/test_rules.py has those",
    "owed": "a case is still to be written",
}


def found(kind: str) -> set[Branch]:
    """The branches that no case of the checks of this kind reaches."""
    checks = checks_by_subject()[kind]
    return {(one.module, one.function, str(one)) for one in unreached(checks, _beside(kind), _more(kind))}


def _beside(kind: str) -> tuple[Any, ...]:
    """What is good for every check of a kind: our own stacks, and the sound messages of the corpus."""
    return sound() if kind == "message" else tuple(own_stack(name) for name in BESIDE.get(kind, ()))


def _more(kind: str) -> Mapping[str, tuple[Any, ...]]:
    """The cases that other tests hold to their verdicts, by the name of the check."""
    elsewhere: Mapping[str, tuple[Any, ...]] = {}
    if kind == "stack":
        elsewhere = {one.name: hollow(one) for one in checks_by_subject()[kind]}
    elif kind == "message":
        elsewhere = faulted()
    named = subjects(kind)
    return {name: (*elsewhere.get(name, ()), *named.get(name, ())) for name in {*elsewhere, *named}}


def listed(kind: str) -> Mapping[Branch, str]:
    """The branches for which there is no case, and why; of one kind of subject. The list only shrinks."""
    modules = (yaml.safe_load(LISTED.read_text(encoding="utf-8")) or {}).get(kind) or {}
    return {
        (module, function, branch): reason
        for module, functions in modules.items()
        for function, branches in functions.items()
        for branch, reason in branches.items()
    }


@pytest.mark.parametrize("kind", checks_by_subject())
def test_every_clause_of_a_check_is_reached_by_its_own_cases(kind: str) -> None:
    known, now = set(listed(kind)), found(kind)
    assert now - known == set(), "write a case in `bad`, `also_good` or `unverifiable` of the check"
    assert known - now == set(), f"a case reaches these now: take them out of {LISTED.name}"


@pytest.mark.parametrize("kind", checks_by_subject())
def test_every_listed_branch_has_a_reason(kind: str) -> None:
    assert {branch: reason for branch, reason in listed(kind).items() if reason not in REASONS} == {}


def test_the_list_does_not_grow() -> None:
    assert sum(len(listed(kind)) for kind in checks_by_subject()) <= 180, "half of what it was"


def _judge(subject: int) -> Verdicts:
    yield "here", "odd" if subject % 2 or subject > 10 else None


def test_a_clause_without_a_case_is_noticed() -> None:
    proved: Check[Any] = check("token-known", good=2, bad={"odd": 1, "large": 12})(_judge)
    unproved: Check[Any] = check("token-known", good=2, bad=1)(_judge)
    assert list(_of_judge(proved)) == []
    assert list(_of_judge(unproved)) == ["`subject > 10` is never true"]
    assert Status.FAIL in {finding.status for finding in proved.run(12)}


def _of_judge(one: Check[Any]) -> Iterator[str]:
    return (str(branch) for branch in unreached([one]) if branch.function == "_judge")


def _write(kinds: Collection[str]) -> None:
    """Write the list anew, for some kinds or for all. What is new on it has no reason yet."""
    text: dict[str, Any] = {}
    for kind in checks_by_subject():
        reasons = listed(kind)
        now = found(kind) if kind in kinds or not kinds else set(reasons)
        modules: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
        for branch in sorted(now):
            modules[branch[0]][branch[1]][branch[2]] = reasons.get(branch, "")
        text[kind] = {module: dict(functions) for module, functions in modules.items()}
    told = "".join(f"# {reason}: {why}.\n" for reason, why in REASONS.items())
    head = f"# Branches of checks that no case reaches, and why. The list only shrinks.\n{told}"
    LISTED.write_text(head + yaml.safe_dump(text, width=1000, sort_keys=True), encoding="utf-8")


if __name__ == "__main__":
    _write(sys.argv[1:])
