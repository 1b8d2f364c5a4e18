"""The checklist as files: Markdown and HTML for people, and the evidence that it rests on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from hardening.checks import Finding, Status
from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from scanners.onboarding.items import Line, outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """A finished onboarding: its lines, the findings behind them, the evidence (file name to JSON text)."""

    partner: Partner
    at: datetime
    lines: Sequence[Line]
    findings: Sequence[Finding]
    evidence: Mapping[str, str]

    @property
    def outcome(self) -> Status:
        """What the lines come to."""
        return outcome(self.lines)

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 of each piece of evidence."""
        return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in self.evidence.items()}


def render(checklist: Checklist, form: str) -> str:
    """The checklist as `md` or `html`."""
    environment = Environment(
        loader=PackageLoader("scanners.onboarding", "."),
        autoescape=form == "html",  # noqa: S701  (Markdown is no HTML)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Several checks of one control may lack the same thing: people read it once.
    wrong = dict.fromkeys(
        (one.control, one.status, one.where, one.detail)
        for one in checklist.findings
        if one.status in (Status.FAIL, Status.ERROR)
    )
    return environment.get_template(f"checklist.{form}.j2").render(
        partner=checklist.partner,
        at=checklist.at.isoformat(timespec="seconds"),
        outcome=checklist.outcome.value,
        lines=checklist.lines,
        wrong=list(wrong),
        evidence=checklist.digests,
    )


def write(checklist: Checklist, folder: Path) -> None:
    """Write checklist.md, checklist.html and the evidence. Raises ConfigError."""
    files = {f"checklist.{form}": render(checklist, form) for form in ("md", "html")}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in {**files, **checklist.evidence}.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--output {folder}: {error.strerror}") from None
