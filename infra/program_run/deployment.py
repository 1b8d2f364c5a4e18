"""What a run of the program declared, in the shape of `pulumi stack export` (deployment format 3).

Shape: Pulumi's `sdk/go/common/apitype/deployments.json`. It is the lab's state file, the stack that a
program would declare (`audit policy --program`), and the one that is intended (`audit intent`). The lab's
file is written while resources are created: after a crash it lists what existed by then, and what was being
created (`pending_operations`). It may lag behind by `_LAG` seconds.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.program_run.property_values import to_state

_LAG = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One resource of the deployment. Inputs and outputs are plain values, secrets wrapped in `Secret`."""

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    protect: bool = False
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()
    external: bool = False
    remote: bool = False
    source: str = ""

    def as_state(self) -> dict[str, Any]:
        """The resource as a deployment file holds it. Secrets are redacted."""
        state: dict[str, Any] = {"urn": self.urn, "custom": self.custom}
        if self.custom:
            state["id"] = self.id
        state |= {"type": self.type, "inputs": to_state(self.inputs), "outputs": to_state(self.outputs)}
        if self.parent:
            state["parent"] = self.parent
        if self.protect:
            state["protect"] = True
        if self.retain_on_delete:
            state["retainOnDelete"] = True
        if self.ignore_changes:
            state["ignoreChanges"] = list(self.ignore_changes)
        if self.external:
            state["external"] = True
        if self.remote:
            # Not the engine's own key: after its run the children of such a component are in the state.
            state["remote"] = True
        state["dependencies"] = sorted(self.dependencies)
        if self.provider:
            state["provider"] = self.provider
        if self.custom:
            state["propertyDependencies"] = {
                key: sorted(urns) for key, urns in sorted(self.property_dependencies.items())
            }
        if self.source:
            state["sourcePosition"] = self.source
        return state


class Deployment:
    """All records of one run, in the order of their creation, kept in `file`. Thread-safe."""

    def __init__(self, file: Path | None, plugins: Mapping[str, str]) -> None:
        """`file` None: keep it in memory only. `plugins`: provider name -> version."""
        self._file = file
        self._plugins = plugins
        self._lock = threading.RLock()
        self._records: dict[str, Record] = {}
        self._written: dict[str, str] = {}
        self._pending: dict[str, Record] = {}
        self._next_write = 0.0

    def records(self) -> tuple[Record, ...]:
        """The records so far."""
        with self._lock:
            return tuple(self._records.values())

    def get(self, urn: str) -> Record | None:
        """The record with this URN, if it was made."""
        with self._lock:
            return self._records.get(urn)

    def begin(self, record: Record) -> None:
        """Note that `record` is being created. Raises ValueError when its URN is taken."""
        with self._lock:
            if record.urn in self._records or record.urn in self._pending:
                raise ValueError(f"two resources have the URN {record.urn}")
            self._pending[record.urn] = record

    def add(self, record: Record) -> None:
        """Keep a record that is complete, or completed again with its outputs."""
        with self._lock:
            self._pending.pop(record.urn, None)
            self._records[record.urn] = record
            self._written[record.urn] = json.dumps(record.as_state())
            # The whole file for each of hundreds of resources would take as long as creating them.
            if time.monotonic() > self._next_write:
                self.write()
                self._next_write = time.monotonic() + _LAG

    def write(self) -> None:
        """Replace the file in one step: a reader sees the old one or the new one."""
        if self._file is None:
            return
        with self._lock:
            staged = self._file.with_suffix(".tmp")
            staged.write_text(self.text(), encoding="utf-8")
            staged.replace(self._file)

    def text(self) -> str:
        """The deployment as JSON text, one line a resource."""
        with self._lock:
            resources = ",\n".join(self._written.values())
            pending = ",\n".join(
                json.dumps({"resource": record.as_state(), "type": "creating"})
                for record in self._pending.values()
            )
        manifest = json.dumps(
            {
                "time": datetime.now(UTC).isoformat(),
                "magic": "",
                "version": "",
                "plugins": [
                    {"name": name, "path": "", "type": "resource", "version": version}
                    for name, version in self._plugins.items()
                ],
            }
        )
        # The provider's type is not one of Pulumi's: nobody can decrypt what was never encrypted.
        secrets = json.dumps({"type": "redacted", "state": {}})
        return (
            f'{{"version": 3, "deployment": {{\n"manifest": {manifest},\n"secrets_providers": {secrets},\n'
            f'"resources": [\n{resources}\n],\n"pending_operations": [{pending}],\n"metadata": {{}}\n}}}}\n'
        )
