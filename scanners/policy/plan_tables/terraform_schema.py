"""Reads the Terraform schema of the AWS provider out of a development-time source.

The source is the wheel `cdktf-cdktf-provider-aws` (MPL-2.0), whose bundled JavaScript spells out each
attribute's name and shape. It is read only when the tables are made or measured; nothing of it but
names (facts) ends up in them, and it is no dependency of this project.
"""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_FILE: Final = re.compile(r"/lib/(?!data-aws-)[^/]+/index\.js$")
_TYPE: Final = re.compile(r"\.tfResourceType = \"(aws_\w+)\"")
_CLASS: Final = re.compile(r"^class (\w+) extends cdktf\.(\w+) \{$", re.M)
_STRUCT: Final = re.compile(r"^function (\w+)ToHclTerraform\(struct\) \{$", re.M)
_ATTRIBUTE: Final = re.compile(
    r"^ {12}(\w+): \{\n +value: (.*),\n +isBlock: \w+,\n +type: \"(\w+)\",\n +storageClassType: \"(\w+)\",",
    re.M,
)
_GETTER: Final = re.compile(r"this\.get(\w+?)Attribute\('(\w+)'\)")
_NESTED: Final = re.compile(r"new (?:cdktf\.)?(\w+?)(OutputReference|List|MapList|Map)\(this, \"(\w+)\"")
_NESTED_VALUE: Final = re.compile(r"(\w+)ToHclTerraform\b")


@dataclass(frozen=True, slots=True)
class Attribute:
    """`kind`: simple, map, list (or set), one (a list of at most one block), object (a single nested one)."""

    kind: str
    nested: str = ""


@dataclass(slots=True)
class TerraformType:
    """One resource type: its own attributes, and those of each nested struct by the struct's name."""

    name: str
    attributes: dict[str, Attribute] = field(default_factory=dict)
    structs: dict[str, dict[str, Attribute]] = field(default_factory=dict)


def read_schema(wheel: Path) -> Mapping[str, TerraformType]:
    """Terraform type name -> type. Raises KeyError when the wheel has no bundle."""
    return {found.name: found for text in _scripts(wheel) if (found := _parse(text))}


def _scripts(wheel: Path) -> Iterator[str]:
    with zipfile.ZipFile(wheel) as archive:
        bundle = next(name for name in archive.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(archive.read(bundle)), mode="r:gz") as files:
            for member in files:
                if _FILE.search(member.name) and (handle := files.extractfile(member)):
                    yield handle.read().decode().split("//# sourceMappingURL")[0]


def _parse(text: str) -> TerraformType | None:
    named = _TYPE.search(text)
    if not named:
        return None
    found = TerraformType(named.group(1))
    for name, body in _bodies(text, _STRUCT):
        found.structs.setdefault(name[0].lower() + name[1:], {}).update(_declared(body))
    for match, body in _bodies_with(text, _CLASS):
        name, extends = match.group(1), match.group(2)
        if extends == "TerraformResource":
            found.attributes = {**_computed(body), **_declared(body)}
        elif extends == "ComplexObject":
            struct = name.removesuffix("OutputReference")
            key = struct[0].lower() + struct[1:]
            found.structs[key] = {**_computed(body), **found.structs.get(key, {})}
    return found


def _bodies(text: str, opening: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for match, body in _bodies_with(text, opening):
        yield match.group(1), body


def _bodies_with(text: str, opening: re.Pattern[str]) -> Iterator[tuple[re.Match[str], str]]:
    for match in opening.finditer(text):
        end = text.find("\n}\n", match.end())
        yield match, text[match.end() : end if end > 0 else len(text)]


def _declared(body: str) -> dict[str, Attribute]:
    return {name: _attribute(value, kind) for name, value, kind, _ in _ATTRIBUTE.findall(body)}


def _attribute(value: str, kind: str) -> Attribute:
    inner = next((n for n in _NESTED_VALUE.findall(value) if n not in _SCALARS), "")
    if kind == "struct":
        return Attribute("object", inner)
    if kind in ("list", "set"):
        mapped = "Mapper" in value
        return Attribute("one" if inner and not mapped else "list", inner)
    return Attribute("map" if kind == "map" else "simple", inner)


_SCALARS: Final = frozenset({"string", "number", "boolean", "any"})


def _computed(body: str) -> dict[str, Attribute]:
    found = {
        name: Attribute("map" if "Map" in kind else "list" if "List" in kind else "simple")
        for kind, name in _GETTER.findall(body)
    }
    for struct, kind, name in _NESTED.findall(body):
        shape = {"OutputReference": "one", "List": "list"}.get(kind, "map")
        found[name] = Attribute(shape, struct[0].lower() + struct[1:])
    return found
