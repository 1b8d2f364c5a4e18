"""The lab's provider `aws` over gRPC, asked what Pulumi's CLI asks of one resource after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from infra.lab.clients import Clients
from infra.lab.cloud import EmulatedCloud
from infra.lab.ports import free_port
from infra.lab.pulumi_provider.service import AwsProvider, serve
from infra.lab.pulumi_provider.standing_resources import StandingResources
from tests.beds.aws_account import REGION, Account


@dataclass
class Pulumi:
    """Says what Pulumi's engine says about one resource after another, and keeps its state."""

    provider: Any
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def create(self, kind: str, name: str, inputs: Mapping[str, Any]) -> str:
        """Check, Create; returns the URN."""
        urn = f"urn:pulumi:lab::home::{kind}::{name}"
        about: dict[str, Any] = {"urn": urn, "name": name, "type": kind}
        checked = self.provider.Check(provider_pb2.CheckRequest(**about, news=wire(inputs)))
        made = self.provider.Create(provider_pb2.CreateRequest(**about, properties=checked.inputs))
        self.inputs[urn], self.outputs[urn], self.ids[urn] = dict(inputs), plain(made.properties), made.id
        return urn

    def diff(self, urn: str, inputs: Mapping[str, Any]) -> Any:
        """What would change."""
        return self.provider.Diff(
            provider_pb2.DiffRequest(
                **self._about(urn),
                olds=wire(self.outputs[urn]),
                old_inputs=wire(self.inputs[urn]),
                news=wire(inputs),
            )
        )

    def update(self, urn: str, inputs: Mapping[str, Any], *, preview: bool = False) -> dict[str, Any]:
        """Change it in place, or only foresee it; returns the outputs."""
        made = self.provider.Update(
            provider_pb2.UpdateRequest(
                **self._about(urn),
                olds=wire(self.outputs[urn]),
                old_inputs=wire(self.inputs[urn]),
                news=wire(inputs),
                preview=preview,
            )
        )
        if not preview:
            self.inputs[urn], self.outputs[urn] = dict(inputs), plain(made.properties)
        return plain(made.properties)

    def read(self, urn: str) -> str:
        """The id of what still stands; empty if it is gone."""
        asked = provider_pb2.ReadRequest(**self._about(urn), properties=wire(self.outputs[urn]))
        return str(self.provider.Read(asked).id)

    def delete(self, urn: str) -> None:
        """Delete it."""
        self.provider.Delete(
            provider_pb2.DeleteRequest(**self._about(urn), properties=wire(self.outputs[urn]))
        )

    def _about(self, urn: str) -> dict[str, Any]:
        kind, name = urn.split("::")[-2:]
        return {"urn": urn, "id": self.ids[urn], "type": kind, "name": name}


def wire(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Properties as they travel."""
    return json_format.ParseDict(dict(properties), struct_pb2.Struct())


def plain(properties: struct_pb2.Struct) -> dict[str, Any]:
    """Properties as they were given."""
    found: dict[str, Any] = json_format.MessageToDict(properties)
    return found


@contextmanager
def provider_over(account: Account) -> Iterator[Pulumi]:
    """The provider over an emulated account, with nothing created yet."""
    clients = Clients(account.endpoint, REGION)
    port = free_port()
    server = serve(AwsProvider(StandingResources(clients), EmulatedCloud(clients), "7.0.0"), port)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield Pulumi(provider_pb2_grpc.ResourceProviderStub(channel))
    server.stop(None)
