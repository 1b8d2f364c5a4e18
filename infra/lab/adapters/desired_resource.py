"""A resource that the program declares: its inputs, and the calls that create it in the emulator."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from infra.lab.clients import ACCOUNT, Clients
from infra.lab.parameter_mapping import ParameterMapping, UnmappedParameter, parameters
from infra.program_run.monitor import Created

_AUTO_SUFFIX = 7


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was made for a resource: its operation (`CreateVpc`), parameters and answer."""

    service: str
    region: str
    operation: str
    parameters: Mapping[str, Any] = field(repr=False)  # may hold a secret
    answer: Mapping[str, Any] = field(repr=False)
    # The operation and parameters that undo it, where AWS's models do not pair it with one.
    undo: tuple[str, Mapping[str, Any]] | None = field(default=None, repr=False)


@dataclass(slots=True)
class DesiredResource:
    """One resource to create. `left` holds the inputs that no call has taken yet.

    An adapter picks what it sets in further calls, then lets `create` take the rest. What is left at
    the end was not set in the emulator, and fails the create. `unknown` names what an outdated boto3
    cannot say. `calls` is what was called, in order.
    """

    urn: str
    kind: str
    left: dict[str, Any]
    clients: Clients
    region: str = field(init=False)
    unknown: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.region = self.left.pop("region", None) or self.clients.region

    @property
    def title(self) -> str:
        """The resource's logical name in the program."""
        return self.urn.split("::")[-1]

    @property
    def stands(self) -> bool:
        """Whether it exists already, and is only changed."""
        return False

    def take(self, key: str, default: Any = None) -> Any:
        """One input, which is then no longer left."""
        value = self.left.pop(key, None)
        return default if value is None else value

    def pick(self, *keys: str) -> dict[str, Any]:
        """Those of the named inputs that were declared."""
        found = {key: self.left.pop(key, None) for key in keys}
        return {key: value for key, value in found.items() if value is not None}

    def physical_name(self, key: str = "name") -> str:
        """The declared name, or one that is made from the logical name, as the provider would."""
        digest = hashlib.sha256(self.urn.encode()).hexdigest()[:_AUTO_SUFFIX]
        prefix = self.left.pop(f"{key}Prefix", None)
        return str(self.left.pop(key, None) or (f"{prefix}{digest}" if prefix else f"{self.title}-{digest}"))

    def create(
        self, service: str, operation: str, renames: Mapping[str, str] | None = None, **given: Any
    ) -> dict[str, Any]:
        """Call the operation with all inputs that are left, and with the parameters `given`."""
        rest, self.left = self.left, {}
        return self.call(service, operation, rest, renames, **given)

    def call(
        self,
        service: str,
        operation: str,
        values: Mapping[str, Any] | None = None,
        renames: Mapping[str, str] | None = None,
        /,
        **given: Any,
    ) -> dict[str, Any]:
        """Call `operation` (`CreateVpc`) with parameters from `values`. Raises UnmappedParameter."""
        model = self.clients.get(service, self.region).meta.service_model.operation_model(operation)
        inputs = dict(values or {})
        arguments: dict[str, Any] = {}
        if "tags" in inputs and model.input_shape and "TagSpecifications" in model.input_shape.members:
            arguments["TagSpecifications"] = [_tag_specification(operation, inputs.pop("tags"))]
        if model.input_shape is not None:
            mapping = ParameterMapping(renames or {})
            arguments |= parameters(model.input_shape, inputs, mapping)
            self.unknown.extend(mapping.unknown)
        elif inputs:
            raise UnmappedParameter(f"{operation} takes no parameters: {', '.join(inputs)}")
        arguments |= given
        answer = self.send(service, operation, arguments)
        self.calls.append(Call(service, self.region, operation, arguments, answer))
        return answer

    def send(self, service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Make the call with AWS's own parameters."""
        client = self.clients.get(service, self.region)
        method = client.meta.method_to_api_mapping
        name = next(python for python, api in method.items() if api == operation)
        answer: dict[str, Any] = getattr(client, name)(**arguments)
        return answer

    def undone_by(self, operation: str, **parameters: Any) -> None:
        """Say what undoes the last call."""
        self.calls[-1] = replace(self.calls[-1], undo=(operation, parameters))

    def arn(self, service: str, resource: str, *, regional: bool = True) -> str:
        """An ARN in the lab's account."""
        return f"arn:aws:{service}:{self.region if regional else ''}:{ACCOUNT}:{resource}"


# EC2's name of a resource type where it is not the operation's name in kebab case.
_TAGGED = {
    "AllocateAddress": "elastic-ip",
    "CreateNatGateway": "natgateway",
    "CreateFlowLogs": "vpc-flow-log",
    "AuthorizeSecurityGroupIngress": "security-group-rule",
    "AuthorizeSecurityGroupEgress": "security-group-rule",
}


def _tag_specification(operation: str, tags: Mapping[str, str]) -> dict[str, Any]:
    words = operation.removeprefix("Create")
    kebab = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in words).lstrip("-")
    return {
        "ResourceType": _TAGGED.get(operation, kebab),
        "Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())],
    }


Adapter = Callable[[DesiredResource], Created]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A type that one call creates.

    `id` and the `outputs` are either a dotted path into the answer (`Vpc.VpcId`), `=input` for an
    input, or a template with `{id}`, `{region}` and `{account}`.
    """

    type: str
    service: str
    operation: str
    id: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    renames: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    named: str = ""  # the input that names it; made from the logical name when it is not given

    def __call__(self, desired: DesiredResource) -> Created:
        named = {self.named: desired.physical_name(self.named)} if self.named else {}
        desired.left |= named
        inputs = dict(desired.left)
        answer = desired.create(self.service, self.operation, self.renames, **self.given)
        identifier = _found(self.id, answer, inputs, desired, "")
        outputs = {
            key: _found(path, answer, inputs, desired, identifier) for key, path in self.outputs.items()
        }
        return Created(identifier, {**named, **outputs})


def _found(
    path: str, answer: Mapping[str, Any], inputs: Mapping[str, Any], desired: DesiredResource, own: str
) -> Any:
    if path.startswith("="):
        return inputs[path[1:]]
    if "{" in path:
        return path.format(id=own, region=desired.region, account=ACCOUNT, **_texts(inputs))
    return at(answer, path)


def _texts(inputs: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in inputs.items() if isinstance(value, str) and key != "id"}


def at(answer: Any, path: str) -> Any:
    """The value at a dotted path; a number steps into a list. Raises KeyError when it is not there."""
    for step in path.split("."):
        answer = answer[int(step)] if step.isdecimal() else answer[step]
    return answer


def attributes(desired: DesiredResource, names: Mapping[str, str]) -> dict[str, str]:
    """The declared ones of `names` (Pulumi's name to AWS's), as the texts that attributes have in AWS."""
    return {names[key]: as_text(value) for key, value in desired.pick(*names).items()}


def pascal(*names: str) -> dict[str, str]:
    """Pulumi's names to AWS's where these are the same in Pascal case."""
    return {name: name[0].upper() + name[1:] for name in names}


def as_text(value: Any) -> str:
    """A text as it is; a number, a switch or a document as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def tag_ec2(desired: DesiredResource, identifier: str) -> None:
    """Tag what AWS made itself (EC2, CreateTags): what we create is tagged as it is created."""
    tags = desired.take("tags")
    if tags:
        desired.call("ec2", "CreateTags", Resources=[identifier], Tags=pairs(tags))


def pairs(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    """Tags as a list of `Key` and `Value`."""
    return [{"Key": key, "Value": value} for key, value in sorted((tags or {}).items())]


def table(rows: Iterable[Row]) -> dict[str, Adapter]:
    """Adapters by type."""
    return {row.type: row for row in rows}
