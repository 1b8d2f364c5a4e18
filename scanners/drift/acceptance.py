"""`rampart drift accept`: a waiver for one drift, written into the waivers file after what stands there."""

from __future__ import annotations

import glob
import json
import os
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from hardening.checks import Finding, Status
from hardening.cli import Exit, say
from hardening.controls import CONTROLS, Severity
from hardening.errors import ConfigError
from scanners.drift.earlier import Failure, chosen, failures_of
from scanners.output import DEFAULT_WAIVERS
from scanners.waivers import Waiver, read_waivers

# Days: a drift is to be undone or to be written into the program; until then somebody answers for it.
LONGEST: Final = {Severity.CRITICAL: 30, Severity.HIGH: 30, Severity.MEDIUM: 180, Severity.LOW: 180}
_PATH = click.Path(path_type=Path)


@click.group()
def drift() -> None:
    """What to do with drift that was found (`rampart audit drift` finds it)."""


@drift.command()
@click.argument("finding")
@click.option(
    "--from", "report", type=_PATH, required=True, help="The report in JSON, or an evidence folder."
)
@click.option("--reason", required=True, help="Why it is accepted.")
@click.option("--owner", required=True, help="Who answers for it.")
@click.option("--until", required=True, help="The last day on which it is accepted: YYYY-MM-DD.")
@click.option(
    "--waivers", type=_PATH, default=DEFAULT_WAIVERS, show_default=True, help="Where it is written."
)
def accept(finding: str, report: Path, reason: str, owner: str, until: str, waivers: Path) -> Exit:
    """Accept one drift until a day: a waiver. FINDING is its fingerprint, or the beginning of it."""
    today = datetime.now(UTC).date()
    failure = chosen(failures_of(report), finding, report)
    waiver = Waiver(
        control=failure.control,
        where=glob.escape(failure.where),
        reason=_text("--reason", reason),
        owner=_text("--owner", owner),
        expires=_day(until, today, CONTROLS[failure.control].severity),
    )
    _refuse_twice(waivers, failure, today)
    _append(waivers, waiver, today)
    say(f"{waivers}: accepted until {waiver.expires}: {failure.control} at {failure.where}")
    say("note: it covers whatever else differs at this place until then")
    return Exit.HOLDS


def _text(option: str, value: str) -> str:
    text = " ".join(value.split())
    if not text:
        raise ConfigError(f"{option}: expected a text")
    return text


def _day(until: str, today: date, severity: Severity) -> date:
    """The last day. Raises ConfigError for what is no date, is over, or is too far away."""
    try:
        day = datetime.strptime(until, "%Y-%m-%d").date()
    except ValueError:
        raise ConfigError(f"--until {until}: expected a day as YYYY-MM-DD") from None
    last = today + timedelta(days=LONGEST[severity])
    if day < today:
        raise ConfigError(f"--until {until}: it is over", f"say a day from {today} to {last}")
    if day > last:
        raise ConfigError(
            f"--until {until}: {severity.value} drift is accepted for {LONGEST[severity]} days at most",
            f"say {last} or earlier; write what is to stay into the program",
        )
    return day


def _refuse_twice(file: Path, failure: Failure, today: date) -> None:
    if not file.exists():
        return
    found = Finding(failure.control, failure.check, Status.FAIL, failure.where)
    for waiver in read_waivers(file, today).valid:
        if waiver.covers(found):
            raise ConfigError(f"{file}: it is accepted already, until {waiver.expires}: {waiver}")


def _append(file: Path, waiver: Waiver, today: date) -> None:
    """Write the waiver behind what is there, comments and all. Raises ConfigError, and nothing is written."""
    try:
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        end = "" if not before or before.endswith("\n") else "\n"
        folder = file.resolve().parent
        descriptor, name = tempfile.mkstemp(dir=folder, suffix=".yaml")
    except RuntimeError:
        raise ConfigError(f"{file}: symbolic links in a circle") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {getattr(error, 'strerror', None) or 'not text in UTF-8'}") from None
    staged = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(f"{before}{end}{_entry(waiver)}")
        if waiver not in _read(staged, file, today):
            raise ConfigError(f"{file}: a waiver cannot be added behind what is there", _FORM)
        staged.chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
        staged.replace(file.resolve())
    finally:
        staged.unlink(missing_ok=True)


_FORM: Final = "expected a list of waivers, each beginning with `- control:` at the beginning of a line"


def _read(staged: Path, file: Path, today: date) -> tuple[Waiver, ...]:
    try:
        return read_waivers(staged, today).valid
    except ConfigError:
        raise ConfigError(f"{file}: a waiver cannot be added behind what is there", _FORM) from None


def _entry(waiver: Waiver) -> str:
    # A text in JSON is one in YAML, whatever is in it.
    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    return (
        f"- control: {quoted(waiver.control)}\n"
        f"  where: {quoted(waiver.where)}\n"
        f"  reason: {quoted(waiver.reason)}\n"
        f"  owner: {quoted(waiver.owner)}\n"
        f"  expires: {waiver.expires.isoformat()}\n"
    )
