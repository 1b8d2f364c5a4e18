"""Answers to function calls (data sources) of a dry run: the documented fields, their values unknown.

A program goes through such an answer at once: it takes items of lists and writes texts. So a text is a
mark that stays visible in whatever is made of it, and a list has a few items. The texts of one list differ:
a program names one resource after each of them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Union, get_args, get_origin

from pulumi import _types

from infra.program_run.property_values import UNKNOWN

# The mark of an unknown value, which a state file's readers find in any text.
TEXT = f"unknown-{UNKNOWN}"
# Programs take up to three zones or subnets by their number.
_ITEMS = 3


def placeholder(token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to the function `token`: what the call gave stays, every other field is unknown.

    Empty for a function whose answer has no type that Python knows.
    """
    answer = _result_class(token)
    if answer is None:
        return {}
    given = {name: value for name, value in arguments.items() if isinstance(value, str)}
    return {**_fields(answer, 0, ""), **given}


def _result_class(token: str) -> type[Any] | None:
    """`GetAmiResult` for `aws:ec2/getAmi:getAmi`, out of the SDK module that made the call."""
    package, _, function = token.split(":")
    module = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", function).lower()
    wanted = f"{function[:1].upper()}{function[1:]}Result"
    for name, loaded in tuple(sys.modules.items()):
        if name.startswith(f"pulumi_{package.replace('-', '_')}.") and name.endswith(f".{module}"):
            found = getattr(loaded, wanted, None)
            if isinstance(found, type):
                return found
    return None


def _fields(answer: type[Any], depth: int, number: str) -> dict[str, Any]:
    types = _types.output_type_types(answer)
    return {name: _value(kind, depth + 1, number) for name, kind in types.items()}


def _value(kind: Any, depth: int, number: str) -> Any:
    """A value of the SDK's type; `number` holds the places in the lists around it (`0-2-`)."""
    origin = get_origin(kind)
    if origin is Union:
        return _value(next(k for k in get_args(kind) if k is not type(None)), depth, number)
    if origin in (list, Sequence) or (isinstance(origin, type) and issubclass(origin, Sequence)):
        return [_value(get_args(kind)[0], depth, f"{number}{place}-") for place in range(_ITEMS)]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"unknown": f"{number}{TEXT}"}
    if kind is str:
        return f"{number}{TEXT}"
    if isinstance(kind, type) and _types.is_output_type(kind) and depth < 6:
        return _fields(kind, depth, number)
    # The SDK takes no mark in place of a number or a truth value: not given is what it may be instead.
    return None
