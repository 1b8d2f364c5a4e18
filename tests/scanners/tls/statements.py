"""What the audit says of a server, in a form that is the same in every run: without dates and digests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from hardening.checks import Finding, Status

_VARYING: Final = (
    (re.compile(r"\d{4}-\d\d-\d\d"), "<date>"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "<digest>"),
    (re.compile(r"\bin \d+ days"), "in <number> days"),
    (re.compile(r"CN=[^ :,]+( [^ :,]+)* \[?[\w-]{16}\b\]?"), "<root>"),
    (re.compile(r"take \d+ bytes"), "take <number> bytes"),
)


def said(findings: Iterable[Finding], unseen: bool = False) -> dict[str, list[str]]:
    """Control -> what is wrong, or cannot be told of it; of a server that is `unseen`, failures only."""
    told: dict[str, list[str]] = {}
    for finding in findings:
        if finding.status is Status.FAIL or (finding.status is Status.ERROR and not unseen):
            told.setdefault(finding.control, []).append(f"{finding.status}: {plain(finding.detail)}")
    return told


def plain(text: str) -> str:
    """`text` without what differs from run to run."""
    for pattern, placeholder in _VARYING:
        text = pattern.sub(placeholder, text)
    return text
