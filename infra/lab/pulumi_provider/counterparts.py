"""The calls that undo a call, look for what it made, or change it, as AWS's own models name them.

AWS names its operations in pairs (`CreateVpc`, `DeleteVpc`), and their parameters alike. So what made a
resource also says how it is deleted: the parameters are those of the call, what the call answered, or the
resource's own id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError
from botocore.model import OperationModel, ServiceModel, Shape

from infra.lab.adapters.desired_resource import Call

# The verb of an operation, and the verb of the one that undoes it.
_OPPOSITES: Final[Mapping[str, str]] = {
    "Add": "Remove",
    "Allocate": "Release",
    "Associate": "Disassociate",
    "Attach": "Detach",
    "Authorize": "Revoke",
    "Create": "Delete",
    "Enable": "Disable",
    "Put": "Delete",
    "Register": "Deregister",
    "Request": "Delete",
    "Rotate": "CancelRotate",
    "Start": "Stop",
    "Subscribe": "Unsubscribe",
}
# Where the pair has other names.
_OTHERWISE: Final[Mapping[str, str]] = {
    "CreateKey": "ScheduleKeyDeletion",
    "CreatePrivateDnsNamespace": "DeleteNamespace",
    "PutDashboard": "DeleteDashboards",
    "PutMetricAlarm": "DeleteAlarms",
    "PutSigningProfile": "CancelSigningProfile",
    "PutTargets": "RemoveTargets",
    "UpdateAccountPasswordPolicy": "DeleteAccountPasswordPolicy",
}
# What sets something up again in place of what was set before. (A signed copy of code stays, as in AWS.)
_SETTING: Final = ("Put", "Update", "Modify", "Set", "Enable", "Start", "Stop", "Change", "Copy")
# The emulator has no such operation.
_NEVER_CHANGED: Final = {"CreateModel"}
_MADE_BY: Final = ("Create", "Put", "Register", "Request")
_LOOKS: Final = ("Head", "Get", "Describe")
# Where AWS requires none of several names for one thing, the one to give.
_ENOUGH: Final[Mapping[str, tuple[str, ...]]] = {
    "DeleteSecurityGroup": ("GroupId",),
    "ReleaseAddress": ("AllocationId",),
    "RevokeSecurityGroupEgress": ("GroupId", "SecurityGroupRuleIds"),
    "RevokeSecurityGroupIngress": ("GroupId", "SecurityGroupRuleIds"),
}


# What AWS services answer for what is not there, and so does the emulator.
_GONE: Final = re.compile(r"NotFound|NoSuch|NonExist|DoesNotExist|^404$", re.IGNORECASE)


def is_gone(error: ClientError) -> bool:
    """Whether the service answered that there is no such thing."""
    return bool(_GONE.search(error.response["Error"]["Code"]))


def sets(operation: str) -> bool:
    """Whether the operation may be repeated with other parameters, and then holds in place of the first."""
    return operation.startswith(_SETTING)


def undo_of(model: ServiceModel, operation: str) -> OperationModel | None:
    """The operation that undoes `operation`; None where AWS has none."""
    names = [_OTHERWISE[operation]] if operation in _OTHERWISE else []
    for verb, opposite in _OPPOSITES.items():
        if operation.startswith(verb):
            names += [opposite + noun for noun in _nouns(operation.removeprefix(verb))]
    return _first(model, names)


def undoing(model: ServiceModel, call: Call, identifier: str) -> tuple[str, dict[str, Any]] | None:
    """The call that undoes `call`: its operation and parameters; None where AWS has none."""
    if call.undo is not None:
        return call.undo[0], dict(call.undo[1])
    undo = undo_of(model, call.operation)
    parameters = filled(undo, call, identifier) if undo is not None else None
    return None if undo is None or parameters is None else (undo.name, parameters)


def with_lock(
    parameters: dict[str, Any],
    look: tuple[str, dict[str, Any]] | None,
    ask: Callable[[str, dict[str, Any]], Mapping[str, Any]],
) -> dict[str, Any]:
    """AWS WAF wants the lock of the last change (AWS WAF API reference, LockToken): `look` finds it."""
    if "LockToken" not in parameters or look is None:
        return parameters
    return parameters | {"LockToken": ask(*look)["LockToken"]}


def change_of(model: ServiceModel, operation: str) -> OperationModel | None:
    """The operation that changes what `operation` created; None where AWS has none."""
    noun = operation.removeprefix("Create")
    names = (f"Update{noun}", f"Modify{noun}", f"Update{noun}Configuration")
    return _first(model, names) if noun != operation and operation not in _NEVER_CHANGED else None


def look_up(model: ServiceModel, call: Call, identifier: str) -> tuple[str, dict[str, Any]] | None:
    """The call that looks up what `call` made, by what would undo it; None where AWS has none."""
    undo = undo_of(model, call.operation)
    verb = next((verb for verb in _MADE_BY if call.operation.startswith(verb)), None)
    # A look at a secret's value would be written down by AWS as its use.
    if undo is None or verb is None or call.operation == "PutSecretValue":
        return None
    nouns = _nouns(call.operation.removeprefix(verb))
    look = _first(model, [look + noun for look in _LOOKS for noun in nouns])
    names = set(filled(undo, call, identifier) or ())
    if look is None or look.input_shape is None:
        return None
    found = filled(look, call, identifier) or {}
    required = look.input_shape.required_members
    given = {key: value for key, value in found.items() if key in required or names & {key, key[:-1]}}
    return (look.name, given) if given else None


def _first(model: ServiceModel, names: Iterable[str]) -> OperationModel | None:
    known = set(model.operation_names)
    return next((model.operation_model(name) for name in names if name in known), None)


def _nouns(noun: str) -> tuple[str, ...]:
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return (noun, plural, noun.removesuffix("Configuration"))


def filled(operation: OperationModel, call: Call, identifier: str) -> dict[str, Any] | None:
    """The parameters of `operation` for what `call` made; None where nothing of what it takes is known."""
    shape = operation.input_shape
    if shape is None:
        return {}
    enough = _ENOUGH.get(operation.name) or tuple(shape.members)
    found = {name: _known(name, shape.members[name], call) for name in enough}
    for name in shape.required_members:
        if found[name] is None:
            found[name] = _own(name, call) or identifier
    if "force" in shape.members and operation.name == "DeleteService":
        found["force"] = True  # with its tasks, as the provider does after it has stopped them
    given = {name: value for name, value in found.items() if value is not None}
    return given if given or set(shape.members) <= {"DryRun"} else None


def _own(name: str, call: Call) -> Any:
    """`authorizerId` of CreateAuthorizer is the `id` of its answer, `modelName` of CreateModel its `name`."""
    for verb in _MADE_BY:
        noun = call.operation.removeprefix(verb)
        if noun != call.operation and name.lower().startswith(noun.lower()):
            part = name[len(noun) :].lower()
            values = {key.lower(): value for key, value in {**call.parameters, **call.answer}.items()}
            return values.get(part)
    return None


def _known(name: str, member: Shape, call: Call) -> Any:
    """The value of a parameter, as the call was given it or as it was answered; None if neither."""
    scalar = name.removesuffix("s") if member.type_name == "list" else name
    for source in (dict(call.parameters), dict(call.answer)):
        if name in source and not _is_scalar(member):
            return source[name]
        for spelling in (scalar, f"{scalar}Arn", f"{scalar}Id", f"{scalar}Name"):
            values = [value for key, value in _scalars(source) if key.lower() == spelling.lower()]
            if values:
                return values[:1] if member.type_name == "list" else values[0]
    return None


def _is_scalar(shape: Shape) -> bool:
    return shape.type_name not in ("list", "structure", "map")


def _scalars(value: Any) -> Iterator[tuple[str, Any]]:
    """All names and texts or numbers within, those of the outer levels first."""
    inner = []
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, Mapping | list):
                inner.append(item)
            elif key != "ResponseMetadata":
                yield key, item
    elif isinstance(value, list):
        inner = value
    for item in inner:
        yield from _scalars(item)
