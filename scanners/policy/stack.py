"""The stack: resources as the Pulumi engine records them, free of secrets.

Read from `pulumi stack export`, `pulumi preview --json` or the lab's deployment file. Property names
stay Pulumi's own (camelCase), types are Pulumi tokens such as `aws:ec2/vpc:Vpc`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final


class _Marker:
    """A value that is not here: unknown until deployment, or a secret that we will not hold."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __repr__(self) -> str:
        return self._name


UNKNOWN: Final = _Marker("<unknown>")
SECRET: Final = _Marker("<secret>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource of the stack.

    `inputs` are what the program declared, `outputs` what the provider answered;
    `property_dependencies` maps an input to the URNs that its value came from. `raw_state_delta` is the
    bridge's own record of how the outputs differ from Terraform's state, where the provider left one.
    `external` resources are only read by the stack (`get`), not managed by it; the children of a `remote`
    component are made by a provider's plugin. `ignore_changes` are inputs that the engine leaves as the state
    has them. `unsettled` says why the state does not have it as it is, where the engine says so.
    """

    urn: str
    type: str
    name: str
    id: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    custom: bool = True
    external: bool = False
    remote: bool = False
    protect: bool = False
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()
    source: str = ""
    unsettled: str = ""
    raw_state_delta: Any = None

    def depends_on(self, urn: str) -> bool:
        """Whether any property, or the resource itself, refers to `urn`."""
        return urn in self.dependencies or any(urn in urns for urns in self.property_dependencies.values())


@dataclass(frozen=True, slots=True)
class Stack:
    """All resources of one stack, in the order of the state file.

    `pending` are the URNs of what may exist beside the resources, or be gone, and why: what an update that
    was cut short had begun, and what awaits deletion or replacement.
    """

    name: str
    project: str
    resources: tuple[Resource, ...]
    pending: Mapping[str, str] = field(default_factory=dict)
    _by_urn: Mapping[str, Resource] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_urn", {r.urn: r for r in self.resources})

    def of_type(self, *types: str) -> tuple[Resource, ...]:
        """The resources whose type is one of `types`, not counting those that the stack only reads."""
        return tuple(r for r in self.resources if r.type in types and not r.external)

    def get(self, urn: str) -> Resource | None:
        """The resource with this URN."""
        return self._by_urn.get(urn)

    def referring_to(self, resource: Resource, *types: str) -> Iterator[Resource]:
        """The resources (of `types`, if any are named) that refer to `resource`: by dependency, id or ARN."""
        names = {str(v) for v in (resource.id, resource.outputs.get("arn")) if v}
        for other in self.resources:
            if types and other.type not in types:
                continue
            if other.depends_on(resource.urn) or names & set(_strings(other.inputs)):
                yield other

    def unsettled(self) -> dict[str, str]:
        """URN -> why the state does not have the resource as it is, for those of which the engine says so."""
        return {**{r.urn: r.unsettled for r in self.resources if r.unsettled}, **self.pending}

    def region_of(self, resource: Resource) -> str:
        """Its own region, else that of its provider, else that of its ARN; empty where nothing says."""
        written = resource.inputs.get("region")
        if written:  # one that is not known yet may be another than the provider's
            return written if isinstance(written, str) else ""
        provider = self.get(resource.provider.rsplit("::", 1)[0])
        for region in (resource.outputs.get("region"), provider.inputs.get("region") if provider else None):
            if isinstance(region, str) and region:
                return region
        arn = resource.outputs.get("arn")
        parts = arn.split(":") if isinstance(arn, str) else []
        return parts[3] if len(parts) > 3 else ""

    def component_of(self, resource: Resource) -> str:
        """The type of the component that the resource belongs to, or an empty string."""
        parent = self.get(resource.parent)
        return "" if parent is None or parent.custom or parent.type == "pulumi:pulumi:Stack" else parent.type


def as_json(stack: Stack) -> str:
    """The stack as evidence. Secrets and unknowns show as `<secret>` and `<unknown>`."""
    resources = [
        {f.name: getattr(r, f.name) for f in fields(r) if f.name != "raw_state_delta"}
        for r in stack.resources
    ]
    document = {"name": stack.name, "project": stack.project, "resources": resources}
    return json.dumps(document, indent=1, default=repr, ensure_ascii=False) + "\n"


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
