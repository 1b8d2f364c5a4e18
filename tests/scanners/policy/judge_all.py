"""Judges many jobs in one process, as each would be in its own: a folder of jobs in, one of results out."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import msgspec

from scanners.policy.checkov.job import Job
from scanners.policy.checkov.run import judge

if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    for file in sorted(Path(sys.argv[1]).glob("*.json")):
        verdicts = judge(msgspec.json.decode(file.read_bytes(), type=Job))
        Path(sys.argv[2], file.name).write_bytes(msgspec.json.encode(verdicts))
