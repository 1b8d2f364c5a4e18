"""The resource types of the installed pulumi_aws, with the Python types of their properties."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args, get_origin

import pulumi_aws
from pulumi import _types as sdk_types

_REGISTERED: Final = re.compile(r'resource_modules="""(.*?)"""', re.S)


@dataclass(frozen=True, slots=True)
class SdkType:
    """A resource type of the installed SDK."""

    token: str
    module: str
    name: str

    def properties(self) -> dict[str, Any]:
        """Pulumi property -> Python type. `id` is every resource's own."""
        return sdk_types.resource_types(getattr(importlib.import_module(self.module), self.name))

    @property
    def short(self) -> str:
        """The token without its package, such as `s3/bucket:Bucket`."""
        return self.token.removeprefix("aws:")


def sdk_resource_types() -> list[SdkType]:
    """All resource types of the installed pulumi_aws, by token."""
    text = Path(pulumi_aws.__file__).read_text(encoding="utf-8")
    match = _REGISTERED.search(text)
    if not match:
        raise ValueError("pulumi_aws no longer registers its modules in __init__.py")
    found = [
        SdkType(token, module["fqn"], name)
        for module in json.loads(match.group(1))
        for token, name in module["classes"].items()
    ]
    return sorted(found, key=lambda t: t.token)


# The SDK names a web ACL's statements and those of the newer WebAclRule resource alike, and keeps only the
# latter. The statements of a rule group are the same as a web ACL's, under a name of their own.
_SHADOWED: Final = ("WebAclRuleStatement", "RuleGroupRuleStatement")


def object_properties(declared: type) -> dict[str, Any]:
    """Pulumi property -> Python type, of a nested object."""
    found = sdk_types.output_type_types(declared)
    lost, kept = _SHADOWED
    module = importlib.import_module(declared.__module__)
    namesake = getattr(module, declared.__name__.replace(lost, kept, 1), declared)
    return {**sdk_types.output_type_types(namesake), **found} if declared.__name__.startswith(lost) else found


def kind_of(declared: Any) -> tuple[str, Any]:
    """How Pulumi shapes a property: its kind, and the class of the objects in it."""
    declared = sdk_types.unwrap_optional_type(declared)
    origin = get_origin(declared)
    if origin is None:
        inner = declared if isinstance(declared, type) and sdk_types.is_output_type(declared) else None
        return ("object" if inner else "scalar"), inner
    arguments = get_args(declared)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        inner = kind_of(arguments[1])[1]
        return ("map-of-objects" if inner else "map"), inner
    if isinstance(origin, type) and (issubclass(origin, list | tuple) or origin.__name__ == "Sequence"):
        inner_kind, inner = kind_of(arguments[0])
        return ("list-of-objects" if inner_kind == "object" else "scalars"), inner
    return "scalar", None
