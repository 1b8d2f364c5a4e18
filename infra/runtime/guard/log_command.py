"""`rampart guard log`."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from hardening.cli import say
from hardening.errors import CollectError, ConfigError
from infra.runtime.guard.decisions import DecisionFilter, decisions, shown

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@click.command()
@click.option("--partner", default="", help="Of this partner alone.")
@click.option("--since", default="1h", show_default=True, help="How far back: 30m, 1h, 7d.")
@click.option("--refused", is_flag=True, help="Refused calls alone.")
@click.option("--file", "files", type=click.Path(path_type=Path), multiple=True,
              help="What the policy service wrote. Repeatable.")  # fmt: skip
@click.option("--log-group", default="", help="The guard's log group in CloudWatch.")
@click.option("--format", "form", type=click.Choice(("text", "jsonl")), default="text", show_default=True)
def log(partner: str, since: str, refused: bool, files: tuple[Path, ...], log_group: str, form: str) -> None:
    """Show what the guard decided. `jsonl` gives the events as they are: OCSF's API Activity."""
    if bool(files) == bool(log_group):
        raise ConfigError("expected --file or --log-group, one of them")
    wanted = DecisionFilter(partner, _begin(since), refused)
    lines = _of_group(log_group, wanted) if log_group else _of_files(files)
    count = 0
    for event in decisions(lines, wanted):
        count += 1
        click.echo(json.dumps(event) if form == "jsonl" else shown(event))
    if not count and files and all(file.is_file() for file in files) and _holds_none(files):
        say("no line of --file is a decision of the guard: is it what the policy service wrote?")
    say(f"{count} decision{'s' if count != 1 else ''} since {wanted.since:%Y-%m-%dT%H:%M:%SZ}")


def _holds_none(files: tuple[Path, ...]) -> bool:
    always = DecisionFilter("", datetime.min.replace(tzinfo=UTC))
    return next(decisions(_of_files(files), always), None) is None


def _begin(since: str) -> datetime:
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", since)
    # Days before the first one of the calendar are none.
    with contextlib.suppress(OverflowError):
        if found is not None:
            return datetime.now(UTC) - timedelta(**{_UNITS[found[2]]: int(found[1])})
    raise ConfigError(f"--since: {since!r}: expected a number and s, m, h or d, as in 30m")


def _of_files(files: tuple[Path, ...]) -> Iterator[str]:
    for file in files:
        try:
            with file.open(encoding="utf-8", errors="replace") as opened:
                yield from opened
        except OSError as error:
            raise ConfigError(f"--file: {file}: {error.strerror}") from None


def _of_group(group: str, wanted: DecisionFilter) -> Iterator[str]:
    """The messages of a log group (CloudWatch Logs API, FilterLogEvents). Raises CollectError."""
    import botocore.session
    from botocore.exceptions import BotoCoreError, ClientError

    named = f' && ($.actor.user.name = "{wanted.partner}")' if wanted.partner else ""
    asked: dict[str, Any] = {
        "logGroupName": group,
        "startTime": int(wanted.since.timestamp() * 1000),
        "filterPattern": f"{{ ($.class_uid = 6003){named} }}",
    }
    try:
        pages = botocore.session.get_session().create_client("logs").get_paginator("filter_log_events")
        for page in pages.paginate(**asked):
            yield from (event["message"] for event in page["events"])
    except (BotoCoreError, ClientError) as error:
        raise CollectError(f"--log-group: {group}: {error}", "see `rampart doctor`") from None
