"""Reads a stack from a file, without its secrets.

Known shapes: `pulumi stack export` (deployment schema 3 and 4; the lab writes the same), the checkpoint
file of a local backend, and `pulumi preview --json --show-sames`. A secret becomes `SECRET` whether the
file holds it encrypted or in clear; what is unknown until deployment becomes `UNKNOWN`. Resources that
await deletion or replacement are left out; those that the stack only reads keep `external`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec

from hardening.errors import ConfigError
from scanners.policy.preview_file import planned_states
from scanners.policy.stack import Resource, Stack
from scanners.policy.state_values import own_properties, plain

# A stack of 5,000 resources takes about 50 MB. What is read grows about tenfold in memory.
LARGEST_FILE: Final = 128 * 1024 * 1024

SCHEMAS: Final = (3, 4)

_HINT: Final = "expected the JSON of `pulumi stack export` or `pulumi preview --json --show-sames`"

_RAW_STATE_DELTA: Final = "__pulumi_raw_state_delta"

# Where the engine keeps a plugin's download address, checksums, parameters and environment (`registry.go`).
_PLUGIN: Final = "__internal"

# What the engine says of a resource that is not as the state has it (`apitype.ResourceV3`), in plain words.
_CUT_SHORT: Final = "an update was cut short before the state had it; run `pulumi refresh`"
_NOT_RUN: Final = "it declares resources from what AWS will answer (`apply`); judge what `pulumi up` exports"
_AWAITED: Final = {
    "delete": "it was replaced, and what it was awaits deletion; run `pulumi up`",
    "pendingReplacement": "it was deleted, and what replaces it was never made; run `pulumi up`",
}
_UNSETTLED: Final = {
    "initErrors": "it was made, and did not come up (`initErrors`); mend it, and run `pulumi up`",
    "taint": "it is marked to be replaced (`taint`); run `pulumi up`",
}


def read_stack(path: str | Path) -> Stack:
    """The stack that the file `path` describes. Raises ConfigError."""
    file = Path(path)
    document = _document(file)
    shapes = [shape for shape in ("steps", "deployment", "checkpoint") if shape in document]
    if len(shapes) > 1:
        raise ConfigError(f"{file}: not one stack: it has {' and '.join(shapes)}", _HINT)
    read = planned_states if "steps" in document else _exported
    records = list(read(file, document))
    return replace(
        _stack(file, records), pending={**_awaiting(records), **_unrun(document), **dict(_begun(document))}
    )


def _document(file: Path) -> Mapping[str, Any]:
    try:
        size = file.stat().st_size
        if size > LARGEST_FILE:
            raise ConfigError(
                f"{file}: {size // 2**20} MB is too large for a stack (limit {LARGEST_FILE // 2**20} MB)",
                "split the stack, or remove stale resources from its state",
            )
        text = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror or error}", _HINT) from None
    if not text.strip():
        raise ConfigError(f"{file}: the file is empty", _HINT)
    try:
        document = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not complete JSON: {error}", _HINT) from None
    if not isinstance(document, dict):
        raise ConfigError(f"{file}: not a stack: expected a JSON object", _HINT)
    return document


def _exported(file: Path, document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    deployment = document.get("deployment")
    checkpoint = document.get("checkpoint")
    if isinstance(checkpoint, dict):
        deployment = checkpoint.get("latest")
    if not isinstance(deployment, dict):
        raise ConfigError(f"{file}: not a stack: no `deployment`", _HINT)
    if document.get("version") not in SCHEMAS:
        wanted = " or ".join(str(schema) for schema in SCHEMAS)
        raise ConfigError(f"{file}: version: expected {wanted}, not {document.get('version')!r}", _HINT)
    records = deployment.get("resources")
    if not isinstance(records, list) or not records:
        raise ConfigError(f"{file}: deployment.resources: the stack has no resources", "deploy it first")
    for number, record in enumerate(records):
        if not isinstance(record, dict):
            raise ConfigError(f"{file}: deployment.resources[{number}]: expected an object", _HINT)
        yield record


def _begun(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What an update that was cut short had begun: it may exist, and the state does not have it as it is."""
    latest = document.get("deployment") or (document.get("checkpoint") or {}).get("latest") or {}
    begun = latest.get("pending_operations")
    for operation in begun if isinstance(begun, list) else ():
        resource = operation.get("resource") if isinstance(operation, dict) else None
        urn = resource.get("urn") if isinstance(resource, dict) else None
        yield urn if isinstance(urn, str) else "a resource without a urn", _CUT_SHORT


def _unrun(document: Mapping[str, Any]) -> dict[str, str]:
    """Where a program would declare more, if what AWS answers were known (`infra.program_run.record`)."""
    metadata = (document.get("deployment") or {}).get("metadata") or {}
    return {str(place): _NOT_RUN for place in metadata.get("unrun") or ()}


def _awaiting(records: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What is not in the stack any more, and may still be in the account."""
    return {
        str(record.get("urn")): reason
        for mark, reason in _AWAITED.items()
        for record in records
        if record.get(mark)
    }


def _stack(file: Path, records: list[Mapping[str, Any]]) -> Stack:
    resources: dict[str, Resource] = {}
    for number, record in enumerate(records):
        if _AWAITED.keys() & {mark for mark, set_ in record.items() if set_}:
            continue
        try:
            resource = _resource(record)
        except (TypeError, ValueError) as fault:
            raise ConfigError(f"{file}: resource {number}: {fault}", _HINT) from None
        if resource.urn in resources:
            raise ConfigError(f"{file}: resource {number}: urn: {resource.urn} is there twice", _HINT)
        resources[resource.urn] = resource
    if not resources:
        raise ConfigError(f"{file}: the stack has no resources", "deploy it first")
    name, project = _name_and_project(next(iter(resources)))
    return Stack(name, project, tuple(resources.values()))


def _name_and_project(urn: str) -> tuple[str, str]:
    stack, project, _ = urn.removeprefix("urn:pulumi:").split("::", 2)
    return stack, project


def _resource(record: Mapping[str, Any]) -> Resource:
    urn = _text(record, "urn")
    parts = urn.split("::", 3)
    if not urn.startswith("urn:pulumi:") or len(parts) != 4:
        raise ValueError("urn: expected urn:pulumi:<stack>::<project>::<types>::<name>")
    outputs, type_ = _object(record, "outputs"), _text(record, "type")
    if parts[2].rsplit("$", 1)[-1] != type_:
        raise ValueError(f"type: {type_}, but its urn is of another: {urn}")
    return Resource(
        urn=urn,
        type=type_,
        name=parts[3],
        id=_identity(record.get("id")),
        inputs=_inputs(record, type_),
        outputs=own_properties(outputs),
        raw_state_delta=plain(outputs.get(_RAW_STATE_DELTA)),
        parent=_text(record, "parent", ""),
        provider=_text(record, "provider", ""),
        dependencies=_texts(record.get("dependencies"), "dependencies"),
        property_dependencies={
            name: _texts(urns, f"propertyDependencies.{name}")
            for name, urns in _object(record, "propertyDependencies").items()
        },
        custom=bool(record.get("custom")),
        external=bool(record.get("external")),
        remote=bool(record.get("remote")),
        protect=bool(record.get("protect")),
        retain_on_delete=bool(record.get("retainOnDelete")),
        ignore_changes=_texts(record.get("ignoreChanges"), "ignoreChanges"),
        source=_source(record.get("sourcePosition")),
        unsettled="; ".join(reason for mark, reason in _UNSETTLED.items() if record.get(mark)),
    )


def _inputs(record: Mapping[str, Any], type_: str) -> dict[str, Any]:
    """The resource's own inputs; of a provider also from where its plugin is, and what it reads."""
    inputs = _object(record, "inputs")
    own, plugin = own_properties(inputs), inputs.get(_PLUGIN)
    return {**own, _PLUGIN: plain(plugin)} if plugin and type_.startswith("pulumi:providers:") else own


def _identity(value: Any) -> str:
    known = plain(value)
    return known if isinstance(known, str) else ""


def _source(value: Any) -> str:
    """`file:line` out of a source position such as `project:///__main__.py#12,4`."""
    file, mark, position = value.partition("#") if isinstance(value, str) else ("", "", "")
    return f"{file.split(':///', 1)[-1]}:{position.split(',')[0]}" if mark else ""


_REQUIRED: Final = object()


def _text(record: Mapping[str, Any], key: str, default: Any = _REQUIRED) -> str:
    value = record.get(key) or default
    if not isinstance(value, str):
        raise TypeError(f"{key}: expected a string")
    return value


def _texts(value: Any, key: str) -> tuple[str, ...]:
    if not isinstance(value or [], list) or not all(isinstance(item, str) for item in value or []):
        raise TypeError(f"{key}: expected a list of URNs")
    return tuple(value or ())


def _object(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = record.get(key) or {}
    if not isinstance(value, dict):
        raise TypeError(f"{key}: expected an object")
    return value
