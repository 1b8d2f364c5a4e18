"""SARIF 2.1.0 (OASIS), within the limits that code-scanning services accept: the one place that shapes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from hardening.controls import Control, Severity

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"

LEVELS: Final[Mapping[Severity, str]] = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
# GitHub reads `security-severity` as a CVSS-like score, and takes at most 20 tags.
_SCORES: Final[Mapping[Severity, str]] = {
    Severity.CRITICAL: "9.5",
    Severity.HIGH: "8.0",
    Severity.MEDIUM: "5.5",
    Severity.LOW: "2.0",
}
_MOST_TAGS: Final = 20


def log(
    version: str,
    rules: Iterable[Mapping[str, Any]],
    results: Iterable[Mapping[str, Any]],
    properties: Mapping[str, Any],
) -> dict[str, Any]:
    """A log of one run of `rampart`, the rules in the order of their ids; `properties` are the run's."""
    unique = {str(rule["id"]): rule for rule in rules}
    driver = {"name": "rampart", "version": version, "rules": [unique[name] for name in sorted(unique)]}
    run = {"tool": {"driver": driver}, "results": list(results), "properties": dict(properties)}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def rule(identifier: str, control: Control, severity: Severity) -> dict[str, Any]:
    """A reporting descriptor (SARIF 3.49) that says what the control promises."""
    return {
        "id": identifier,
        "shortDescription": {"text": control.promise},
        "help": {"text": f"{control.promise} Source: {control.citation}."},
        "properties": {
            "security-severity": _SCORES[severity],
            "tags": ["security", control.layer.value, *control.frameworks][:_MOST_TAGS],
        },
    }


def location(name: str, file: str = "", line: int = 0) -> dict[str, Any]:
    """Where a result is (SARIF 3.28): a name in the subject's own terms, and the file and line if known.

    `line` counts from 1; 0 means that the whole file is meant.
    """
    found: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": name}]}
    if file:
        region = {"region": {"startLine": line}} if line > 0 else {}
        found["physicalLocation"] = {"artifactLocation": {"uri": file}, **region}
    return found
