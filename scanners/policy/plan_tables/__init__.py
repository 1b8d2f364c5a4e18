"""How each AWS type of Pulumi is named and shaped in Terraform.

The data is `aws.json`, made by `generate.py`. Loading takes a few milliseconds and happens once.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class Property:
    """A property in Terraform: its name, how its value changes shape, and the shape of its objects.

    Kinds: `""` value unchanged; `list` objects one by one; `one` an object that becomes a list of one;
    `object` an object that stays one; `map` keys kept; `relist` a single value that becomes a list.
    """

    name: str
    kind: str = ""
    shape: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class PlanTables:
    """`types`: Pulumi token -> (Terraform type, number of its shape)."""

    sdk_version: str
    types: Mapping[str, tuple[str, int]]
    shapes: tuple[Mapping[str, Any], ...]

    def property(self, shape: int, name: str) -> Property | None:
        """The property `name` of a shape, or None if the table does not know it."""
        if shape < 0:
            return None
        entry = self.shapes[shape].get(name)
        if entry is None:
            return None
        if entry == 0:
            return Property(snake(name))
        if isinstance(entry, str):
            return Property(entry)
        return Property(entry[0] or snake(name), *entry[1:])

    def pulumi_names(self, shape: int) -> Mapping[str, str]:
        """Terraform attribute -> Pulumi property, of a shape."""
        return _pulumi_names(self, shape)


@functools.cache
def _pulumi_names(tables: PlanTables, shape: int) -> Mapping[str, str]:
    return {known.name: name for name in tables.shapes[shape] if (known := tables.property(shape, name))}


@functools.cache
def aws_tables() -> PlanTables:
    """The tables for pulumi-aws 7."""
    raw = msgspec.json.decode((Path(__file__).parent / "aws.json").read_bytes())
    types = {token: (terraform, shape) for token, (terraform, shape) in raw["types"].items()}
    return PlanTables(raw["pulumi_aws"], types, tuple(raw["shapes"]))


@functools.cache
def snake(name: str) -> str:
    """`cidrBlock` -> `cidr_block`, `iamDBAuth` -> `iam_db_auth`."""
    out: list[str] = []
    for index, letter in enumerate(name):
        if letter.isupper() and index:
            before, after = name[index - 1], name[index + 1 : index + 2]
            if before.islower() or before.isdigit() or (before.isupper() and after.islower()):
                out.append("_")
        out.append(letter.lower())
    return "".join(out)
