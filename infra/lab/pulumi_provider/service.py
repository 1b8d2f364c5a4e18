"""The resource provider `aws` as the Pulumi engine talks to it (`pulumi/provider.proto`), over the emulator.

It is attached to: it already runs when the engine starts (`PULUMI_DEBUG_PROVIDERS`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from hardening.errors import CollectError
from infra.lab.cloud import EmulatedCloud
from infra.lab.pulumi_provider.difference import Kind, difference
from infra.lab.pulumi_provider.standing_resources import StandingResources
from infra.program_run.configuration import FILLED_IN
from infra.program_run.property_values import UNKNOWN, from_wire, revealed, to_wire

# What no call takes, and what yet makes the resource anew (AWS provider, "triggers").
_MADE_ANEW = {"aws:apigateway/deployment:Deployment": {"triggers"}}
# The emulator answers one call at a time; the others wait here rather than there.
_AT_ONCE = 8
# Archives of functions are larger than gRPC's 4 MiB.
_ANY_SIZE = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))


class AwsProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Answers the engine's questions and orders. Secrets and unknown values pass through as they came."""

    def __init__(self, resources: StandingResources, cloud: EmulatedCloud, version: str) -> None:
        self._resources = resources
        self._cloud = cloud
        self._version = version

    def Attach(self, request: Any, context: Any) -> Any:
        """The engine's address, which this provider does not call."""
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> Any:
        """Nothing waits: each call to the emulator ends by itself."""
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        """The version of the SDK that the program is written with."""
        return plugin_pb2.PluginInfo(version=self._version)

    def GetSchema(self, request: Any, context: Any) -> Any:
        """No schema: it describes the SDK, which is installed."""
        return provider_pb2.GetSchemaResponse(schema="{}")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        """Any settings of a provider are taken, and those that AWS's plugin fills in are filled in."""
        return provider_pb2.CheckResponse(inputs=_with(request.news, FILLED_IN["aws"]))

    def DiffConfig(self, request: Any, context: Any) -> Any:
        """Another region is another account's worth of resources; nothing else matters here."""
        old, new = _plain(request.old_inputs), _plain(request.news)
        changed = difference(old, new)
        replaced = [name for name in ("region",) if name in changed]
        return _differences(changed, replaced, delete_first=False)

    def Configure(self, request: Any, context: Any) -> Any:
        """Secrets arrive as such, and creates and updates are asked in a preview too."""
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: Any, context: Any) -> Any:
        """The inputs as they are: what AWS's models refuse, the calls refuse."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        """What changed, property by property; replaced where AWS has no call that changes it."""
        changed = difference(_plain(request.old_inputs), _plain(request.news))
        if not changed:
            return _differences(changed, [], delete_first=False)
        inputs = revealed(from_wire(request.news))
        with _told(context):
            after = self._resources.changed(request.urn, request.type, request.id, inputs, dry=True)
            named = self._resources.is_named(request.urn, request.id)
        made_anew = {_property(path) for path in changed} & _MADE_ANEW.get(request.type, set())
        replaced = list(changed) if after is None or made_anew else []
        return _differences(changed, replaced, delete_first=named and not made_anew)

    def Create(self, request: Any, context: Any) -> Any:
        """Create it; in a preview only the inputs are known."""
        if request.preview:
            return provider_pb2.CreateResponse(properties=request.properties)
        with _told(context):
            created = self._resources.create(
                request.urn, request.type, revealed(from_wire(request.properties))
            )
        outputs = _with(request.properties, created.outputs)
        return provider_pb2.CreateResponse(id=created.id, properties=outputs)

    def Read(self, request: Any, context: Any) -> Any:
        """Whether it still stands; the values are the state's (drift reads the account's own)."""
        with _told(context):
            stands = self._resources.stands(request.urn, request.id)
        if not stands:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Update(self, request: Any, context: Any) -> Any:
        """Change it in place."""
        inputs = revealed(from_wire(request.news))
        with _told(context):
            after = self._resources.changed(
                request.urn, request.type, request.id, inputs, dry=request.preview
            )
            if after is None:
                raise CollectError(f"{request.name} ({request.type}) cannot be changed in place")
        # What a preview cannot know yet is shown as it was.
        known = {name: value for name, value in after.outputs.items() if value not in ("", UNKNOWN)}
        outputs = _merged(request.olds, _with(request.news, known), request.old_inputs)
        return provider_pb2.UpdateResponse(properties=outputs)

    def Delete(self, request: Any, context: Any) -> Any:
        """Undo the calls that made it."""
        with _told(context):
            self._resources.delete(request.urn, request.type, request.id)
        return empty_pb2.Empty()

    def Invoke(self, request: Any, context: Any) -> Any:
        """Answer a function call of the program."""
        with _told(context):
            answer = self._cloud.invoke(request.tok, revealed(from_wire(request.args)))
        return provider_pb2.InvokeResponse(**{"return": to_wire(answer)})


def serve(provider: AwsProvider, port: int) -> grpc.Server:
    """Start serving on a port of loopback."""
    server = grpc.server(futures.ThreadPoolExecutor(_AT_ONCE), options=_ANY_SIZE)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server


@contextmanager
def _told(context: Any) -> Iterator[None]:
    """A failure is the engine's to show: in one line, with its hint."""
    try:
        yield
    except CollectError as error:
        text = "\n".join(filter(None, (error.message, error.hint)))
        context.abort(grpc.StatusCode.UNKNOWN, text)


def _plain(properties: struct_pb2.Struct) -> dict[str, Any]:
    plain: dict[str, Any] = json_format.MessageToDict(properties)
    return plain


def _with(properties: struct_pb2.Struct, outputs: Mapping[str, Any]) -> struct_pb2.Struct:
    """The properties as they came, with assets and secrets, and the outputs."""
    joined = struct_pb2.Struct()
    joined.CopyFrom(properties)
    for key, value in to_wire(outputs).fields.items():
        # What was given stays, with its mark of a secret.
        if key not in properties.fields or from_wire(properties)[key] is None:
            joined.fields[key].CopyFrom(value)
    return joined


def _merged(
    outputs: struct_pb2.Struct, now: struct_pb2.Struct, before: struct_pb2.Struct
) -> struct_pb2.Struct:
    """What is known now, and of the old outputs what was no input."""
    joined = struct_pb2.Struct()
    joined.CopyFrom(now)
    for key, value in outputs.fields.items():
        if key not in now.fields and key not in before.fields:
            joined.fields[key].CopyFrom(value)
    return joined


def _differences(changed: Mapping[str, Kind], replaced: Sequence[str], *, delete_first: bool) -> Any:
    kinds = provider_pb2.PropertyDiff.Kind
    some = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some,
        diffs=sorted({_property(path) for path in changed}),
        replaces=sorted({_property(path) for path in replaced}),
        deleteBeforeReplace=bool(replaced) and delete_first,
        hasDetailedDiff=True,
        detailedDiff={
            path: provider_pb2.PropertyDiff(
                kind=kinds.Value(f"{kind}_REPLACE" if path in replaced else kind), inputDiff=True
            )
            for path, kind in changed.items()
        },
    )


def _property(path: str) -> str:
    return re.split(r"[.\[]", path)[0]
