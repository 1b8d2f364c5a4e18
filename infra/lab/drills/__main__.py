"""`python -m infra.lab.drills FOLDER NAME EVIDENCE`: play an incident in the lab, and print the record."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from hardening.errors import RampartError
from hardening.runbooks.catalogue import runbook_named
from infra.lab.drills.drill import play
from infra.lab.lab_folder import LabFolder


def main(folder: str, name: str, evidence: str) -> int:
    """Print the record; 3 where the drill could not begin."""
    try:
        print(json.dumps(play(LabFolder(Path(folder)), runbook_named(name), Path(evidence)), indent=1))
    except RampartError as error:
        print(error.message, file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
