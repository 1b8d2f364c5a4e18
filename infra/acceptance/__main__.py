"""`python -m infra.acceptance < TARGET`: use a stack on AWS as a test partner would, and print the run.

TARGET is a target's JSON. The partner is the first of its tokens file; its inbound token is rotated at the
end, so it must be one that answers. What is printed has the form of `infra.lab.acceptance`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from hardening.errors import RampartError
from infra.acceptance.run import Run
from infra.acceptance.steps import alarmed, previewed, refused, rotated, served_and_logged

# CloudTrail delivers most events within five minutes (CloudTrail User Guide, "How CloudTrail works").
_PATIENCE = 900.0
ABSENT: Mapping[str, tuple[str, str]] = {
    "token-not-revoked": ("the end of the run", "the test partner keeps its token"),
}


def accept(target: Mapping[str, str], patience: float = _PATIENCE) -> dict[str, Any]:
    """Try everything. Raises CollectError, CredentialsError or ConfigError where it cannot begin."""
    run = Run.prepared(target, patience)
    for step in (served_and_logged, refused, alarmed, previewed, rotated):
        step(run)
    absent = [{"control": c, "where": where, "reason": why} for c, (where, why) in ABSENT.items()]
    return {"version": 1, "partner": run.partner.name, "steps": [*map(asdict, run.steps)], "absent": absent}


def main() -> int:
    """Print the run; 3 where it could not begin."""
    try:
        print(json.dumps(accept(json.load(sys.stdin)), indent=1))
    except RampartError as error:
        print(error.message, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
