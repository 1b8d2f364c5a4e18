"""Checks on attachments: one for each control that a person has to look after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from hardening.checks import Check, Verdicts, check
from scanners.attachments.records import Attachment, Attachments

# Control -> how many days the work counts at most: as often as the control promises it, and a few days more.
LONGEST: Final[Mapping[str, int]] = {
    "access-reviewed": 95,
    "incidents-rehearsed": 186,
    "tested-by-others": 370,
    "partners-onboarded-by-checklist": 370,
    "personal-data-assessed": 370,
}
_TODAY: Final = date(2026, 11, 29)


def _attached(control: str) -> Check[Attachments]:
    """The check that the newest attachment of the control counts today, and for no longer than it may."""
    one = Attachment(
        file="record.pdf", control=control, owner="security lead",
        done=_TODAY - timedelta(days=10), until=_TODAY + timedelta(days=80),
    )  # fmt: skip

    def of(*entries: Attachment) -> Attachments:
        return Attachments(today=_TODAY, entries=entries)

    def judge(attachments: Attachments) -> Verdicts:
        newest = attachments.newest(control)
        if newest is None:
            return
        where = f"attachments/{newest.file}"
        over = newest.until < attachments.today
        yield where, f"its last day was {newest.until}; {newest.owner} answers for it" if over else None
        yield where, "it is of a day to come" if newest.done > attachments.today else None
        days = (newest.until - newest.done).days
        too_long = f"it counts for {days} days, {LONGEST[control]} at most"
        yield where, too_long if days > LONGEST[control] else None

    judge.__name__ = f"attached_{control.replace('-', '_')}"
    return check(
        control,
        good=of(one),
        bad={
            "over": of(replace(one, until=_TODAY - timedelta(days=1))),
            "to come": of(replace(one, done=_TODAY + timedelta(days=1))),
            "too long": of(replace(one, until=one.done + timedelta(days=LONGEST[control] + 1))),
        },
        also_good={
            "its last day": of(replace(one, until=_TODAY)),
            "history": of(replace(one, file="old.pdf", until=_TODAY - timedelta(days=1)), one),
            "none": of(),
        },
    )(judge)


CHECKS: Final = tuple(_attached(control) for control in LONGEST)
