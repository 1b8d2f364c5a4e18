"""Turns a stack into a Terraform plan, which rules written for Terraform can judge.

Names and shapes come from `plan_tables`. References come from the engine's `propertyDependencies` and,
where a literal id or ARN points at a resource of the stack, from the value: without them, rules about
connections between resources give wrong answers both ways. No secret reaches the plan.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from scanners.policy.plan_tables import PlanTables, Property, aws_tables, snake
from scanners.policy.plan_values import Conversion
from scanners.policy.raw_state import recovered
from scanners.policy.stack import Resource, Stack

# Attributes that name a resource by its id, where the id is a plain name and could be anything's.
_NAMING_ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "bucket": ("aws_s3_bucket",),
    "role": ("aws_iam_role",),
    "user": ("aws_iam_user",),
    "group": ("aws_iam_group",),
    "cluster": ("aws_ecs_cluster",),
    "rest_api_id": ("aws_api_gateway_rest_api",),
    "api_id": ("aws_apigatewayv2_api", "aws_api_gateway_rest_api"),
    "log_group_name": ("aws_cloudwatch_log_group",),
    "function_name": ("aws_lambda_function",),
    "db_subnet_group_name": ("aws_db_subnet_group",),
    "secret_id": ("aws_secretsmanager_secret",),
    "repository": ("aws_ecr_repository",),
    "queue_url": ("aws_sqs_queue",),
}
_UNMISTAKABLE_ID: Final = re.compile(
    r"arn:aws[\w-]*:.+|[a-z]+(-[a-z]+)?-[0-9a-f]{8,17}|https://sqs\..+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


@dataclass(frozen=True, slots=True)
class Planned:
    """One resource of the plan, and what could not be said about it.

    `properties` leads from each top attribute that it has or could have back to the Pulumi property.
    `unknown` holds the paths of values that are not known (or secret), `unmapped` the Pulumi properties
    that the tables do not know and that were named by rule.
    """

    resource: Resource
    address: str
    type: str
    name: str
    values: Mapping[str, Any]
    references: Mapping[str, tuple[str, ...]]
    properties: Mapping[str, str]
    unknown: tuple[str, ...]
    unmapped: tuple[str, ...]
    mapped: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a stack. `left_out` says for each other resource why it is not in the plan.

    `unjudged` are those of them that no rule can judge, though there may be much to say about them.
    """

    resources: tuple[Planned, ...]
    left_out: Mapping[str, str]
    unjudged: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """The plan as `terraform show -json` would print it, as far as checkov reads it."""
        planned = [
            {
                "address": r.address,
                "mode": "managed",
                "type": r.type,
                "name": r.name,
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "values": r.values,
            }
            for r in self.resources
        ]
        configured = [
            {
                "address": r.address,
                "mode": "managed",
                "type": r.type,
                "name": r.name,
                "expressions": {
                    attribute: {"references": list(to)} for attribute, to in r.references.items()
                },
            }
            for r in self.resources
        ]
        return {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "planned_values": {"root_module": {"resources": planned}},
            "configuration": {"root_module": {"resources": configured}},
        }


def plan_of(stack: Stack) -> Plan:
    """The Terraform plan of the stack's AWS resources."""
    tables = aws_tables()
    parents = {r.parent for r in stack.resources}
    left_out: dict[str, str] = {}
    unjudged: dict[str, str] = {}
    for resource in stack.resources:
        if reason := _reason_unjudged(resource, tables, parents):
            unjudged[resource.urn] = reason
        elif reason := _reason_to_leave_out(resource, tables):
            left_out[resource.urn] = reason
    left_out |= unjudged
    kept = [r for r in stack.resources if r.urn not in left_out]
    names = _names(kept, tables)
    index = _Index.of(kept, names)
    return Plan(tuple(_planned(r, names[r.urn], tables, index) for r in kept), left_out, unjudged)


def _reason_to_leave_out(resource: Resource, tables: PlanTables) -> str:
    if resource.external:
        return "only read by the stack, not managed by it"
    if resource.type in tables.types:
        return ""
    return "part of Pulumi itself" if resource.custom else "a component: its children are judged"


def _reason_unjudged(resource: Resource, tables: PlanTables, parents: Collection[str]) -> str:
    """Why no rule judges a resource that the stack manages, or an empty string."""
    if resource.remote and resource.urn not in parents:
        return "a remote component: its provider makes the children, so judge a preview or an export"
    if not resource.custom or resource.external or resource.type.startswith("pulumi:"):
        return ""
    if resource.type in tables.types:
        return ""
    if resource.type.startswith("aws:"):
        return f"no such type in pulumi-aws {tables.sdk_version}"
    return f"not a resource of the aws provider: {resource.type.split(':')[0]}"


def _names(resources: list[Resource], tables: PlanTables) -> dict[str, tuple[str, str]]:
    """URN -> (Terraform type, a name that is unique in it)."""
    taken: set[tuple[str, str]] = set()
    names: dict[str, tuple[str, str]] = {}
    for resource in resources:
        terraform = tables.types[resource.type][0]
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", resource.name) or "_"
        name, number = plain, 1
        while (terraform, name) in taken:
            number += 1
            name = f"{plain}_{number}"
        taken.add((terraform, name))
        names[resource.urn] = (terraform, name)
    return names


def _planned(resource: Resource, named: tuple[str, str], tables: PlanTables, index: _Index) -> Planned:
    terraform, name = named
    shape = tables.types[resource.type][1]
    convert = Conversion(tables)
    values = convert.object({**resource.outputs, **resource.inputs}, shape, "")
    if resource.raw_state_delta is not None:
        values = {**recovered(resource.outputs, resource.raw_state_delta, convert.leaf), **values}
    if resource.id:
        values.setdefault("id", resource.id)
    return Planned(
        resource=resource,
        address=f"{terraform}.{name}",
        type=terraform,
        name=name,
        values=values,
        references=_references(resource, shape, values, tables, index),
        properties=tables.pulumi_names(shape),
        unknown=tuple(sorted(convert.unknown)),
        unmapped=tuple(sorted(convert.unmapped)),
        mapped=convert.mapped,
    )


@dataclass(frozen=True, slots=True)
class _Index:
    """Which resource a URN, an id or an ARN belongs to."""

    address_of: Mapping[str, str]
    by_value: Mapping[str, str]
    by_name: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, resources: list[Resource], names: Mapping[str, tuple[str, str]]) -> _Index:
        addresses = {urn: ".".join(named) for urn, named in names.items()}
        by_value: dict[str, str] = {}
        ambiguous: set[str] = set()
        for resource in resources:
            own = addresses[resource.urn]
            for value in (resource.id, resource.outputs.get("arn")):
                if not isinstance(value, str) or not _UNMISTAKABLE_ID.fullmatch(value):
                    continue
                if by_value.setdefault(value, own) != own:
                    ambiguous.add(value)
        by_name = {(names[r.urn][0], r.id): addresses[r.urn] for r in resources if r.id}
        return cls(addresses, {v: a for v, a in by_value.items() if v not in ambiguous}, by_name)

    def pointed_at(self, attribute: str, value: str) -> str | None:
        """The address of the resource that a literal points at."""
        if value in self.by_value:
            return self.by_value[value]
        types = _NAMING_ATTRIBUTES.get(attribute, ())
        return next((self.by_name[t, value] for t in types if (t, value) in self.by_name), None)


def _references(
    resource: Resource, shape: int, values: Mapping[str, Any], tables: PlanTables, index: _Index
) -> dict[str, tuple[str, ...]]:
    """Attribute -> addresses of what it refers to (`aws_vpc.main`)."""
    found: dict[str, dict[str, None]] = {}
    own = index.address_of[resource.urn]
    for name, urns in resource.property_dependencies.items():
        known = tables.property(shape, name)
        attribute = known.name if known else snake(name)
        for urn in urns:
            if urn in index.address_of:
                found.setdefault(attribute, {})[index.address_of[urn]] = None
    declared = {(tables.property(shape, n) or Property(snake(n))).name for n in resource.inputs}
    for attribute in declared & values.keys():
        for value in _strings(values[attribute]):
            address = index.pointed_at(attribute, value)
            if address and address != own:
                found.setdefault(attribute, {})[address] = None
    return {attribute: tuple(to) for attribute, to in sorted(found.items())}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
