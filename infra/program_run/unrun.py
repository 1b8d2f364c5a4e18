"""Functions of a program that a dry run never calls, and that would declare resources.

A function given to `Output.apply` waits for a value that only AWS could answer. What it would declare is in
no stack, so where it stands must be told: silence about it would look like a pass.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pulumi

_NAMES = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF"}
_PARTS = {"LOAD_ATTR", "LOAD_METHOD"}
_BETWEEN = {"PUSH_NULL", "CACHE", "EXTENDED_ARG"}


@contextmanager
def watched(folder: Path) -> Iterator[set[str]]:
    """While it lasts, `FILE:LINE` of each function that declares resources is here until it is called.

    Only those of the program in `folder` count, not those of its packages.
    """
    unrun: dict[object, str] = {}
    left: set[str] = set()
    original: Any = pulumi.Output.apply

    def apply(output: Any, func: Callable[[Any], Any], run_with_unknowns: bool = False) -> Any:
        given: Any = func.func if isinstance(func, partial) else func
        place = _place(given, folder)
        if not place or not _declares(given, folder, set()):
            return original(output, func, run_with_unknowns)
        token = object()
        unrun[token] = place

        def called(value: Any) -> Any:
            unrun.pop(token, None)
            return func(value)

        return original(output, called, run_with_unknowns)

    pulumi.Output.apply = apply  # type: ignore[method-assign,assignment]  # the SDK has no other way to ask
    try:
        yield left
    finally:
        pulumi.Output.apply = original  # type: ignore[method-assign]
        left |= set(unrun.values())


def _place(func: Any, folder: Path) -> str:
    code = getattr(func, "__code__", None)
    if not isinstance(code, CodeType) or not Path(code.co_filename).is_relative_to(folder):
        return ""
    inside = Path(code.co_filename).relative_to(folder)
    return "" if "site-packages" in inside.parts else f"{inside.as_posix()}:{code.co_firstlineno}"


def _declares(func: FunctionType, folder: Path, seen: set[CodeType]) -> bool:
    """Whether the function, or one of the program that it names, names a class of resources, or imports."""
    if func.__code__ in seen:
        return False
    seen.add(func.__code__)
    for found in _named(func):
        if isinstance(found, type) and issubclass(found, pulumi.Resource):
            return True
        if isinstance(found, FunctionType) and _place(found, folder) and _declares(found, folder, seen):
            return True
    return any(each.opname == "IMPORT_NAME" for code in _codes(func.__code__) for each in dis.Bytecode(code))


def _named(func: FunctionType) -> Iterator[Any]:
    """What the function's code names: globals, what it closes over, and their parts (`aws.sqs.Queue`)."""
    known = {**func.__globals__, **_closed_over(func)}
    for code in _codes(func.__code__):
        found: Any = None
        for each in dis.Bytecode(code):
            if each.opname in _NAMES:
                found = known.get(each.argval)
            elif each.opname in _PARTS:
                owner = found if isinstance(found, ModuleType | type) else type(found)
                found = getattr(owner, each.argval, None)
            elif each.opname not in _BETWEEN:
                found = None
            yield found


def _closed_over(func: FunctionType) -> dict[str, Any]:
    found = {}
    for name, cell in zip(func.__code__.co_freevars, func.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not given yet
            continue
    return found


def _codes(code: CodeType) -> Iterator[CodeType]:
    """The code, and that of functions inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
