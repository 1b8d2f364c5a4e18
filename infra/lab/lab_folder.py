"""The lab's folder: where everything about a running lab is written, and nothing else is."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hardening.errors import ConfigError
from infra.lab.unsupported import UNLISTED, Unsupported, unsupported_parts

# Where audits look for the lab's target unless --target names another file.
DEFAULT_FOLDER = Path(".rampart/lab")


@dataclass(frozen=True, slots=True)
class LabFolder:
    """The files of one lab."""

    path: Path

    @property
    def stack(self) -> Path:
        """The deployment, in the shape of `pulumi stack export`."""
        return self.path / "stack.json"

    @property
    def unsupported(self) -> Path:
        """What of the deployment the emulator does not support."""
        return self.path / "unsupported.json"

    @property
    def target(self) -> Path:
        """What audits read. It is there exactly while the lab is up."""
        return self.path / "target.json"

    @property
    def tokens(self) -> Path:
        """The tokens of this run, which are worth nothing after it."""
        return self.path / "tokens.json"

    @property
    def partner_tokens(self) -> Path:
        """The tokens that the lab's partners want from us."""
        return self.path / "partner-tokens.json"

    @property
    def pulumi(self) -> Path:
        """The project of the Pulumi CLI, with its state; there is none unless the CLI made the stack."""
        return self.path / "pulumi"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one command at a time starts or stops the lab. Raises ConfigError."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock_file = (self.path / "lock").open("w")
        except OSError as error:
            raise ConfigError(
                f"{self.path}: cannot be written: {error.strerror}", "name another folder with --dir"
            ) from None
        with lock_file as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ConfigError(
                    f"{self.path}: another `rampart lab` command is at work here",
                    "wait for it, or name another folder with --dir",
                ) from None
            yield

    def write_target(self, target: dict[str, str]) -> None:
        """Say where the lab is, as `scanners` read it (`Target`)."""
        _write(self.target, target)

    def read_target(self) -> dict[str, str]:
        """What the last `up` wrote; empty when the lab is not up."""
        found: dict[str, str] = _read(self.target, {})
        return found

    def write_stack(self, deployment: dict[str, Any]) -> None:
        """Keep what `pulumi stack export` said, and list what of it the emulator does not support."""
        _write(self.stack, deployment)
        self.write_unsupported(
            [
                part
                for resource in deployment["deployment"].get("resources") or ()
                for part in unsupported_parts(resource["urn"], resource["type"], resource.get("inputs") or {})
            ]
        )

    def write_unsupported(self, things: Sequence[Unsupported]) -> None:
        """List what the emulator does not support: of the stack, and of what nobody declares."""
        unlisted = [Unsupported("", kind, "", reason) for kind, reason in UNLISTED.items()]
        _write(self.unsupported, [asdict(thing) for thing in (*things, *unlisted)])

    def read_unsupported(self) -> tuple[Unsupported, ...]:
        """What the emulator does not support; empty when nothing was written."""
        return tuple(Unsupported(**row) for row in _read(self.unsupported, []))

    def resources(self) -> list[dict[str, Any]]:
        """The resources of the deployment file; empty when there is none."""
        document = _read(self.stack, {"deployment": {"resources": []}})
        found: list[dict[str, Any]] = document["deployment"]["resources"]
        return found

    def clear(self) -> None:
        """Forget the last run; logs stay."""
        for file in (self.target, self.stack, self.unsupported):
            file.unlink(missing_ok=True)
        shutil.rmtree(self.pulumi, ignore_errors=True)


def _write(file: Path, content: Any) -> None:
    staged = file.with_suffix(".tmp")
    staged.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    staged.replace(file)


def _read(file: Path, otherwise: Any) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return otherwise
    except ValueError:
        raise ConfigError(f"{file}: not JSON", "`rampart lab down`, then `rampart lab up`") from None
