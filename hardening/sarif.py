"""SARIF 2.1.0 (OASIS), within the limits that code-scanning services accept: the one place that shapes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hardening.controls import Control, Severity
from hardening.controls.address import address_of

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


@dataclass(frozen=True, slots=True)
class Help:
    """What a rule's descriptor says beyond its control: a title, a description, how to `mend`, an `example`.

    `example` is Python code, `address` where the source is published. Empty: what the control says.
    """

    title: str = ""
    description: str = ""
    mend: str = ""
    example: str = ""
    citation: str = ""
    address: str = ""


def rule(identifier: str, control: Control, severity: Severity, told: Help = Help()) -> dict[str, Any]:
    """A reporting descriptor (SARIF 3.49) with title, description, help and its address."""
    title = told.title or control.id.replace("-", " ").capitalize()
    description = told.description or control.promise
    source = f"Source: {told.citation or control.citation}."
    mend = f"To mend it: {told.mend}." if told.mend else f"`rampart controls {control.id}` says how."
    code = f"```python\n{told.example}\n```" if told.example else ""
    paragraphs = [description, mend, code, source]
    descriptor = {
        "id": identifier,
        "name": "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", title)),
        "shortDescription": {"text": title},
        "fullDescription": {"text": description},
        "help": {
            "text": "\n".join(filter(None, [description, mend, told.example, source])),
            "markdown": "\n\n".join(filter(None, paragraphs)),
        },
        "properties": {
            "security-severity": _SCORES[severity],
            "tags": ["security", control.layer.value, *map(str, control.frameworks)][:_MOST_TAGS],
        },
    }
    address = told.address or address_of(control.citation)
    return {**descriptor, "helpUri": address} if address else descriptor


def location(name: str, file: str = "", line: int = 0) -> dict[str, Any]:
    """Where a result is (SARIF 3.28): a name in the subject's own terms, and the file and line if known.

    `line` counts from 1; 0 means that the whole file is meant.
    """
    found: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": name}]}
    if file:
        region = {"region": {"startLine": line}} if line > 0 else {}
        found["physicalLocation"] = {"artifactLocation": {"uri": file}, **region}
    return found
