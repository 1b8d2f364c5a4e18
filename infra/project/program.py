"""The Pulumi program of a project: its settings and its partners, given to `build`."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pulumi

from hardening.errors import ConfigError
from hardening.registry.deployed import deployed_registry
from hardening.registry.onboarding_files import require_onboarded
from infra.program import build
from infra.settings import from_pulumi


def declare(project: Path) -> None:
    """Declare the stack of the project in this folder, under the engine or in process.

    Raises pulumi.RunError with one line for each fault of settings or partners.
    """
    # The engine hands the whole configuration over in this variable; `pulumi.Config` would hide
    # misspelt keys, as it can only be asked for a key that one knows.
    configuration = json.loads(os.environ.get("PULUMI_CONFIG", "{}"))
    try:
        settings = from_pulumi(configuration, f"Pulumi.{pulumi.get_stack()}.yaml")
        require_onboarded(project / "partners", datetime.now(UTC))
        build(settings, deployed_registry(project / "partners"))
    except ConfigError as error:
        raise pulumi.RunError("\n".join((*error.problems, f"hint: {error.hint}"))) from None
