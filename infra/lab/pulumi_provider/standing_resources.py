"""The resources that stand in the emulator, with the calls that made each: created, changed, deleted.

The emulator keeps its account in memory, and this keeps the calls there too: both end with the lab.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.model import ServiceModel

from hardening.errors import CollectError
from infra.lab.adapters.desired_resource import Call, DesiredResource
from infra.lab.clients import Clients, ReadingClients
from infra.lab.cloud import ADAPTERS, EmulatedCloud
from infra.lab.parameter_mapping import UnmappedParameter
from infra.lab.pulumi_provider.changed_resource import ChangedResource, MustBeReplaced
from infra.lab.pulumi_provider.counterparts import is_gone, look_up, sets, undo_of, undoing, with_lock
from infra.lab.unsupported import TYPES, UNDELETABLE, without_refused
from infra.program_run.monitor import Created


class StandingResources:
    """What was created and not deleted, by URN and id. Called from several threads."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._reading = ReadingClients(clients.endpoint, clients.region, clients.ca_file)
        self._cloud = EmulatedCloud(clients)
        # A family of task definitions has one id: while one is replaced there are two, the old one first.
        self._calls: dict[tuple[str, str], list[tuple[Call, ...]]] = {}
        self._lock = threading.Lock()

    def create(self, urn: str, kind: str, inputs: Mapping[str, Any]) -> Created:
        """Create one. Raises CollectError."""
        created, calls = self._cloud.create_by_calls(urn, kind, inputs)
        with self._lock:
            self._calls.setdefault((urn, created.id), []).append(calls)
        return created

    def changed(
        self, urn: str, kind: str, identifier: str, inputs: Mapping[str, Any], *, dry: bool
    ) -> Created | None:
        """Change one to `inputs`, or only say what that would give (`dry`); None: it must be replaced.

        Raises CollectError.
        """
        if kind in TYPES:
            return self._cloud.create_by_calls(urn, kind, inputs)[0]
        declared = {key: value for key, value in inputs.items() if value is not None}
        resource = ChangedResource(
            urn,
            kind,
            without_refused(kind, declared),
            self._reading if dry else self._clients,
            made=list(self._known(urn, identifier)),
            identifier=identifier,
            dry=dry,
        )
        try:
            created = ADAPTERS[kind](resource)
            resource.finish()
        except MustBeReplaced:
            return None
        except (BotoCoreError, ClientError, UnmappedParameter, LookupError, TypeError, ValueError) as error:
            if dry:  # it cannot tell without a write, or with a value that is not known yet
                return None
            if isinstance(error, ClientError):
                raise _refused(urn, error.operation_name, error) from error
            raise CollectError(f"{resource.title} ({kind}): {type(error).__name__}") from error
        if created.id != identifier or resource.left:
            return None
        if not dry:
            with self._lock:
                self._calls[urn, identifier][-1] = tuple(resource.calls)
        return created

    def is_named(self, urn: str, identifier: str) -> bool:
        """Whether the program chose what names it: AWS takes no second one of that name beside it."""
        for call in self._known(urn, identifier)[:1]:
            undo = undo_of(self._model(call), call.operation)
            required = undo.input_shape.required_members if undo is not None and undo.input_shape else ()
            keys = call.parameters.keys()
            return bool(keys & set(required)) or any(key.lower().endswith("name") for key in keys)
        return False

    def stands(self, urn: str, identifier: str) -> bool:
        """Whether the emulator still has it. What AWS has no look-up for stands until it is deleted."""
        for call in self._known(urn, identifier)[:1]:
            look = look_up(self._model(call), call, identifier)
            try:
                found = self._send(call, *look) if look is not None else {}
            except ClientError as error:
                if is_gone(error):
                    return False
                raise _refused(urn, call.operation, error) from error
            lists = [value for value in found.values() if isinstance(value, list)]
            # Only what is described is a list of what was found.
            if look is not None and look[0].startswith("Describe") and lists and not any(lists):
                return False
        return True

    def delete(self, urn: str, kind: str, identifier: str) -> None:
        """Undo the calls that made it, the last first. Raises CollectError."""
        made = self._known(urn, identifier, 0) if kind not in UNDELETABLE else ()
        undos = [undoing(self._model(call), call, identifier) for call in made]
        for number, call in reversed(list(enumerate(made))):
            undo = undos[number]
            if undo is None:
                if sets(call.operation):
                    continue  # a setting of what is deleted itself, or of what AWS made
                raise CollectError(f"{urn.split('::')[-1]} ({kind}): {call.operation} cannot be undone")
            # Two calls may have made one thing: an API, and what is imported into it.
            if undo not in undos[:number]:
                self._undo(urn, call, identifier, *undo)
            if call.operation == "PutObject":
                self._delete_versions(call)
        with self._lock:
            self._calls[urn, identifier].pop(0)

    def _delete_versions(self, call: Call) -> None:
        """The versions before the last one go too, as with the provider that deploys to AWS."""
        bucket, key = call.parameters["Bucket"], call.parameters["Key"]
        found = self._send(call, "ListObjectVersions", {"Bucket": bucket, "Prefix": key})
        for each in (*found.get("Versions", ()), *found.get("DeleteMarkers", ())):
            if each["Key"] == key:
                version = {"VersionId": each["VersionId"]}
                self._send(call, "DeleteObject", {"Bucket": bucket, "Key": key, **version})

    def _undo(
        self, urn: str, call: Call, identifier: str, operation: str, parameters: dict[str, Any]
    ) -> None:
        look = look_up(self._model(call), call, identifier)
        try:
            self._send(call, operation, with_lock(parameters, look, lambda *ask: self._send(call, *ask)))
        except ClientError as error:
            if not is_gone(error):
                raise _refused(urn, operation, error) from error

    def _known(self, urn: str, identifier: str, place: int = -1) -> tuple[Call, ...]:
        with self._lock:
            if not self._calls.get((urn, identifier)):
                raise CollectError(
                    f"{urn.split('::')[-1]} ({identifier}) is of another lab", "`rampart lab down`, then up"
                )
            return self._calls[urn, identifier][place]

    def _model(self, call: Call) -> ServiceModel:
        model: ServiceModel = self._clients.get(call.service, call.region).meta.service_model
        return model

    def _send(self, call: Call, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        one = DesiredResource("", "", {"region": call.region}, self._clients)
        try:
            return one.send(call.service, operation, parameters)
        except BotoCoreError as error:
            raise CollectError(
                f"the emulator does not answer {operation}: {type(error).__name__}",
                "see `logs/emulator.log` in the lab's folder",
            ) from error


def _refused(urn: str, operation: str, error: ClientError) -> CollectError:
    answer = error.response["Error"]
    name = urn.split("::")[-1]
    return CollectError(f"{name}: {operation}: {answer.get('Code')}: {answer.get('Message')}")
