"""Drafts of what the law wants told of a significant incident, filled from what happened.

Directive (EU) 2022/2555 (NIS2), Art. 23(4): early warning, incident notification, final report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from scanners.drills.records import Drill
from scanners.target import Target


@dataclass(frozen=True, slots=True)
class Notice:
    """One draft: its file, its title, and how long after becoming aware it is due at the latest."""

    file: str
    title: str
    within: timedelta


NOTICES: Final = (
    Notice("nis2-early-warning.md", "Early warning", timedelta(hours=24)),
    Notice("nis2-notification.md", "Incident notification", timedelta(hours=72)),
    # A month after the notification; the shortest month has 28 days.
    Notice("nis2-final-report.md", "Final report", timedelta(hours=72) + timedelta(days=28)),
)


def notices(drill: Drill, target: Target) -> Mapping[str, str]:
    """File name -> Markdown of each draft. What only people know is marked as open."""
    environment = Environment(
        loader=PackageLoader("scanners.drills", "."),
        autoescape=False,  # noqa: S701  (Markdown is no HTML)
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("notice.md.j2")
    aware = datetime.fromisoformat(drill.began) + timedelta(seconds=drill.heard.after or 0)
    return {
        one.file: template.render(
            notice=one, drill=drill, target=target, aware=aware, due=aware + one.within
        ).rstrip()
        + "\n"
        for one in NOTICES
    }
