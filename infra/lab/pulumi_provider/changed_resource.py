"""A resource that exists and is declared otherwise: the calls of its adapter, as far as they differ.

The adapter that created it runs again with the new inputs. A call that is as it was is not made again; one
that sets something is made with its new parameters; what a `Create` call would now create otherwise is
changed by the operation that AWS has for it. Where AWS has none, the resource must be replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.model import ServiceModel

from infra.lab.adapters.desired_resource import Call, DesiredResource
from infra.lab.pulumi_provider.counterparts import change_of, filled, look_up, sets, undo_of
from infra.program_run.property_values import UNKNOWN


class _Unknown(dict[str, Any]):
    """The answer to a call that is not made yet: every text in it is unknown."""

    def __missing__(self, _key: str) -> str:
        return UNKNOWN


class MustBeReplaced(Exception):
    """AWS has no call that changes this."""


@dataclass(slots=True)
class ChangedResource(DesiredResource):
    """`made` are the calls that made it so far, `identifier` its id; `dry`: nothing is sent."""

    made: list[Call] = field(default_factory=list)
    identifier: str = ""
    dry: bool = False

    def send(self, service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Make the call if it differs from the one that was made. Raises MustBeReplaced."""
        before = self._before(service, operation)
        if before is None:
            return self._sent(service, operation, arguments)
        self.made.remove(before)
        if before.parameters == arguments:
            return dict(before.answer)
        if sets(operation):
            if self._identity(before) != self._identity(
                Call(service, self.region, operation, arguments, before.answer)
            ):
                raise MustBeReplaced(operation)
            return self._sent(service, operation, arguments)
        self._change(before, arguments)
        return dict(before.answer)

    def _before(self, service: str, operation: str) -> Call | None:
        alike = [one for one in self.made if (one.service, one.operation) == (service, operation)]
        return alike[0] if alike else None

    def finish(self) -> None:
        """Undo what no call makes any more. Raises MustBeReplaced."""
        for call in reversed(self.made):
            undo = undo_of(self._model(call.service), call.operation)
            parameters = filled(undo, call, self.identifier) if undo is not None else None
            if undo is None or parameters is None:
                raise MustBeReplaced(call.operation)
            self._sent(call.service, undo.name, parameters)

    def _change(self, before: Call, arguments: Mapping[str, Any]) -> None:
        operation = change_of(self._model(before.service), before.operation)
        shape = operation.input_shape if operation is not None else None
        keys = {*before.parameters, *arguments}
        changed = {key for key in keys if before.parameters.get(key) != arguments.get(key)}
        if operation is None or shape is None or changed - set(shape.members):
            raise MustBeReplaced(before.operation)
        now = Call(before.service, self.region, before.operation, arguments, before.answer)
        parameters = filled(operation, now, self.identifier)
        if parameters is None or any(key not in arguments for key in changed):
            raise MustBeReplaced(before.operation)
        given = {*arguments, *shape.required_members}
        kept = {key: value for key, value in parameters.items() if key in given}
        self._sent(before.service, operation.name, self._fresh(now, kept))

    def _fresh(self, call: Call, parameters: dict[str, Any]) -> dict[str, Any]:
        """AWS WAF wants the lock of the last change (AWS WAF API reference, LockToken)."""
        look = look_up(self._model(call.service), call, self.identifier)
        if "LockToken" not in parameters or look is None or self.dry:
            return parameters
        found = self._request(call.service, *look)
        return parameters | {"LockToken": found["LockToken"]}

    def _identity(self, call: Call) -> Any:
        undo = undo_of(self._model(call.service), call.operation)
        return None if undo is None else filled(undo, call, self.identifier)

    def _sent(self, service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return _Unknown() if self.dry else self._request(service, operation, arguments)

    def _request(self, service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return DesiredResource.send(self, service, operation, arguments)

    def _model(self, service: str) -> ServiceModel:
        model: ServiceModel = self.clients.get(service, self.region).meta.service_model
        return model
