"""Which branches of a check's judgement its own cases reach, measured by tracing each instruction."""

from __future__ import annotations

import ast
import dis
import inspect
import linecache
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FrameType, FunctionType, MappingProxyType, ModuleType
from typing import Any

from hardening.checks import Check, Status
from hardening.ocpi.rules.facts import FACTS
from hardening.ocpi.rules.rule import Message, Rule, rule_of

# One way out of a conditional jump: the code, the jump's offset, the offset of the next instruction.
Way = tuple[CodeType, int, int]
_ALWAYS = ("JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_NO_INTERRUPT", "SEND")
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, order=True)
class Unreached:
    """A branch that no case reaches: `text` is the condition as written, `outcome` the way never taken."""

    module: str
    function: str
    text: str
    outcome: str

    def __str__(self) -> str:
        return f"`{self.text}` is never {self.outcome}"


def judgement(check: Check[Any]) -> CodeType:
    """The code of a check: of a business rule, the plain function inside it."""
    for value in vars(check.judge).values():
        if isinstance(value, Rule):
            return _function(value.find).__code__
    return _function(check.judge).__code__


def _function(found: Any) -> FunctionType:
    assert isinstance(found, FunctionType)
    return found


def inner_codes(code: CodeType) -> Iterator[CodeType]:
    """A function's code with those of the comprehensions and functions in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from inner_codes(constant)


def _module(code: CodeType) -> str:
    return Path(code.co_filename).relative_to(ROOT).as_posix()


def _text(code: CodeType, place: dis.Positions | None) -> str:
    """The condition as it is written, in one line."""
    if place is None or place.lineno is None or place.end_lineno is None:
        return code.co_name
    lines = [
        line.encode() for line in linecache.getlines(code.co_filename)[place.lineno - 1 : place.end_lineno]
    ]
    lines[-1] = lines[-1][: place.end_col_offset]
    lines[0] = lines[0][place.col_offset or 0 :]
    return " ".join(b" ".join(lines).decode().split())


@cache
def ways_of(code: CodeType) -> Mapping[Way, Unreached]:
    """Each way out of each conditional jump of one code, with how it is told if no case takes it."""
    instructions = list(dis.get_instructions(code))
    found: dict[Way, Unreached] = {}
    for prefix, here, following in zip([None, *instructions], instructions, instructions[1:], strict=False):
        if here.opcode not in {*dis.hasjrel, *dis.hasjabs} or here.opname in _ALWAYS:
            continue
        assert isinstance(here.argval, int)
        loop = here.opname == "FOR_ITER"
        if here.opname.endswith(("IF_NONE", "IF_NOT_NONE")):
            jumping = "None" if here.opname.endswith("IF_NONE") else "not None"
            staying = "not None" if jumping == "None" else "None"
        else:
            jumping = "empty" if loop else "true" if "TRUE" in here.opname else "false"
            staying = "an item" if loop else "false" if jumping == "true" else "true"
        # An exception of another type passes on, and becomes an `error` where the check is run.
        caught = prefix is not None and prefix.opname == "CHECK_EXC_MATCH"
        for target, outcome in ((here.argval, jumping), (following.offset, staying)):
            if caught and outcome == "false":
                continue
            told = Unreached(_module(code), code.co_qualname, _text(code, here.positions), outcome)
            # A long argument is written as an instruction before, and the two are traced as one.
            long = prefix is not None and prefix.opname == "EXTENDED_ARG"
            found[(code, prefix.offset if prefix and long else here.offset, target)] = told
    return found


def taken(codes: set[CodeType], check: Check[Any], subjects: Iterable[Any]) -> set[Way]:
    """The ways that `check` takes through `codes` on all of `subjects`."""
    seen: set[Way] = set()
    last: dict[FrameType, int] = {}

    def local(frame: FrameType, event: str, _: Any) -> Any:
        if event == "opcode":
            before = last.get(frame)
            if before is not None:
                seen.add((frame.f_code, before, frame.f_lasti))
            last[frame] = frame.f_lasti
        elif event == "return":
            last.pop(frame, None)
        return local

    def entered(frame: FrameType, _: str, __: Any) -> Any:
        if frame.f_code not in codes:
            return None
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return local

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        for subject in subjects:
            check.run(subject)
            if (
                isinstance(subject, Message) and not subject.partial
            ):  # its quick predicate is part of the judgement
                _quick(check, subject)
    finally:
        sys.settrace(before)
    return seen


def _quick(check: Check[Any], message: Message) -> None:
    facts_of = FACTS.get((message.version, message.object_type))
    holds = rule_of(check).holds.get(message.object_type)
    if facts_of and holds:
        holds(message.value, facts_of(message.value))


def _fails(check: Check[Any], subject: Any) -> bool:
    return any(finding.status is Status.FAIL for finding in check.run(subject))


@cache
def makers(module: ModuleType) -> frozenset[str]:
    """Private functions that only the module's own reading calls: they make samples and judge nothing."""
    tree = ast.parse(inspect.getsource(module))
    private = {one.name for one in tree.body if isinstance(one, ast.FunctionDef) and one.name[0] == "_"}
    users: dict[str, set[str]] = {name: set() for name in private}
    for statement in tree.body:
        bodies: list[tuple[str, ast.AST]] = [("", statement)]
        if isinstance(statement, ast.FunctionDef):
            bodies = [("", one) for one in statement.decorator_list]
            bodies += [(statement.name, one) for one in statement.body]
        for user, body in bodies:
            for node in ast.walk(body):
                if isinstance(node, ast.Name) and node.id in private:
                    users[node.id].add(user)
    reading = {""}
    while found := {name for name in private - reading if users[name] and users[name] <= reading}:
        reading |= found
    return frozenset(reading - {""} - _handed_on(tree))


def _handed_on(tree: ast.Module) -> set[str]:
    """The names that are not called but given: in `holds={...}` of a rule they judge later."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}


def _says_nothing(check: Check[Any], subject: Any) -> bool:
    return all(finding.status is Status.NOT_APPLICABLE for finding in check.run(subject))


def module_codes(module: ModuleType) -> set[CodeType]:
    """The code of every function that a module defines, checks and what they share."""
    found: set[CodeType] = set()
    makes_only = makers(module)
    for value in vars(module).values():
        own = getattr(value, "__module__", "") == module.__name__
        if isinstance(value, FunctionType) and own and value.__name__ not in makes_only:
            found |= set(inner_codes(value.__code__))
        elif isinstance(value, Check) and value.judge.__module__ == module.__name__:
            found |= set(inner_codes(judgement(value)))
    return found


def cases(check: Check[Any]) -> list[Any]:
    """Every subject that a check carries."""
    return [check.good, *check.also_good.values(), *check.bad.values(), *check.unverifiable.values()]


def unreached(
    checks: Iterable[Check[Any]],
    beside: Iterable[Any] = (),
    more: Mapping[str, Iterable[Any]] = MappingProxyType({}),
    helping: Iterable[str] = (),
) -> set[Unreached]:
    """The branches of the checks' modules, and of those `helping` them, that no case reaches.

    A judgement must be proved by its own check's cases, and by what it leaves alone: the good subjects of the
    other checks and `beside`, where it does not fail them. What the checks of a module share is proved by all
    of their cases. `more` has cases by the name of the check that are written elsewhere. Of the other
    checks' bad subjects those count of which a check says nothing: it is not applicable there, and no pass.
    """
    every = list(checks)
    left_alone = [*{id(one.good): one.good for one in every}.values(), *beside]
    bad = [*{id(subject): subject for one in every for subject in one.bad.values()}.values()]
    modules = {*(check.judge.__module__ for check in every), *helping}
    shared = set().union(*(module_codes(sys.modules[name]) for name in modules))
    owned = [set(inner_codes(judgement(check))) for check in every]
    counts: dict[CodeType, int] = {}
    for codes in owned:
        for code in codes:
            counts[code] = counts.get(code, 0) + 1
    found: set[Unreached] = set()
    together: set[Way] = set()
    for check, codes in zip(every, owned, strict=True):
        quiet = [subject for subject in left_alone if not _fails(check, subject)]
        unsaid = [subject for subject in bad if _says_nothing(check, subject)]
        seen = taken(shared | codes, check, [*cases(check), *more.get(check.name, ()), *quiet, *unsaid])
        together |= seen
        alone = [code for code in codes if counts[code] == 1]
        found |= {told for code in alone for way, told in ways_of(code).items() if way not in seen}
    common = [code for code in shared if counts.get(code, 0) != 1]
    return found | {told for code in common for way, told in ways_of(code).items() if way not in together}
