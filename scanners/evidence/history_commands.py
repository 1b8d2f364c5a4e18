"""`rampart evidence diff|trend`: what changed between runs, and how long each failure has been open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from hardening.cli import Exit, say
from hardening.errors import ConfigError
from scanners.evidence.changes import Changes, Kind, changes
from scanners.evidence.history import numbers
from scanners.evidence.past import Judged, Past, earlier_runs, open_since, read_past
from scanners.evidence.run_chain import last, links

DIFF_FORMAT: Final = "rampart-evidence-diff/1"
TREND_FORMAT: Final = "rampart-evidence-trend/1"
_FOLDER = click.Path(path_type=Path)
_form = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)


@click.command()
@click.argument("before", type=_FOLDER)
@click.argument("after", type=_FOLDER)
@_form
def diff(before: Path, after: Path, form: str) -> Exit:
    """Say what changed from the run BEFORE to the run AFTER, each the folder of a run.

    Exits 1 if something newly fails, and 3 if less was verified than before. What is no longer looked at
    is never counted as mended.
    """
    then, now = read_past(before), read_past(after)
    targets = then.manifest.get("target"), now.manifest.get("target")
    if targets[0] != targets[1]:
        say(f"warning: two targets: {targets[0]} and {targets[1]}")
    found = changes(then, now)
    if form == "json":
        click.echo(json.dumps({"format": DIFF_FORMAT, **asdict(found)}, indent=1, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(found)))
    return found.exit_code()


@click.command()
@click.argument("folder", type=_FOLDER, default=Path("evidence"))
@_form
def trend(folder: Path, form: str) -> Exit:
    """Say how the numbers went from run to run in FOLDER, and how long each failure has been open.

    The runs are those of the newest run's target. Exits 1 if something is open that fails, 3 if only
    something that could not be verified.
    """
    newest = last(links(folder)) if folder.is_dir() else None
    if newest is None:
        raise ConfigError(f"{folder}: no sealed run there", "build one: rampart evidence build")
    now = read_past(newest)
    runs = [run for run in earlier_runs(folder, str(now.manifest.get("target"))) if run != newest]
    open_now = {one.fingerprint: one for one in now.judged.values() if one.is_open}
    since = open_since(open_now, map(read_past, runs))
    rows = [_numbers(now), *(_numbers(read_past(run)) for run in runs)]
    listed = [
        {"since": since.get(key, now.started), **_shown(one)}
        for key, one in sorted(open_now.items(), key=lambda pair: (since.get(pair[0], now.started), pair[0]))
    ]
    if form == "json":
        click.echo(json.dumps({"format": TREND_FORMAT, "runs": rows, "open": listed}, indent=1))
    else:
        click.echo("\n".join(_trend_lines(rows, listed)))
    if any(one["standing"] == "fail" for one in listed):
        return Exit.FAILS
    return Exit.UNVERIFIED if listed else Exit.HOLDS


def _numbers(run: Past) -> dict[str, Any]:
    return {"run": run.name, **numbers(run.manifest)}


def _shown(judged: Judged) -> dict[str, str]:
    return {"standing": judged.standing, "severity": judged.severity, "control": judged.control,
            "check": judged.check, "where": judged.where, "fingerprint": judged.fingerprint}  # fmt: skip


def _lines(found: Changes) -> Iterator[str]:
    for change in found.changes:
        one = change.judged
        was = f" (was {change.before or 'not there'})" if change.kind is not Kind.STILL else ""
        rule = one.control if one.check == one.control else f"{one.control}/{one.check}"
        detail = f": {one.detail}" if one.detail else ""
        yield f"{change.kind.value:19} {one.severity:8} {rule}  {one.where}{detail}{was}"
    for control in found.controls_unseen:
        yield f"{Kind.UNSEEN.value:19} control  {control}"
    for name, (then, now) in found.facts.items():
        yield f"changed             {name}: {then} -> {now}"
    counts = ", ".join(f"{len(found.of(kind))} {kind.value}" for kind in Kind)
    yield f"{found.before} -> {found.after}: {counts}"


def _trend_lines(rows: list[dict[str, Any]], listed: list[dict[str, str]]) -> Iterator[str]:
    for row in reversed(rows):
        yield (
            f"{row['started']}  {row['pass']:6} passed {row['fail']:5} failed {row['error']:5} not verified "
            f"{row['waived']:5} waived  {row['run']}"
        )
    for one in listed:
        place = f"{one['control']}  {one['where']}"
        yield f"open since {one['since']}  {one['standing']:5} {one['severity']:8} {place}"
