"""Recovers Terraform's own state from a Pulumi resource's outputs.

The bridge leaves a record of every difference (`__pulumi_raw_state_delta`) in the outputs of a resource
that it deployed; source: pulumi-terraform-bridge, pkg/tfbridge/rawstate.go. Where it is present, it is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from scanners.policy.plan_tables import snake
from scanners.policy.stack import SECRET, UNKNOWN

Leaf = Callable[[Any, str], Any]


def recovered(outputs: Mapping[str, Any], delta: Any, leaf: Leaf) -> dict[str, Any]:
    """The Terraform attributes of a resource. `leaf` converts plain values and notes unknown ones.

    An unreadable delta (edited by hand, or of a future form) recovers nothing.
    """
    if not isinstance(delta, Mapping) or not isinstance(delta.get("obj"), Mapping):
        return {}
    found = _object(outputs, delta["obj"], leaf, "")
    return {name: value for name, value in found.items() if value is not None}


def _object(value: Mapping[str, Any], delta: Mapping[str, Any], leaf: Leaf, path: str) -> dict[str, Any]:
    ignored = set(delta.get("ignored") or ())
    renamed = delta.get("renamed") or {}
    inner = delta.get("ps") or {}
    found = {}
    for name, item in value.items():
        if name in ignored:
            continue
        terraform = renamed.get(name) or snake(name)
        found[terraform] = _value(item, inner.get(name), leaf, f"{path}{terraform}")
    return found


def _value(value: Any, delta: Any, leaf: Leaf, path: str) -> Any:
    if value is UNKNOWN or value is SECRET or not isinstance(delta, Mapping):
        return leaf(value, path)
    if "replace" in delta:
        return leaf(delta["replace"].get("raw"), path)
    if "plu" in delta:
        inner = (delta["plu"] or {}).get("i")
        return [] if value is None else [_value(value, inner, leaf, path)]
    if "obj" in delta and isinstance(value, Mapping):
        return _object(value, delta["obj"], leaf, f"{path}.")
    if "arr" in delta and isinstance(value, list):
        elements = (delta["arr"] or {}).get("el") or {}
        return [_value(item, elements.get(str(i)), leaf, path) for i, item in enumerate(value)]
    if "map" in delta and isinstance(value, Mapping):
        elements = (delta["map"] or {}).get("el") or {}
        return {key: _value(item, elements.get(key), leaf, f"{path}.{key}") for key, item in value.items()}
    if "num" in delta and isinstance(value, str):
        return float(value) if "." in value else int(value)
    return leaf(value, path)
