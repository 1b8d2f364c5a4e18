"""Every AWS call is held against AWS's own model of the service: what the emulator takes and AWS refuses.

botocore itself looks at types and required parameters. The models also know the values of enumerations,
patterns and lengths (Smithy 2.0, "Constraint traits"), which it leaves to AWS.

This file imports nothing of the project: a function's process has the function's archive only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import botocore.handlers
from botocore.exceptions import ParamValidationError
from botocore.model import OperationModel, Shape

# The id of a resource that the emulator has no API for (`infra.lab.unsupported`) is in no service's form.
_PLACEHOLDER = re.compile(r"(^|[/:-])lab-[0-9a-f]{12}($|[/.:])")
# AWS WAF's locks of the last change, which the emulator answers in a form of its own.
_THE_EMULATORS_OWN = {"LockToken"}
# What Java and JavaScript read in a pattern and Python does not. Classes of characters become wider ones, so
# nothing valid is refused.
_SPELLINGS = (
    (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF"),
    (r"\p{ASCII}", r"\x00-\x7f"),
    (r"\p{Alnum}", r"0-9A-Za-z"),
    (r"\p{Graph}", r"!-~"),
    (r"\p{Print}", r" -~"),
    (r"\p{L}", r"\w"),
    (r"\p{IsLetter}", r"\w"),
    (r"\p{M}", r"\u0300-\u036f"),
    (r"\p{N}", r"\d"),
    (r"\p{Z}", r"\s"),
    (r"\p{Zs}", r"\s"),
    (r"\p{P}", r"!-/:-@\[-`{-~\u2010-\u2027"),
    (r"\p{IsPunctuation}", r"!-/:-@\[-`{-~\u2010-\u2027"),
    (r"\p{S}", r"$+<=>^`|~"),
    (r"\p{C}", r"\x00-\x1f"),
    (r"\w-", r"\w\-"),
    (r"\d-", r"\d\-"),
)
# A class of characters that stands for itself, and not within brackets, which are passed over.
_LONE_CLASS = re.compile(r"(\[(?:\\.|[^\]\\])*\])|(\\p\{\w+\})")
_FLAGS = re.compile(r"\(\?[is]\)")


def hold_calls() -> None:
    """From now on every new botocore session refuses a call that AWS would refuse.

    The call raises botocore's ParamValidationError, which names parameters and never quotes their values.
    """
    botocore.handlers.BUILTIN_HANDLERS.append(("before-parameter-build", refuse))


def refuse(params: Mapping[str, Any], model: OperationModel, **_: Any) -> None:
    """Handler of `before-parameter-build`. Raises ParamValidationError."""
    if model.input_shape is None:
        return
    found = list(violations(model.input_shape, params))
    if found:
        report = "; ".join(found)
        raise ParamValidationError(report=f"{model.service_model.service_name} {model.name}: {report}")


def violations(shape: Shape, value: Any, where: str = "") -> Iterator[str]:
    """What is wrong with `value` by AWS's model, as `parameter: what`."""
    kind = shape.type_name
    if isinstance(value, Mapping) and kind == "structure":
        for name, item in value.items():
            if name in shape.members and item is not None:
                yield from violations(shape.members[name], item, _inside(where, name))
    elif isinstance(value, Mapping) and kind == "map":
        yield from _sized(shape, len(value), where)
        for key, item in value.items():
            yield from violations(shape.key, key, f"{where} (key)")
            yield from violations(shape.value, item, _inside(where, str(key)))
    elif isinstance(value, list | tuple) and kind == "list":
        yield from _sized(shape, len(value), where)
        for number, item in enumerate(value):
            yield from violations(shape.member, item, f"{where}[{number}]")
    elif isinstance(value, str) and kind == "string":
        yield from _text(shape, value, where)
    elif isinstance(value, bytes) and kind == "blob":
        yield from _sized(shape, len(value), where)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _sized(shape, value, where)


def _text(shape: Shape, value: str, where: str) -> Iterator[str]:
    if _PLACEHOLDER.search(value) or where in _THE_EMULATORS_OWN:
        return
    yield from _sized(shape, len(value), where)
    values = shape.metadata.get("enum")
    if values and value not in values:
        yield f"{where}: not one of the service's values"
    pattern = shape.metadata.get("pattern")
    if not pattern:
        return
    try:
        if not compiled(pattern).search(value):
            yield f"{where}: not in the form {pattern}"
    except re.error:
        yield f"{where}: not verified, as its form cannot be read: {pattern}"


def _sized(shape: Shape, size: float, where: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < float(least):
        yield f"{where}: {size} is less than {least}"
    if most is not None and size > float(most):
        yield f"{where}: {size} is more than {most}"


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A model's pattern, which the whole value has to match. Raises re.error when Python cannot read it."""
    flags = "".join(dict.fromkeys(_FLAGS.findall(pattern)))
    pattern = _LONE_CLASS.sub(lambda found: found[1] or f"[{found[2]}]", _FLAGS.sub("", pattern))
    for spelled, python in _SPELLINGS:
        pattern = pattern.replace(spelled, python)
    return re.compile(rf"{flags}\A(?:{pattern})\Z", re.DOTALL)


def _inside(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
