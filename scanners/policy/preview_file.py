"""Reads the steps of `pulumi preview --json --show-sames` (Pulumi, `pkg/backend/display/json.go`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from hardening.errors import ConfigError

_HINT: Final = "expected the JSON of `pulumi preview --json --show-sames`"

# Steps of a preview after which the resource is gone.
_REMOVALS: Final = frozenset(
    {"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"}
)

# How a person calls what a preview's summary counts.
_CALLED: Final = {"same": "unchanged", "create": "new", "update": "changed"}


def planned_states(file: Path, document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The state that each resource would have. Raises ConfigError."""
    steps = document["steps"]
    if not isinstance(steps, list) or not steps:
        raise ConfigError(f"{file}: steps: the preview has no steps", _HINT)
    _must_be_complete(file, document)
    planned: dict[str, Mapping[str, Any]] = {}
    seen: Counter[str] = Counter()
    for number, step in enumerate(steps):
        if not isinstance(step, dict) or not isinstance(step.get("op"), str):
            raise ConfigError(f"{file}: steps[{number}].op: expected a string", _HINT)
        seen[step["op"]] += 1
        if step["op"] in _REMOVALS:
            continue
        state = step.get("newState")
        if not isinstance(state, dict):
            raise ConfigError(f"{file}: steps[{number}].newState: expected an object", _HINT)
        planned[str(state.get("urn"))] = state
    _must_show_all(file, document, seen)
    yield from planned.values()


def _must_show_all(file: Path, document: Mapping[str, Any], seen: Mapping[str, int]) -> None:
    """Each step that the summary counts is there. Raises ConfigError.

    The engine counts each step that stands for a resource, the root stack among them, and shows it, but for
    what is unchanged (`previewActions.OnResourceStepPost`, `ShowPreviewDigest`). A preview that was
    interrupted has no summary.
    """
    summary = document.get("changeSummary")
    if not isinstance(summary, dict) or not all(type(counted) is int for counted in summary.values()):
        raise ConfigError(f"{file}: changeSummary: the preview was ended before its summary", "run it again")
    for operation, counted in summary.items():
        hidden = counted - seen.get(operation, 0)
        if hidden > 0:
            raise ConfigError(
                f"{file}: the preview leaves out {hidden} {_CALLED.get(operation, operation)} resources,"
                " which cannot be judged",
                "run `pulumi preview --json --show-sames`",
            )


def _must_be_complete(file: Path, document: Mapping[str, Any]) -> None:
    """A preview that failed has the steps up to there (`pulumi preview --json`). Raises ConfigError."""
    said = document.get("diagnostics") or []
    told = said if isinstance(said, list) else []
    failed = any(isinstance(each, dict) and each.get("severity") == "error" for each in told)
    if failed or document.get("maybeCorrupt"):
        raise ConfigError(
            f"{file}: the preview failed, and what it has may not be all", "mend it, run it again"
        )
