"""Where the Pulumi engine starts. The lab runs the same `build` without an engine."""

from __future__ import annotations

import sys
from pathlib import Path

# The engine starts the folder `infra/`, with that folder first on the path; the packages live above it.
ROOT = Path(__file__).resolve().parent.parent
sys.path[:] = [str(ROOT), *(entry for entry in sys.path if Path(entry or ".").resolve() != ROOT / "infra")]

from infra.project.program import declare  # noqa: E402  (the path comes first)

# The engine runs this file by its path.
if __name__ in ("__main__", "<run_path>"):
    declare(ROOT)
