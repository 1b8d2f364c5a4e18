"""The resource monitor: what the Pulumi program talks to when it runs in process.

The real engine answers the program over gRPC. Here the same requests arrive as method calls, from
several threads at once; each resource is created at once in the `Cloud`, and recorded.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlparse
from uuid import NAMESPACE_URL, uuid5

from google.protobuf import empty_pb2
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import provider_pb2, resource_pb2

from infra.program_run.configuration import provider_settings
from infra.program_run.deployment import Deployment, Record
from infra.program_run.property_values import (
    Secret,
    contains_secret,
    dereferenced,
    from_wire,
    revealed,
    to_wire,
)

# The SDK's message was renamed on the way from 3.223 to 3.272.
_ANSWER: Any = getattr(resource_pb2, "ResourceInvokeResponse", None) or provider_pb2.InvokeResponse
# Younger than the oldest SDK that is accepted.
_CAN_BE_UNKNOWN = "unknown" in resource_pb2.RegisterResourceResponse.DESCRIPTOR.fields_by_name
STACK_TYPE = "pulumi:pulumi:Stack"
STACK_REFERENCE = "pulumi:pulumi:StackReference"
PROVIDER_PREFIX = "pulumi:providers:"
# Folders whose code declares nothing of the stack itself; an installed program has libraries beside it.
_NOT_THE_PROGRAM = {"site-packages", "lab", "program_run", "pulumi", "pulumi_aws"}


@dataclass(frozen=True, slots=True)
class Created:
    """What the cloud answered: the resource's id, and the outputs beyond its inputs.

    Without an id, every output that is not given is unknown.
    """

    id: str
    outputs: Mapping[str, Any]


class Cloud(Protocol):
    """Where resources are created. Called from several threads. Property names are Pulumi's."""

    def create(self, urn: str, kind: str, inputs: Mapping[str, Any]) -> Created:
        """Create a resource from inputs in clear."""

    def read(self, kind: str, identifier: str) -> Created:
        """Look up a resource outside of the stack."""

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Answer a function call such as `aws:index/getRegion:getRegion`."""


@dataclass(frozen=True, slots=True)
class StackName:
    """Which stack of which project the program is run as."""

    project: str
    stack: str

    def urn(self, parent: str, kind: str, name: str) -> str:
        """The URN that the engine would give: the chain of all parents' types, but the stack's."""
        chain = parent.split("::")[2] + "$" if parent else ""
        if chain == f"{STACK_TYPE}$":
            chain = ""
        return f"urn:pulumi:{self.stack}::{self.project}::{chain}{kind}::{name}"


class _Unused(Mocks):
    """The parent class wants mocks; every request is answered here instead."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        raise NotImplementedError

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError


class ProgramMonitor(MockMonitor):
    """Creates what the program registers, and records it in `deployment`.

    `failure` is the first create that went wrong; nothing is created after it.
    """

    def __init__(
        self,
        name: StackName,
        cloud: Cloud,
        deployment: Deployment,
        root: Path,
        configuration: Mapping[str, str | Secret],
    ) -> None:
        """`root` is the folder that source positions are given relative to."""
        super().__init__(_Unused())
        self._name = name
        self._cloud = cloud
        self._deployment = deployment
        self._root = root
        self._configuration = configuration
        self._lock = threading.Lock()
        self.failure: BaseException | None = None

    def stop(self, reason: BaseException) -> None:
        """Create nothing more. The first reason counts."""
        with self._lock:
            self.failure = self.failure or reason

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """The URN that the engine would give (see `StackName.urn`)."""
        return self._name.urn(parent, type_, name)

    def RegisterResource(self, request: Any) -> Any:
        """Create a resource (or note a component), and answer with its URN, id and outputs."""
        record = self._declared(request)
        if self.failure is not None:
            raise RuntimeError(f"not created, as another resource failed: {record.urn}")
        self._deployment.begin(record)
        try:
            record = self._completed(record, set(request.additionalSecretOutputs))
        except BaseException as failure:
            self.stop(failure)
            raise
        self._deployment.add(record)
        answer = resource_pb2.RegisterResourceResponse(
            urn=record.urn, id=record.id, object=to_wire(record.outputs)
        )
        if _CAN_BE_UNKNOWN:
            answer.unknown = record.custom and not record.id
        return answer

    def ReadResource(self, request: Any) -> Any:
        """Look up a resource that the program only reads (`Resource.get`)."""
        found = self._cloud.read(request.type, request.id)
        inputs = from_wire(request.properties)
        record = Record(
            urn=self.make_urn(request.parent, request.type, request.name),
            type=request.type,
            custom=True,
            id=found.id,
            inputs=inputs,
            outputs={**inputs, **found.outputs},
            parent=request.parent,
            provider=request.provider or self._default_provider(request.type, request.version),
            dependencies=tuple(request.dependencies),
            external=True,
            source=self._source(request),
        )
        self._deployment.add(record)
        return resource_pb2.ReadResourceResponse(urn=record.urn, properties=to_wire(record.outputs))

    def RegisterResourceOutputs(self, request: Any) -> Any:
        """Keep the outputs of a component, or of the stack itself."""
        record = self._deployment.get(request.urn)
        if record is not None:
            self._deployment.add(replace(record, outputs=from_wire(request.outputs)))
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:
        """Answer a function call of the program."""
        arguments = from_wire(request.args)
        answer = self._cloud.invoke(request.tok, revealed(arguments))
        return _ANSWER(**{"return": to_wire(answer), "failures": None})

    def _declared(self, request: Any) -> Record:
        inputs = from_wire(request.object)
        provider = request.provider
        if request.custom and not provider and not request.type.startswith(PROVIDER_PREFIX):
            provider = self._default_provider(request.type, request.version)
        return Record(
            urn=self.make_urn(request.parent, request.type, request.name),
            type=request.type,
            custom=request.custom,
            remote=request.remote,
            inputs=inputs,
            parent=request.parent,
            provider=provider,
            dependencies=tuple(request.dependencies),
            property_dependencies={
                key: tuple(value.urns) for key, value in request.propertyDependencies.items()
            },
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
            ignore_changes=tuple(request.ignoreChanges),
            source=self._source(request),
        )

    def _completed(self, record: Record, secret_outputs: set[str]) -> Record:
        if not record.custom:
            return record
        if record.type.startswith(PROVIDER_PREFIX):
            return replace(record, id=str(uuid5(NAMESPACE_URL, record.urn)), outputs=record.inputs)
        # A custom resource takes the id of another one, and answers with it, never with the resource.
        record = replace(record, inputs=dereferenced(record.inputs))
        created = self._cloud.create(record.urn, record.type, revealed(record.inputs))
        outputs = {**record.inputs, **created.outputs}
        hidden = {
            key: Secret(value)
            for key, value in outputs.items()
            if not isinstance(value, Secret)
            and (key in secret_outputs or contains_secret(record.inputs.get(key)))
        }
        return replace(record, id=created.id, outputs={**outputs, **hidden})

    def _default_provider(self, kind: str, version: str) -> str:
        """`URN::id` of the provider that a resource without an explicit one belongs to."""
        package = kind.split(":", 1)[0]
        name = f"default_{version.replace('.', '_')}" if version else "default"
        urn = self._name.urn("", PROVIDER_PREFIX + package, name)
        identifier = str(uuid5(NAMESPACE_URL, urn))
        if self._deployment.get(urn) is None:
            settings = provider_settings(self._configuration, package)
            settings |= {"version": version} if version else {}
            self._deployment.add(
                Record(
                    urn=urn,
                    type=PROVIDER_PREFIX + package,
                    custom=True,
                    id=identifier,
                    inputs=settings,
                    outputs=settings,
                )
            )
        return f"{urn}::{identifier}"

    def _source(self, request: Any) -> str:
        """`project:///FILE#LINE` of the program's own line that declares the resource, if it is known.

        That is the first frame of the stack within the program's own code.
        """
        for frame in request.stackTrace.frames:
            path = Path(unquote(urlparse(frame.pc.uri).path))
            if frame.pc.uri and path.is_relative_to(self._root):
                inside = path.relative_to(self._root)
                if not _NOT_THE_PROGRAM & set(inside.parts):
                    return f"project:///{inside.as_posix()}#{frame.pc.line}"
        return ""
