"""Analyzers of IAM Access Analyzer (Access Analyzer API reference, ListAnalyzers)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from scanners.drift.account import View
from scanners.drift.declared import by
from scanners.drift.fields import TAGS, protection, setting
from scanners.drift.records import Live, ResourceReader


def analyzers(view: View) -> Iterator[Live]:
    """Analyzers of the region (ListAnalyzers)."""
    for found in view.pages("accessanalyzer", "list_analyzers", "analyzers"):
        yield Live(
            "aws:accessanalyzer/analyzer:Analyzer",
            found["name"],
            {"analyzerName": found["name"], "type": found.get("type"), "tags": found.get("tags")},
            view.region,
        )


READERS: Final = (
    ResourceReader(
        type="aws:accessanalyzer/analyzer:Analyzer",
        service="accessanalyzer",
        read=analyzers,
        key=by("analyzerName"),
        fields=(protection("type", default="ACCOUNT"), setting("analyzerName"), TAGS),
    ),
)
