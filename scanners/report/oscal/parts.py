"""What all OSCAL documents share: identifiers, metadata and properties."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from scanners.report.facts import RunFacts

OSCAL_VERSION: Final = "1.2.1"
# Of our own properties. A name, not an address.
NAMESPACE: Final = "urn:ocpi-rampart"
_ROOT: Final = UUID("6e3f1c4a-2f0d-5d0b-9a53-3c1b7f0e8d21")


def identifier(*parts: str) -> str:
    """A UUID (version 5) that the same parts always give."""
    return str(uuid5(_ROOT, "\n".join(parts)))


def moment(time: datetime) -> str:
    """A time as OSCAL writes it, to the second, in UTC."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def metadata(title: str, facts: RunFacts) -> dict[str, Any]:
    """The head of a document."""
    return {
        "title": title,
        "last-modified": moment(facts.ended),
        "version": facts.version,
        "oscal-version": OSCAL_VERSION,
    }


def props(**values: str) -> list[dict[str, str]]:
    """Our own properties; an empty value is left out, a line break is a space."""
    return [
        {"name": name.replace("_", "-"), "ns": NAMESPACE, "value": " ".join(value.split())}
        for name, value in values.items()
        if value.strip()
    ]
