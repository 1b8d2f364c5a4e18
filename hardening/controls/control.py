"""What a control is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hardening.controls.frameworks.clause import Clause
from hardening.requests.statuses import Refusal


class Layer(StrEnum):
    """OCPI's security layers, and the protocol itself."""

    TRANSPORT = "transport"
    NETWORK = "network"
    IDENTITY = "identity"
    AUTHORIZATION = "authorization"
    PROTOCOL = "protocol"
    INTEGRITY = "integrity"
    AUDIT = "audit"
    PRIVACY = "privacy"
    OPERATIONS = "operations"


class Severity(StrEnum):
    """How bad it is when a control does not hold."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One promise.

    `citation` names the OCPI section, RFC or AWS page that it comes from. `infra` holds the names of
    the component classes that build it (empty: nothing on AWS does). `frameworks` holds the clauses that
    it answers to, and how (groups of `hardening/controls/frameworks/`). `refusal` is what the gateway
    answers where a request check of this control fails (None: no request check has it). A call on which an
    `indispensable` control gave no verdict is refused: nobody was recognised, or nothing was asked for.
    `manual` says why no check verifies it, and what a person does instead.
    """

    id: str
    layer: Layer
    severity: Severity
    promise: str
    citation: str
    infra: tuple[str, ...] = ()
    frameworks: tuple[Clause, ...] = ()
    refusal: Refusal | None = None
    indispensable: bool = False
    manual: str = ""
