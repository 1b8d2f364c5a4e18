"""Where the Pulumi engine starts. The lab runs the same `build` without an engine."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

# The engine starts the folder `infra/`, with that folder first on the path; the packages live above it.
ROOT = Path(__file__).resolve().parent.parent
sys.path[:] = [str(ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != ROOT / "infra")]

import pulumi  # noqa: E402  (the path comes first)

from hardening.errors import ConfigError  # noqa: E402
from hardening.registry.reader import read_registry  # noqa: E402
from infra.program import build  # noqa: E402
from infra.settings import from_pulumi  # noqa: E402


def main() -> None:
    """Read settings and partners, and declare the stack. A user's mistake is lines, not a traceback."""
    # The engine hands the whole configuration over in this variable; `pulumi.Config` would hide
    # misspelt keys, as it can only be asked for a key that one knows.
    configuration = json.loads(os.environ.get("PULUMI_CONFIG", "{}"))
    try:
        settings = from_pulumi(configuration, f"Pulumi.{pulumi.get_stack()}.yaml")
        build(settings, read_registry(ROOT / "partners"))
    except ConfigError as error:
        raise pulumi.RunError("\n".join((*error.problems, f"hint: {error.hint}"))) from None


# The engine runs this file by its path, and tests import it.
if __name__ in ("__main__", "<run_path>"):
    main()
