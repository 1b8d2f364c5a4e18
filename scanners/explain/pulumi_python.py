"""Writes a resource, or a few of its properties, as a Pulumi program in Python declares them."""

from __future__ import annotations

import json
import keyword
from collections.abc import Mapping
from typing import Any, Final

from scanners.policy.plan_tables import aws_tables, snake
from scanners.policy.stack import SECRET, UNKNOWN

# Longer texts (policies, API documents) say more by their start than in full.
_LONGEST_TEXT: Final = 300


def declaration(token: str, name: str, properties: Mapping[str, Any]) -> str:
    """`aws.s3.Bucket("name", ...)` with `properties`, whose names are Pulumi's own (camelCase)."""
    shape = aws_tables().types.get(token, ("", -1))[1]
    arguments = [f"{_argument(key)}={_value(value, shape, key)}" for key, value in properties.items()]
    return "\n".join([f"{constructor(token)}(", f'    "{name}",', *(f"    {a}," for a in arguments), ")"])


def constructor(token: str) -> str:
    """`aws:s3/bucket:Bucket` -> `aws.s3.Bucket`."""
    package, module, kind = token.split(":")
    folder = module.split("/")[0]
    parts = [package, *([folder] if folder != "index" else []), kind]
    return ".".join(f"{part}_" if keyword.iskeyword(part) else part for part in parts)


def _argument(name: str) -> str:
    plain = snake(name)
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def _value(value: Any, shape: int, name: str) -> str:
    """The value of the property `name` of a shape, as Python writes it."""
    known = aws_tables().property(shape, name)
    if value is UNKNOWN or value is SECRET:
        return "..."
    if isinstance(value, Mapping):
        inner = known.shape if known else -1
        plain = known is None or known.kind in ("map", "") or inner < 0
        items = (f'"{k if plain else snake(k)}": {_value(v, inner, k)}' for k, v in value.items())
        return f"{{{', '.join(items)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(item, shape, name) for item in value)}]"
    if isinstance(value, float) and value.is_integer():
        return repr(int(value))
    if isinstance(value, str):
        return json.dumps(value if len(value) <= _LONGEST_TEXT else f"{value[:_LONGEST_TEXT]}...")
    return repr(value)
