"""Property values between Pulumi's wire form (protobuf structs) and plain Python.

The wire marks what JSON cannot say by dictionaries with a signature key (Pulumi SDK,
`pulumi/runtime/rpc.py`): secrets, assets, archives and references to resources.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import json_format, struct_pb2

from infra.program_run.archive_digest import archive_digest

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  (Pulumi's marker of a secret, not one)
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

# The deployment file must say that a value is secret and must not hold it. Nothing that could be
# turned back into the value (a digest of a short secret could) takes its place.
REDACTED = {SIGNATURE: SECRET, "ciphertext": "redacted"}


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that the program marked as secret."""

    value: Any

    def __repr__(self) -> str:
        return "Secret(...)"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the program: its text, or the path that holds it."""

    text: str | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip archive of the program: a path (folder or zip), or members by name."""

    members: Mapping[str, Any]
    path: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to another resource of the stack."""

    urn: str
    id: str


def from_wire(properties: struct_pb2.Struct) -> dict[str, Any]:
    """The properties with `Secret`, `Asset`, `Archive` and `Reference` in place of their markers."""
    return {key: _value(item) for key, item in properties.fields.items()}


def _value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _struct(value.struct_value)
    if kind == "list_value":
        return [_value(item) for item in value.list_value.values]
    if kind == "number_value":
        # The wire only has floats; AWS wants its counts and ports as integers.
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    return value.string_value if kind == "string_value" else None


def _struct(struct: struct_pb2.Struct) -> Any:
    fields = {key: _value(item) for key, item in struct.fields.items()}
    marker = fields.pop(SIGNATURE, None)
    if marker is None:
        return fields
    if marker == SECRET:
        return Secret(fields.get("value"))
    if marker == ASSET:
        return Asset(fields.get("text"), fields.get("path", ""))
    if marker == ARCHIVE:
        return Archive(fields.get("assets", {}), fields.get("path", ""))
    if marker == REFERENCE:
        return Reference(fields["urn"], fields.get("id", ""))
    raise ValueError(f"unknown marker in a property: {marker}")


def to_wire(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """The inverse of `from_wire`."""
    return json_format.ParseDict(_marked(properties, keep_secrets=True), struct_pb2.Struct())


def to_state(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties as a deployment file holds them: every secret redacted."""
    state: dict[str, Any] = _marked(properties, keep_secrets=False)
    return state


def _marked(value: Any, *, keep_secrets: bool) -> Any:
    if isinstance(value, Secret):
        inner = _marked(value.value, keep_secrets=keep_secrets)
        return {SIGNATURE: SECRET, "value": inner} if keep_secrets else REDACTED
    if isinstance(value, Asset):
        content = {"path": value.path} if value.text is None else {"text": value.text}
        return {SIGNATURE: ASSET, **content, **({} if keep_secrets else _digest(value))}
    if isinstance(value, Archive):
        members = {"path": value.path} if value.path else {"assets": dict(value.members)}
        digest = {} if keep_secrets else _digest_of_archive(value)
        return {SIGNATURE: ARCHIVE, **_marked(members, keep_secrets=keep_secrets), **digest}
    if isinstance(value, Reference):
        return {SIGNATURE: REFERENCE, "urn": value.urn, "id": value.id}
    if isinstance(value, Mapping):
        return {key: _marked(item, keep_secrets=keep_secrets) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(item, keep_secrets=keep_secrets) for item in value]
    return value


def _digest(asset: Asset) -> dict[str, str]:
    """The SHA-256 of the content, under the name that the engine gives it in a state file."""
    content = _bytes_of(asset)
    return {} if content is None else {"hash": hashlib.sha256(content).hexdigest()}


def _digest_of_archive(archive: Archive) -> dict[str, str]:
    digest = archive_digest(archive, {name: _bytes_of(member) for name, member in archive.members.items()})
    return {} if digest is None else {"hash": digest}


def _bytes_of(member: Any) -> bytes | None:
    """What an asset holds; None for a file that is not there, and for what is no asset."""
    if not isinstance(member, Asset):
        return None
    if member.text is not None:
        return member.text.encode()
    file = Path(member.path)
    return file.read_bytes() if file.is_file() else None


def revealed(value: Any) -> Any:
    """The value with its secrets in clear, for the call that creates the resource. Never write it."""
    if isinstance(value, Secret):
        return revealed(value.value)
    if isinstance(value, Mapping):
        return {key: revealed(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [revealed(item) for item in value]
    return value


def dereferenced(value: Any) -> Any:
    """The value with the id of a resource in place of the resource itself, as a provider is given it."""
    if isinstance(value, Reference):
        return value.id or UNKNOWN
    if isinstance(value, Secret):
        return Secret(dereferenced(value.value))
    if isinstance(value, Mapping):
        return {key: dereferenced(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [dereferenced(item) for item in value]
    return value


def contains_secret(value: Any) -> bool:
    """Whether the value is, or contains, a secret."""
    return any(isinstance(item, Secret) for item in _walk(value))


def _walk(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _walk(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _walk(item)
