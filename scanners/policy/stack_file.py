"""Reads a stack from a file, without its secrets.

Known shapes: `pulumi stack export` (deployment schema 3 and 4; the lab writes the same), the checkpoint
file of a local backend, and `pulumi preview --json --show-sames`. A secret becomes `SECRET` whether the
file holds it encrypted or in clear; what is unknown until deployment becomes `UNKNOWN`. Resources that
await deletion or replacement are left out; those that the stack only reads keep `external`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec

from hardening.errors import ConfigError
from scanners.policy.stack import Resource, Stack
from scanners.policy.state_values import own_properties, plain

# A stack of 5,000 resources takes about 50 MB. What is read grows about tenfold in memory.
LARGEST_FILE: Final = 128 * 1024 * 1024

SCHEMAS: Final = (3, 4)

_HINT: Final = "expected the JSON of `pulumi stack export` or `pulumi preview --json --show-sames`"

_RAW_STATE_DELTA: Final = "__pulumi_raw_state_delta"

# Steps of a preview after which the resource is gone.
_REMOVALS: Final = frozenset(
    {"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"}
)

# What a preview's summary counts one step each, and how a person calls it.
_COUNTED: Final = {"same": "unchanged", "create": "new", "update": "changed"}


def read_stack(path: str | Path) -> Stack:
    """The stack that the file `path` describes. Raises ConfigError."""
    file = Path(path)
    document = _document(file)
    shapes = [shape for shape in ("steps", "deployment", "checkpoint") if shape in document]
    if len(shapes) > 1:
        raise ConfigError(f"{file}: not one stack: it has {' and '.join(shapes)}", _HINT)
    read = _previewed if "steps" in document else _exported
    return replace(_stack(file, list(read(file, document))), pending=tuple(_pending(document)))


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


def _pending(document: Mapping[str, Any]) -> Iterator[str]:
    """What an update that was cut short had begun: it may exist, and the state does not have it as it is."""
    latest = document.get("deployment") or (document.get("checkpoint") or {}).get("latest") or {}
    begun = latest.get("pending_operations")
    for operation in begun if isinstance(begun, list) else ():
        resource = operation.get("resource") if isinstance(operation, dict) else None
        urn = resource.get("urn") if isinstance(resource, dict) else None
        yield urn if isinstance(urn, str) else "a resource without a urn"


def _previewed(file: Path, document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    steps = document["steps"]
    if not isinstance(steps, list) or not steps:
        raise ConfigError(f"{file}: steps: the preview has no steps", _HINT)
    _must_be_complete(file, document)
    planned: dict[str, Mapping[str, Any]] = {}
    seen: Counter[str] = Counter()
    for number, step in enumerate(steps):
        if not isinstance(step, dict) or not isinstance(step.get("op"), str):
            raise ConfigError(f"{file}: steps[{number}].op: expected a string", _HINT)
        seen[step["op"]] += 1
        if step["op"] in _REMOVALS:
            continue
        state = step.get("newState")
        if not isinstance(state, dict):
            raise ConfigError(f"{file}: steps[{number}].newState: expected an object", _HINT)
        planned[str(state.get("urn"))] = state
    summary = document.get("changeSummary")
    for operation, what in _COUNTED.items():
        counted = summary.get(operation) if isinstance(summary, dict) else 0
        hidden = counted - seen[operation] if isinstance(counted, int) else 0
        # The root stack is a step of its own that the summary counts too, so one may be missing.
        if hidden > 1:
            raise ConfigError(
                f"{file}: the preview leaves out {hidden} {what} resources, which cannot be judged",
                "run `pulumi preview --json --show-sames`",
            )
    yield from planned.values()


def _must_be_complete(file: Path, document: Mapping[str, Any]) -> None:
    """A preview that failed has the steps up to there (`pulumi preview --json`). Raises ConfigError."""
    said = document.get("diagnostics") or []
    told = said if isinstance(said, list) else []
    failed = any(isinstance(each, dict) and each.get("severity") == "error" for each in told)
    if failed or document.get("maybeCorrupt"):
        raise ConfigError(
            f"{file}: the preview failed, and what it has may not be all", "mend it, run it again"
        )


def _stack(file: Path, records: list[Mapping[str, Any]]) -> Stack:
    resources: dict[str, Resource] = {}
    for number, record in enumerate(records):
        if record.get("delete") or record.get("pendingReplacement"):
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
        inputs=own_properties(_object(record, "inputs")),
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
    )


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
