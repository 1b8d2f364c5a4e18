"""A resource that exists and is declared otherwise: the calls of its adapter, as far as they differ.

The adapter that created it runs again with the new inputs. A call that is as it was is not made again; one
that sets something is made with its new parameters; what a `Create` call would now create otherwise is
changed by the operation that AWS has for it. A part for which AWS has none is deleted and made anew; if it is
the resource itself, that must be replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError
from botocore.model import ServiceModel

from infra.lab.adapters.desired_resource import Call, DesiredResource, as_text
from infra.lab.pulumi_provider.counterparts import (
    change_of,
    filled,
    is_gone,
    look_up,
    sets,
    undo_of,
    undoing,
    with_lock,
)
from infra.program_run.property_values import UNKNOWN

# The emulator forgets what the second call set when the first is made again.
_LOST = {"PutMethod": "PutIntegration"}
_METHOD = ("restApiId", "resourceId", "httpMethod")


class _Unknown(dict[str, Any]):
    """The answer to a call that is not made yet: every text in it is unknown."""

    def __missing__(self, _key: str) -> str:
        return UNKNOWN


class MustBeReplaced(Exception):
    """AWS has no call that changes this."""


def _patches(wanted: Mapping[str, Any], before: Mapping[str, Any]) -> list[dict[str, str]] | None:
    """The patch operations of API Gateway that set these members, and those of a member; None: it has none.

    The emulator reads whole numbers only, and takes no tags afterwards.
    """
    leaves: dict[str, Any] = {}
    for key, value in wanted.items():
        if not isinstance(value, dict):
            leaves[f"/{key}"] = value
        elif key == "tags" or value.keys() != (before.get(key) or {}).keys():
            return None
        else:
            leaves |= {f"/{key}/{part}": item for part, item in value.items() if item != before[key][part]}
    if any(isinstance(value, dict | list | float) for value in leaves.values()):
        return None
    return [{"op": "replace", "path": path, "value": as_text(leaves[path])} for path in sorted(leaves)]


@dataclass(slots=True)
class ChangedResource(DesiredResource):
    """`made` are the calls that made it so far, `identifier` its id; `dry`: nothing is sent."""

    made: list[Call] = field(default_factory=list)
    identifier: str = ""
    dry: bool = False
    main: Call | None = field(init=False)  # what made the resource itself; the other calls made its parts

    def __post_init__(self) -> None:
        DesiredResource.__post_init__(self)
        self.main = self.made[0] if self.made else None

    @property
    def stands(self) -> bool:
        """It does."""
        return True

    def send(self, service: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Make the call if it differs from the one that was made. Raises MustBeReplaced."""
        now = Call(service, self.region, operation, arguments, {})
        before = self._before(now)
        if before is None:
            # A recorder is started or stopped, and never both.
            self.made = [one for one in self.made if not (self._undoes(now, one) or self._undoes(one, now))]
            return self._sent(service, operation, arguments)
        self.made.remove(before)
        if before.parameters == arguments:
            return dict(before.answer)
        if sets(operation):
            if self._identity(before) != self._identity(replace(before, parameters=arguments)):
                raise MustBeReplaced(operation)
            self._forget(_LOST.get(operation, ""), arguments)
            return self._sent(service, operation, arguments)
        if self._is_changed(before, arguments):
            return dict(before.answer)
        if before is self.main:
            raise MustBeReplaced(operation)
        self._undo(before)
        return self._sent(service, operation, arguments)

    def _forget(self, operation: str, where: Mapping[str, Any]) -> None:
        """What is made of the same thing as `where` by `operation` must be made again."""
        self.made = [
            one
            for one in self.made
            if one.operation != operation or any(where.get(key) != one.parameters[key] for key in _METHOD)
        ]

    def _before(self, now: Call) -> Call | None:
        """The call that made what `now` would make."""
        alike = [one for one in self.made if (one.service, one.operation) == (now.service, now.operation)]
        for one in alike:
            if one.parameters == now.parameters:
                return one
        for one in alike:
            identity = self._identity(one)
            known = identity is not None or sets(now.operation)
            if known and identity == self._identity(replace(one, parameters=now.parameters)):
                return one
        return next((one for one in alike if one is self.main), None)

    def finish(self) -> None:
        """Undo what no call makes any more. Raises MustBeReplaced."""
        for call in reversed(self.made):
            self._undo(call)

    def _undoes(self, call: Call, other: Call) -> bool:
        undo = undoing(self._model(other.service), other, self.identifier)
        return undo == (call.operation, dict(call.parameters))

    def _undo(self, call: Call) -> None:
        undo = undoing(self._model(call.service), call, self.identifier)
        if undo is None:
            raise MustBeReplaced(call.operation)
        try:
            self._sent(call.service, *undo)
        except ClientError as error:
            # A part of a part goes with it.
            if not is_gone(error):
                raise

    def _is_changed(self, before: Call, arguments: Mapping[str, Any]) -> bool:
        """Whether AWS has an operation that changes it, which is then made."""
        operation = change_of(self._model(before.service), before.operation)
        shape = operation.input_shape if operation is not None else None
        keys = {*before.parameters, *arguments}
        changed = {key for key in keys if before.parameters.get(key) != arguments.get(key)}
        if operation is None or shape is None or any(key not in arguments for key in changed):
            return False
        now = replace(before, parameters=arguments)
        parameters = filled(operation, now, self.identifier) or {}
        patched = "patchOperations" in shape.members
        if patched:
            patches = _patches({key: arguments[key] for key in changed}, before.parameters)
            if patches is None:
                return False
            parameters["patchOperations"] = patches
        elif not parameters or changed - set(shape.members):
            return False
        given = {*shape.required_members, *({"patchOperations"} if patched else arguments)}
        kept = {key: value for key, value in parameters.items() if key in given}
        if not self.dry:
            look = look_up(self._model(before.service), now, self.identifier)
            kept = with_lock(kept, look, lambda *asked: self._request(before.service, *asked))
        self._sent(before.service, operation.name, kept)
        return True

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
