"""The attachments of a project, judged; their contents go into the run's folder as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path

from hardening.checks import Status, judge
from scanners.attachments.checks import CHECKS
from scanners.attachments.reader import contents, read_attachments
from scanners.attachments.records import Attachments
from scanners.target import Scan


def scan(folder: Path, today: date) -> tuple[Scan, Mapping[str, bytes]]:
    """The judgement of what `folder` lists, and the content of each file by its name. Raises ConfigError."""
    entries = read_attachments(folder)
    judged = judge(CHECKS, Attachments(today=today, entries=entries))
    # Of a control without an attachment nothing is said here.
    found = tuple(one for one in judged if one.status is not Status.NOT_APPLICABLE)
    listed = json.dumps([asdict(one) for one in entries], indent=1, default=str, ensure_ascii=False) + "\n"
    return Scan(found, {"attachments.json": listed}), contents(folder, entries)
