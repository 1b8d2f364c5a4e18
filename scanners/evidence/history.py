"""What a run's report says of the runs before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hardening.errors import ConfigError
from scanners.evidence.changes import Changes, changes
from scanners.evidence.past import Past, earlier_runs, open_since, read_past
from scanners.evidence.seal import read_manifest

# How far back a report looks; `evidence trend` looks at all.
MOST_RUNS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What changed since the run before, when each open judgement was first open, and the numbers of runs.

    `changes` is None where there is no run before, or it cannot be read.
    """

    changes: Changes | None = None
    since: Mapping[str, str] = field(default_factory=dict)
    trend: tuple[Mapping[str, Any], ...] = ()


def before_run(parent: Path, now: Past) -> Before:
    """What the runs in `parent` of the same target say to `now`. A run that was touched says nothing."""
    runs = earlier_runs(parent, str(now.manifest["target"]))[:MOST_RUNS]
    if not runs:
        return Before()
    open_now = (one.fingerprint for one in now.judged.values() if one.is_open)
    newest = next(_readable(runs[:1]), None)
    return Before(
        changes=changes(newest, now) if newest else None,
        since=open_since(open_now, _readable(runs)),
        trend=(numbers(now.manifest), *(numbers(read_manifest(run)) for run in runs)),
    )


def numbers(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """When a run began, and its counts."""
    return {"started": manifest["started"], **manifest["counts"]}


def _readable(runs: list[Path]) -> Iterator[Past]:
    for run in runs:
        try:
            yield read_past(run)
        except ConfigError:  # `verify` names it; a touched run says nothing here
            continue
