"""Mutations of product code: one operator, constant, condition or statement changed.

What is only said (docstrings, messages, logs, annotations) is left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

_COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
# Calls whose going only changes what is told, or how fast it goes.
_TOLD: Final = ("log", "print", "echo", "write", "debug", "info", "warning", "set", "close", "collect")
# What a `return` may have that is changed for itself.
_JUDGED_ITSELF: Final = (ast.Constant, ast.Compare, ast.BoolOp)
MODULE: Final = "<module>"


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: where, what it is called on lists, and the text of the whole module with it."""

    module: str  # path from the project's root
    function: str  # qualified name, or `<module>`
    change: str
    source: str

    @property
    def name(self) -> str:
        """How it is listed."""
        return f"{self.module} {self.function}: {self.change}"


def mutations(root: Path, module: str, wanted: Callable[[str], bool] = bool) -> Iterator[Mutation]:
    """The mutations of one module whose names are wanted: all, unless told."""
    tree = ast.parse((root / module).read_text(encoding="utf-8"))
    parents = {child: parent for parent in ast.walk(tree) for child in ast.iter_child_nodes(parent)}
    silent = set(_only_told(tree))
    seen: dict[tuple[str, str], int] = {}
    for node in list(ast.walk(tree)):
        if node in silent or node not in parents:
            continue
        function = _function(node, parents)
        for change, new in _changes(node, parents[node]):
            count = seen[(function, change)] = seen.get((function, change), 0) + 1
            again = f" (the {count}. of these)" if count > 1 else ""
            one = Mutation(module, function, change + again, "")
            if wanted(one.name):  # to write a whole module takes longer than all the rest
                yield replace(one, source=_with(tree, node, parents[node], new))


def _with(tree: ast.Module, node: ast.AST, parent: ast.AST, new: ast.AST) -> str:
    """The module's text with `new` in the place of `node`; the tree is as it was afterwards."""
    for field, value in ast.iter_fields(parent):
        if value is node:
            setattr(parent, field, new)
            text = ast.unparse(tree)
            setattr(parent, field, node)
            return text
        if isinstance(value, list) and any(one is node for one in value):
            place = next(index for index, one in enumerate(value) if one is node)
            value[place] = new
            text = ast.unparse(tree)
            value[place] = node
            return text
    raise LookupError(ast.dump(node))


def _changes(node: ast.AST, parent: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What may be done to one node: how it is told, and what stands there instead."""
    for new in _others(node, parent):
        yield f"`{_short(node)}` -> `{_short(new)}`", new


def _others(node: ast.AST, parent: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left=left, ops=[operator], comparators=right) if type(operator) in _COMPARISONS:
            yield ast.Compare(left, [_COMPARISONS[type(operator)]()], right)
        case ast.BoolOp(op=operator, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _ARITHMETIC:
            if not isinstance(left, ast.JoinedStr) and not isinstance(right, ast.JoinedStr):
                yield ast.BinOp(left, _ARITHMETIC[type(operator)](), right)
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(number)):
            yield ast.Constant(number + 1)
        case ast.Raise() | ast.Expr(value=ast.Call()) if not _tells(node):
            yield ast.Pass()
        case ast.Return(value=value) if value is not None and not isinstance(value, _JUDGED_ITSELF):
            yield ast.Return(ast.Constant(None))
    if isinstance(parent, ast.If | ast.IfExp) and node is parent.test and not isinstance(node, ast.Compare):
        yield ast.Constant(False)
        yield ast.Constant(True)
    if isinstance(parent, ast.comprehension) and node in parent.ifs:
        yield ast.Constant(True)


def _tells(node: ast.AST) -> bool:
    """Whether a statement only tells something."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    called = node.value.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in _TOLD


def _only_told(tree: ast.Module) -> Iterator[ast.AST]:
    """Annotations, what exceptions and logs say, f-strings, and what stands under TYPE_CHECKING."""
    for node in ast.walk(tree):
        quiet: list[ast.AST | None] = []
        match node:
            case ast.arg(annotation=annotation) | ast.AnnAssign(annotation=annotation):
                quiet.append(annotation)
            case ast.FunctionDef() | ast.AsyncFunctionDef():  # decorators hold the cases of checks
                quiet.extend([node.returns, *node.decorator_list])
            case ast.Raise(exc=ast.Call(args=arguments)):
                quiet.extend(arguments)
            case ast.JoinedStr():
                quiet.extend(ast.iter_child_nodes(node))
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                quiet.append(node)
            case ast.Call(func=ast.Name(id="dataclass"), keywords=keywords):
                quiet.extend(keywords)
            case ast.ClassDef(keywords=keywords):
                quiet.extend(keywords)
            case ast.Expr(value=ast.Call(args=arguments)) if _tells(node):
                quiet.extend(arguments)
        for one in quiet:
            if one is not None:
                yield from ast.walk(one)


def _function(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    """The qualified name of the outermost function or method around a node."""
    names: list[str] = []
    around: list[ast.AST] = []
    while node in parents:
        node = parents[node]
        around.append(node)
    for one in reversed(around):
        if isinstance(one, ast.ClassDef):
            names.append(one.name)
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            return ".".join([*names, one.name])
    return MODULE


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
    return text if len(text) <= 90 else f"{text[:60]}…{text[-28:]}"
