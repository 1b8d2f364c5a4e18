"""Converts the values of a resource from Pulumi's form to Terraform's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scanners.policy.plan_tables import PlanTables, Property, snake
from scanners.policy.stack import SECRET, UNKNOWN

# What stands for a value that we do not know. It has the form of a Terraform variable, so checkov itself
# knows that it cannot judge it, and it never looks like a real value.
UNKNOWN_VALUE: Final = "var.rampart_not_known"


@dataclass(slots=True)
class Conversion:
    """Converts one resource's properties; notes what it does not know."""

    tables: PlanTables
    unknown: set[str] = field(default_factory=set)
    unmapped: set[str] = field(default_factory=set)
    mapped: int = 0

    def object(self, properties: Mapping[str, Any], shape: int, path: str) -> dict[str, Any]:
        """An object whose shape has that number in the tables; `path` ends with a dot or is empty."""
        values = {}
        for name, value in properties.items():
            if value is None or (name == "id" and not path):
                continue
            known = self.tables.property(shape, name)
            if known is None:
                self.unmapped.add(f"{path}{name}")
                known = Property(snake(name))
            else:
                self.mapped += 1
            values[known.name] = self.value(value, known, f"{path}{known.name}")
        return values

    def value(self, value: Any, known: Property, path: str) -> Any:
        """One property in Terraform's form, as `known` has it."""
        if value is UNKNOWN or value is SECRET:
            self.unknown.add(path)
            return UNKNOWN_VALUE
        if known.kind == "list":
            items = value if isinstance(value, list) else [value]
            return [self._item(item, known.shape, path) for item in items]
        if known.kind == "one":
            return [self._item(value, known.shape, path)]
        if known.kind == "object":
            return self._item(value, known.shape, path)
        if known.kind == "map" and isinstance(value, Mapping):
            return {key: self._item(item, known.shape, f"{path}.{key}") for key, item in value.items()}
        if known.kind == "relist" and not isinstance(value, list):
            return [self.leaf(value, path)]
        if isinstance(value, Mapping):
            # A document (such as a policy) that the program gave as an object; Terraform has it as JSON text.
            return UNKNOWN_VALUE if self._hides(value, path) else json.dumps(self.leaf(value, path))
        return self.leaf(value, path)

    def leaf(self, value: Any, path: str) -> Any:
        """A plain value without Pulumi's markers, and with whole numbers as integers."""
        if value is UNKNOWN or value is SECRET:
            self.unknown.add(path)
            return UNKNOWN_VALUE
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, list):
            return [self.leaf(item, path) for item in value]
        if isinstance(value, Mapping):
            return {key: self.leaf(item, f"{path}.{key}") for key, item in value.items()}
        return value

    def _item(self, value: Any, shape: int, path: str) -> Any:
        if isinstance(value, Mapping) and shape >= 0:
            return self.object(value, shape, f"{path}.")
        return self.leaf(value, path)

    def _hides(self, value: Mapping[str, Any], path: str) -> bool:
        before = len(self.unknown)
        self.leaf(value, path)
        return len(self.unknown) > before
