"""Every clause of a check's judgement is reached by a case."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import pytest

from hardening.checks import Check, Status, Verdicts, check
from scanners.catalogue import checks_by_subject
from tests.branch_reach import unreached
from tests.hardening.ocpi.corpus_messages import faulted, sound
from tests.own_stack import own_stack
from tests.scanners.policy.hollow_stacks import hollow
from tests.test_cases import subjects

# The own stack is good for every check of a stack.
BESIDE: Mapping[str, tuple[str, ...]] = {"stack": ("test", "production")}

# What checks of a kind decide with, beside their own modules.
HELPING: Mapping[str, tuple[str, ...]] = {
    "stack": (
        "hardening.filter_patterns",
        *(
            f"scanners.policy.checks.{name}"
            for name in ("policies", "reading", "security_group_rules", "variables")
        ),
    ),
    "message": tuple(
        f"hardening.ocpi.rules.{name}" for name in ("facts", "likely_costs", "pricing", "restrictions")
    ),
    "tls": ("scanners.tls.checks.unverified",),
}
# What stands beside checks and judges nothing: it makes samples, or runs rules.
NO_JUDGES = (
    "hardening.ocpi.rules.__main__",
    "hardening.ocpi.rules.fast_path",
    "hardening.ocpi.rules.rule",
    "hardening.ocpi.rules.samples",
    "hardening.ocpi.rules.texts",
    "scanners.tls.checks.certificate_cases",
    "scanners.tls.checks.samples",
)
FOLDERS = (
    "hardening.ocpi.rules",
    "hardening.requests.checks",
    "scanners.policy.checks",
    "scanners.tls.checks",
)


def found(kind: str) -> list[str]:
    """The branches that no case of the checks of this kind reaches, as `module, function: branch`."""
    missing = unreached(checks_by_subject()[kind], _beside(kind), _more(kind), HELPING.get(kind, ()))
    return [f"{one.module}, {one.function}: {one}" for one in sorted(missing)]


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


# Each case of the stack's checks is traced: most of a minute. By hand: `python -m tests.test_clauses stack`.
@pytest.mark.parametrize(
    "kind",
    [pytest.param(one, marks=pytest.mark.slow if one == "stack" else ()) for one in checks_by_subject()],
)
def test_every_clause_of_a_check_is_reached_by_its_own_cases(kind: str) -> None:
    assert found(kind) == [], "write a case of the check: in `bad`, `also_good`, `unverifiable` or cases.yaml"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_module_beside_checks_is_traced_too(folder: str) -> None:
    modules = {f"{folder}.{one.name}" for one in pkgutil.iter_modules(import_module(folder).__path__)}
    assert modules - _judging() - set(NO_JUDGES) == set()


def _judging() -> set[str]:
    """The modules that hold judgements: those of checks, and what these decide with."""
    own = {one.judge.__module__ for checks in checks_by_subject().values() for one in checks}
    return {*own, *(name for names in HELPING.values() for name in names)}


# What takes a default, and how many arguments it then has; `next` tells by its loop that it took it.
DEFAULTS = {"get": 2, "pop": 2, "setdefault": 2, "getattr": 3}


def silent_defaults(text: str) -> list[str]:
    """Where a text of Python takes a default without a branch that tracing could see (None is none)."""
    return [ast.unparse(node) for node in ast.walk(ast.parse(text)) if _takes_a_default(node)]


def _takes_a_default(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    given = [node.args[-1]] if len(node.args) == DEFAULTS.get(name) else []
    given += [each.value for each in node.keywords if each.arg == "default" and name in ("min", "max")]
    return any(not (isinstance(each, ast.Constant) and each.value is None) for each in given)


@pytest.mark.parametrize("module", sorted(_judging()))
def test_every_default_of_a_judgement_is_a_branch(module: str) -> None:
    found = silent_defaults(inspect.getsource(import_module(module)))
    assert found == [], "write `x.get(name) or default`: a case then has to reach it"


def test_a_default_without_a_branch_is_noticed() -> None:
    assert silent_defaults("a.get(b, 0), max(c, default=1), getattr(d, e, ())") == [
        "a.get(b, 0)",
        "max(c, default=1)",
        "getattr(d, e, ())",
    ]
    assert silent_defaults("a.get(b) or 0, a.get(b), getattr(d, e, None), check(default=1)") == []


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
    for subject in sys.argv[1:] or checks_by_subject():
        print(*found(subject), sep="\n")
