"""The lab's stack as a project of the Pulumi CLI: program, settings, state and passphrase.

The CLI is given nothing of this user's: no login, no plugins, no credentials. Its state is in files here, and
its provider `aws` is the lab's own (`infra.lab.pulumi_provider`).
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardening.errors import CollectError
from infra.lab.clients import DUMMY_KEY
from infra.pulumi_cli import path_of_cli, pulumi_path

PASSPHRASE = "passphrase"  # noqa: S105  (the name of its file)
# What the CLI itself writes into a stack's file.
_OWN_KEYS = re.compile(r"^(encryptionsalt|secretsprovider|encryptedkey):.*\n?", re.MULTILINE)
_PROGRAM = '''"""The stack of {project}."""

from pathlib import Path

from infra.project.program import declare

declare(Path({project!r}))
'''
# The CLI asks `python -m pip list` for the installed packages, and uv makes environments without pip.
_PIP_LIST = '''"""The installed packages, as `pip list --format json` says them."""

import json
from importlib.metadata import distributions

print(json.dumps([{"name": one.name, "version": one.version} for one in distributions()]))
'''


@dataclass(frozen=True, slots=True)
class PulumiProject:
    """The project in `folder`: the `stack` of the program that is set up in the folder `source`."""

    folder: Path
    name: str
    stack: str
    source: Path

    @property
    def passphrase(self) -> Path:
        """What encrypts the secrets in the state: made for this lab, readable by its user only."""
        return self.folder / PASSPHRASE

    def create(self) -> None:
        """Write the project, with an empty state and a passphrase of its own. Raises ConfigError."""
        path_of_cli("; without it, leave `--engine` out")
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "state").mkdir(parents=True)
        self.passphrase.touch(mode=0o600)
        self.passphrase.write_text(secrets.token_urlsafe(32), encoding="ascii")
        runtime = {"name": "python", "options": {"toolchain": "pip"}}
        _write(self.folder / "Pulumi.yaml", json.dumps({"name": self.name, "runtime": runtime}))
        _write(self.folder / "__main__.py", _PROGRAM.format(project=str(self.source)))
        if importlib.util.find_spec("pip") is None:
            _write(self.folder / "pip.py", _PIP_LIST)

    def attach(self, provider_port: int) -> None:
        """Begin the stack, with the provider `aws` on this port of loopback. Raises CollectError."""
        _write(self.folder / "provider", f"aws:{provider_port}")
        self.run(["stack", "init", self.stack])

    def run(self, arguments: Sequence[str]) -> str:
        """Run `pulumi ARGUMENTS`; its stdout. Raises CollectError with what it said."""
        done = subprocess.run(  # noqa: S603  (Pulumi's CLI, no shell)
            self._command(arguments),
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CollectError(
                f"`pulumi {' '.join(arguments)}` failed: {_errors(done.stdout + done.stderr)}",
                f"see {self.folder}",
            )
        return done.stdout

    def talk(self, arguments: Sequence[str]) -> int:
        """Run `pulumi ARGUMENTS` with this terminal; its exit code."""
        return subprocess.run(  # noqa: S603  (Pulumi's CLI, no shell)
            self._command(arguments), cwd=self.folder, env=self.environment(), check=False
        ).returncode

    def exported(self) -> dict[str, Any]:
        """What `pulumi stack export` says; secrets stay encrypted."""
        found: dict[str, Any] = json.loads(self.run(["stack", "export"]))
        return found

    def environment(self) -> dict[str, str]:
        """The whole environment of the CLI."""
        return {
            "PATH": pulumi_path(),
            "HOME": str(self.folder),
            "LANG": os.environ.get("LANG", "C.UTF-8"),
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),  # noqa: S108  (the system's own default)
            "AWS_ACCESS_KEY_ID": DUMMY_KEY,
            "AWS_SECRET_ACCESS_KEY": DUMMY_KEY,
            "PYTHONPATH": str(self.folder),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": (self.folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self.passphrase),
            "PULUMI_DEBUG_PROVIDERS": (self.folder / "provider").read_text(encoding="ascii"),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def _command(self, arguments: Sequence[str]) -> list[str]:
        self._copy_settings()
        return [path_of_cli(), *arguments, "--non-interactive", "--color", "never"]

    def _copy_settings(self) -> None:
        """The settings are those of the source as it is now; the salt of the state's secrets stays."""
        file = self.folder / f"Pulumi.{self.stack}.yaml"
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        own = "".join(found.group() for found in _OWN_KEYS.finditer(before))
        settings = (self.source / file.name).read_text(encoding="utf-8")
        _write(file, _OWN_KEYS.sub("", settings) + own)


def _errors(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = [line for line in lines if "error:" in line] or lines
    return " ".join(said[-3:]) or "it said nothing"


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
