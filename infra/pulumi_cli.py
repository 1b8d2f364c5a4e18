"""Pulumi's command line, which the user installs: where it is, and what it is started with."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from hardening.errors import ConfigError

NO_CLI = "the Pulumi CLI is not on PATH"
_INSTALL = "install it (Pulumi's documentation, 'Download & install')"


def without_cli(instead: str = "") -> ConfigError:
    """What to say where there is no CLI, and what does without it."""
    return ConfigError(NO_CLI, f"{_INSTALL}{instead}")


def path_of_cli(instead: str = "") -> str:
    """The CLI's path. Raises ConfigError, with what does without it."""
    found = shutil.which("pulumi")
    if found is None:
        raise without_cli(instead)
    return found


def pulumi_path() -> str:
    """The PATH for the CLI: first the Python that runs this command, which has `infra` installed."""
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
