"""Makes `aws.json`, the tables that turn a Pulumi AWS resource into a Terraform one.

    uv run python -m scanners.policy.plan_tables.generate --schema cdktf_cdktf_provider_aws-*.whl

Sources: the installed `pulumi_aws` package (all types, properties and their shapes, by introspection), the
Terraform schema in the wheel named above (a development-time source: see `terraform_schema.py`), and
`exceptions.json`: names in which the Pulumi provider departs from its own rules (facts).

Rules: a property is the snake_case of its Pulumi name; a list of objects loses its plural; an object
is a list of one. The schema decides where it knows better; `exceptions.json` decides before both.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scanners.policy.plan_tables import snake
from scanners.policy.plan_tables.sdk_resources import SdkType, kind_of, object_properties, sdk_resource_types
from scanners.policy.plan_tables.terraform_schema import Attribute, TerraformType, read_schema

HERE: Final = Path(__file__).parent


def singular(name: str) -> str:
    """The singular of a snake_case plural: the inverse of how the bridge names lists of blocks."""
    for ending, replacement in _PLURALS:
        if name.endswith(ending):
            return name.removesuffix(ending) + replacement
    return name


_PLURALS: Final = (
    ("statuses", "status"),
    ("indices", "index"),
    ("indexes", "index"),
    ("metadatas", "metadata"),
    ("caches", "cache"),
    ("aliases", "alias"),
    ("ies", "y"),
    ("sses", "ss"),
    ("xes", "x"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("ss", "ss"),
    ("us", "us"),
    ("s", ""),
)


def terraform_type(sdk_type: SdkType, exceptions: Mapping[str, Any]) -> str:
    """The Terraform type of a token: by exception, else by the prefix that the token's module has."""
    module, name = sdk_type.short.split(":")[0].split("/")
    # The provider keeps some names of its version 6 beside the present ones.
    name = name.removesuffix("V2") if module == "s3" else name
    by_rule = f"aws_{exceptions['modules'].get(module, module + '_')}{snake(name)}"
    return str(exceptions["types"].get(sdk_type.short, by_rule))


@dataclass(slots=True)
class Maker:
    """Collects shapes: Pulumi property -> its form in Terraform; each has a number."""

    schema: Mapping[str, TerraformType]
    shapes: list[dict[str, Any]] = field(default_factory=list)
    made: dict[Any, int] = field(default_factory=dict)
    misses: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def resource(self, sdk_type: SdkType, terraform: str, exceptions: Mapping[str, str]) -> int:
        """The number of a resource type's shape; `exceptions` maps paths of properties to names."""
        found = self.schema.get(terraform)
        place = SchemaPlace(sdk_type.short, found, "", exceptions)
        number = self.reserve()
        self.fill(number, sdk_type.properties(), found.attributes if found else None, place)
        return number

    def reserve(self) -> int:
        """The number of a shape that is filled later: an object may contain itself."""
        self.shapes.append({})
        return len(self.shapes) - 1

    def fill(
        self,
        number: int,
        properties: Mapping[str, Any],
        known: Mapping[str, Attribute] | None,
        place: SchemaPlace,
    ) -> None:
        """Give the shape with that number its properties."""
        for name in sorted(properties):
            self.shapes[number][name] = self.property(name, properties[name], known, place)

    def nested(self, declared: type, struct: str, place: SchemaPlace) -> int:
        """The shape of an object; made once for each class, schema struct and exceptions below it."""
        below = tuple(sorted((k, v) for k, v in place.exceptions.items() if k.startswith(place.path)))
        key = (declared, struct, below)
        if key not in self.made:
            self.made[key] = self.reserve()
            known = place.type.structs.get(struct) if place.type else None
            self.fill(self.made[key], object_properties(declared), known, place)
        return self.made[key]

    def property(
        self, name: str, declared: Any, known: Mapping[str, Attribute] | None, place: SchemaPlace
    ) -> Any:
        """One property in the tables' form (`entry`); `known`: the schema's attributes, if any."""
        kind, inner = kind_of(declared)
        terraform = self.terraform_name(name, kind, known, place)
        attribute = known.get(terraform) if known else None
        shape = -1
        if inner is not None:
            shape = self.nested(inner, attribute.nested if attribute else "", place.below(name))
        return entry(snake(name), terraform, shape_kind(kind, attribute), shape)

    def terraform_name(
        self, name: str, kind: str, known: Mapping[str, Attribute] | None, place: SchemaPlace
    ) -> str:
        """The name of a property in Terraform: by exception, by the schema, else by rule."""
        plain = snake(name)
        candidates = [singular(plain), plain] if kind == "list-of-objects" else [plain, singular(plain)]
        written = place.exceptions.get(place.path + name)
        if written:
            return written
        if known is None:
            self.counts["by rule"] += 1
            return candidates[0]
        found = next((c for c in candidates if c in known), None)
        found = found or next(
            (k for k in known if k.replace("_", "") in {c.replace("_", "") for c in candidates}), None
        )
        self.counts["by schema" if found else "miss"] += 1
        if found is None:
            self.misses.append(f"{place.short} {place.path}{name}")
        return found or candidates[0]


@dataclass(frozen=True, slots=True)
class SchemaPlace:
    """Where in a resource type we are."""

    short: str
    type: TerraformType | None
    path: str
    exceptions: Mapping[str, str]

    def below(self, name: str) -> SchemaPlace:
        """The place inside of the property `name`."""
        return SchemaPlace(self.short, self.type, f"{self.path}{name}.", self.exceptions)


def shape_kind(kind: str, attribute: Attribute | None) -> str:
    """How the value changes on its way: see `PlanTables` for the kinds."""
    if kind == "object":
        return "object" if attribute and attribute.kind == "object" else "one"
    if kind == "scalar" and attribute and attribute.kind == "list":
        return "relist"
    return {"list-of-objects": "list", "map": "map", "map-of-objects": "map"}.get(kind, "")


def entry(plain: str, terraform: str, kind: str, shape: int) -> Any:
    """The most compact form of one property: 0, a name, or [name, kind, shape]."""
    name = "" if terraform == plain else terraform
    if not kind:
        return name or 0
    return [name, kind] if shape < 0 else [name, kind, shape]


def make(schema: Mapping[str, TerraformType], exceptions: Mapping[str, Any]) -> tuple[dict[str, Any], Maker]:
    """The tables, and the maker that knows what it could not match."""
    maker = Maker(schema)
    types = {}
    for sdk_type in sdk_resource_types():
        terraform = terraform_type(sdk_type, exceptions)
        shape = maker.resource(sdk_type, terraform, exceptions["properties"].get(sdk_type.short, {}))
        types[sdk_type.token] = [terraform, shape]
    tables = {"pulumi_aws": importlib.metadata.version("pulumi_aws"), "types": types, "shapes": maker.shapes}
    return tables, maker


def main() -> None:
    """Write `aws.json` and say what the schema did not know."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--schema", type=Path, required=True, help="the wheel cdktf_cdktf_provider_aws")
    schema = read_schema(arguments.parse_args().schema)
    exceptions = json.loads((HERE / "exceptions.json").read_text(encoding="utf-8"))
    tables, maker = make(schema, exceptions)
    text = json.dumps(tables, separators=(",", ":"), sort_keys=True)
    (HERE / "aws.json").write_text(text + "\n", encoding="utf-8")
    print(f"{len(tables['types'])} types, {len(tables['shapes'])} shapes, {dict(maker.counts)}")
    for miss in maker.misses:
        print("not in the schema:", miss)


if __name__ == "__main__":
    main()
