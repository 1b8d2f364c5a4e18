"""Every clause of a check's judgement is reached by a case of its own, but for those that are listed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from hardening.checks import Check, Status, Verdicts, check
from scanners.catalogue import checks_by_subject
from tests.branch_reach import unreached
from tests.own_stack import own_stack

LISTED = Path(__file__).with_name("unreached_branches.yaml")
Branches = Mapping[str, Mapping[str, list[str]]]

# The own stack is good for every check of a stack.
BESIDE: Mapping[str, tuple[str, ...]] = {"stack": ("test", "production")}


def found(kind: str) -> Branches:
    """Module -> function -> the branches that no case of the checks of this kind reaches."""
    branches: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in unreached(checks_by_subject()[kind], [own_stack(name) for name in BESIDE.get(kind, ())]):
        branches[one.module][one.function].add(str(one))
    return {m: {f: sorted(told) for f, told in sorted(fs.items())} for m, fs in sorted(branches.items())}


def listed() -> Mapping[str, Branches]:
    """The branches for which a case is still to be written, by the kind of subject. The list only shrinks."""
    return yaml.safe_load(LISTED.read_text(encoding="utf-8")) or {}


@pytest.mark.parametrize("kind", checks_by_subject())
def test_every_clause_of_a_check_is_reached_by_its_own_cases(kind: str) -> None:
    known, now = _flat(listed().get(kind, {})), _flat(found(kind))
    assert now - known == set(), "write a case in `bad`, `also_good` or `unverifiable` of the check"
    assert known - now == set(), f"a case reaches these now: take them out of {LISTED.name}"


def _flat(branches: Branches) -> set[tuple[str, str, str]]:
    return {
        (m, f, told) for m, functions in branches.items() for f, found in functions.items() for told in found
    }


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


if __name__ == "__main__":
    text = yaml.safe_dump({kind: found(kind) for kind in checks_by_subject()}, width=1000, sort_keys=True)
    head = "# Branches of checks that no case reaches yet. The list only shrinks (tests/test_clauses.py).\n"
    LISTED.write_text(head + text, encoding="utf-8")
