"""OCPI messages: tables by version and edition, validation, JSON Schema, business rules.

`validate` and `json_schema` are what the other parts use; names load on first use, for a quick start.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hardening.ocpi.editions import OBJECTS
    from hardening.ocpi.problems import Problem
    from hardening.ocpi.rules.rule import Message, Related, decode
    from hardening.ocpi.schema import json_schema
    from hardening.ocpi.structs import Shape
    from hardening.ocpi.validation import validate

__all__ = ["OBJECTS", "Message", "Problem", "Related", "Shape", "decode", "json_schema", "validate"]

_HOMES = {
    "OBJECTS": "editions",
    "Message": "rules.rule",
    "Related": "rules.rule",
    "decode": "rules.rule",
    "Problem": "problems",
    "Shape": "structs",
    "json_schema": "schema",
    "validate": "validation",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
