"""Measures `aws.json` against two truths that it is held to, and lists each miss.

    uv run python -m scanners.policy.plan_tables.measure --bridge aws.json --schema WHEEL

`--bridge`: the provider's own metadata as the bridge's tests keep it (Go module
github.com/pulumi/pulumi-terraform-bridge/v3, pkg/tf2pulumi/testdata/providers/aws.json, of 2020): token,
renames and block sizes of 605 types, with the Terraform schema of that time. The tables were made without
it, but for seven of the exceptions.
`--schema`: the Terraform schema that the tables were made with; here to find names that it does not have.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scanners.policy.plan_tables import PlanTables, aws_tables
from scanners.policy.plan_tables.terraform_schema import Attribute, read_schema

# How the bridge's schema numbers its kinds of value: list and set.
_MANY: Final = (5, 7)
_PLURALS: Final = (
    (r"$", "s"),
    (r"$", "es"),
    (r"y$", "ies"),
    (r"sis$", "ses"),
    (r"um$", "a"),
    (r"[ei]x$", "ices"),
)


@dataclass(slots=True)
class Score:
    """How many were compared, and what was not the same."""

    compared: int = 0
    misses: list[str] = field(default_factory=list)

    def note(self, same: bool, miss: str) -> None:
        """Count one comparison; `miss` says what was not the same."""
        self.compared += 1
        if not same:
            self.misses.append(miss)

    def line(self, what: str) -> str:
        """The score as a line of text, with the percentage that is the same."""
        right = self.compared - len(self.misses)
        return f"{what}: {right} of {self.compared} ({right / max(1, self.compared):.2%})"


def against_bridge(tables: PlanTables, metadata: Mapping[str, Any]) -> tuple[Score, Score]:
    """Types, and properties at any depth, of the types that still exist."""
    types, properties = Score(), Score()
    for terraform, info in metadata["resources"].items():
        token = info["tok"]
        if token not in tables.types:
            continue
        ours, shape = tables.types[token]
        types.note(ours == terraform, f"{token}: {ours}, not {terraform}")
        schema = metadata["provider"]["resources"].get(terraform, {})
        for name, same, place in _compared(tables, shape, schema, info.get("fields") or {}, f"{token} "):
            properties.note(same, f"{place}{name}")
    return types, properties


def _compared(
    tables: PlanTables, shape: int, schema: Mapping[str, Any], infos: Mapping[str, Any], place: str
) -> Iterator[tuple[str, bool, str]]:
    known = tables.shapes[shape]
    ours = tables.pulumi_names(shape)
    for attribute, declared in schema.items():
        info = infos.get(attribute) or {}
        name = next((n for n in _pulumi_names(attribute, declared, info) if n in known), None)
        if attribute == "id" or (name is None and attribute not in ours):
            continue  # gone since then
        if name is None:
            yield f"{ours[attribute]} is {attribute}", False, place
            continue
        entry = tables.property(shape, name)
        yield f"{name} is {attribute}", entry is not None and entry.name == attribute, place
        inner = (declared.get("element") or {}).get("resource")
        if inner and entry and entry.shape >= 0:
            below = (info.get("element") or {}).get("fields") or {}
            yield from _compared(tables, entry.shape, inner, below, f"{place}{name}.")


def _pulumi_names(attribute: str, declared: Mapping[str, Any], info: Mapping[str, Any]) -> list[str]:
    """What the bridge may call an attribute: the name that it was given, or camelCase, plural for lists."""
    if info.get("name"):
        return [info["name"]]
    first, *rest = attribute.split("_")
    plain = first + "".join(part[:1].upper() + part[1:] for part in rest)
    one = info.get("maxItemsOne", declared.get("maxItems") == 1)
    if declared.get("type") not in _MANY or one:
        return [plain]
    return [
        plain,
        *(re.sub(ending, plural, plain) for ending, plural in _PLURALS if re.search(ending, plain)),
    ]


def against_schema(tables: PlanTables, wheel: Path) -> Score:
    """Whether each name exists in the schema. If one does not, and the schema has one left over, we err."""
    score = Score()
    schema = read_schema(wheel)
    for token, (terraform, shape) in tables.types.items():
        if terraform in schema:
            _existing(tables, shape, schema[terraform].attributes, schema[terraform].structs, token, score)
    return score


def _existing(
    tables: PlanTables,
    shape: int,
    known: Mapping[str, Attribute],
    structs: Mapping[str, Mapping[str, Attribute]],
    place: str,
    score: Score,
) -> None:
    names = tables.pulumi_names(shape)
    left = sorted(known.keys() - names.keys() - {"id", "timeouts"})
    for attribute, name in names.items():
        hint = f" (left over: {', '.join(left)})" if left else " (newer than the schema)"
        score.note(attribute in known, f"{place} {name} is {attribute}{hint}")
        entry, found = tables.property(shape, name), known.get(attribute)
        if entry and found and entry.shape >= 0 and found.nested in structs and place.count(".") < 8:
            _existing(tables, entry.shape, structs[found.nested], structs, f"{place}.{name}", score)


def main() -> None:
    """Print both measurements."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--bridge", type=Path)
    arguments.add_argument("--schema", type=Path)
    chosen = arguments.parse_args()
    tables = aws_tables()
    if chosen.bridge:
        types, properties = against_bridge(tables, json.loads(chosen.bridge.read_text(encoding="utf-8")))
        print(types.line("types against the bridge"), *types.misses, sep="\n  ")
        print(properties.line("properties against the bridge"), *properties.misses, sep="\n  ")
    if chosen.schema:
        score = against_schema(tables, chosen.schema)
        print(score.line("names that the schema has"))
        print(*(m for m in score.misses if "left over" in m), sep="\n  ")


if __name__ == "__main__":
    main()
