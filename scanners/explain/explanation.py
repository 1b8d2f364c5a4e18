"""An explanation of one id, and the text in which it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from hardening.controls import Control, Layer, Severity

_LAYERS: Final = {
    Layer.TRANSPORT: "what is read or changed on the wire needs no other weakness",
    Layer.NETWORK: "what cannot be reached cannot be attacked",
    Layer.IDENTITY: "whoever holds a credential is the partner",
    Layer.AUTHORIZATION: "a known partner may still ask for what it has no contract for",
    Layer.PROTOCOL: "parties that read the protocol differently can be played against each other",
    Layer.INTEGRITY: "a wrong message is billed like a right one",
    Layer.AUDIT: "an attack that leaves no trace is not stopped, and not answered for",
    Layer.PRIVACY: "charging data says where a person is",
    Layer.OPERATIONS: "a control that nobody operates does not hold for long",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `id` asks for (`what`), `why`, how to `mend` it, an `example` in Pulumi Python, and its source.

    `address` is where the source is published. What is not known is an empty string.
    """

    id: str
    title: str
    what: str
    why: str
    mend: str
    example: str
    citation: str
    address: str
    severity: Severity
    control: str


def why(control: Control) -> str:
    """Why a failure matters: what the control's layer is for."""
    return _LAYERS[control.layer]


def lines(shown: Explanation) -> Iterator[str]:
    """The explanation as text for a person."""
    facts = (
        ("what", shown.what),
        ("why", shown.why),
        ("severity", shown.severity.value),
        ("mend", shown.mend),
        ("from", shown.citation),
        ("see", shown.address),
        ("control", shown.control if shown.control != shown.id else ""),
    )
    yield f"{shown.id}: {shown.title}"
    yield from (f"  {name + ':':<10} {value}" for name, value in facts if value)
    if shown.example:
        yield "\n  In Pulumi (Python):\n"
        yield from (f"    {line}".rstrip() for line in shown.example.splitlines())
