"""Analyzers of IAM Access Analyzer (Access Analyzer API reference, ListAnalyzers)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scanners.drift.account import View
from scanners.drift.declared import block, blocks, by
from scanners.drift.fields import TAGS, protection, setting
from scanners.drift.normalize import unordered
from scanners.drift.records import Live, ResourceReader

# Days (Access Analyzer API reference, UnusedAccessConfiguration).
_AGE: Final = 90


def analyzers(view: View) -> Iterator[Live]:
    """Analyzers of the region (ListAnalyzers)."""
    for found in view.pages("accessanalyzer", "list_analyzers", "analyzers"):
        yield Live(
            "aws:accessanalyzer/analyzer:Analyzer",
            found["name"],
            {
                "analyzerName": found["name"],
                "type": found.get("type"),
                "configuration": found.get("configuration"),
                "tags": found.get("tags"),
            },
            view.region,
        )


def configuration(value: Any) -> Any:
    """What an analyzer leaves out or looks at alone, without the age in days that AWS takes by itself."""
    return unordered([_without_default(each) for each in blocks(value)])


def _without_default(found: Mapping[str, Any]) -> Mapping[str, Any]:
    unused = block(found.get("unusedAccess"))
    kept = {name: each for name, each in unused.items() if (name, each) != ("unusedAccessAge", _AGE)}
    return {**found, "unusedAccess": kept}


READERS: Final = (
    ResourceReader(
        type="aws:accessanalyzer/analyzer:Analyzer",
        service="accessanalyzer",
        read=analyzers,
        key=by("analyzerName"),
        fields=(
            protection("type", default="ACCOUNT"),
            protection("configuration", configuration, default=None),
            setting("analyzerName"),
            TAGS,
        ),
    ),
)
