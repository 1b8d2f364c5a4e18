"""What a control is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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
    the component classes that build it (empty: nothing on AWS does). `frameworks` holds ids such as
    `iso27001:A.8.24`, `nist-csf:PR.DS-02`, `soc2:CC6.7`, `nis2:21.2.h`, `pci:4.2.1`, `gdpr:32.1.a` and
    `owasp-api:API8` (named in `hardening/controls/frameworks.py`). `refusal` is what the gateway answers
    where a request check of this control fails (None: no request check has it). A call on which an
    `indispensable` control gave no verdict is refused: nobody was recognised, or nothing was asked for.
    `manual` says why no check verifies it, and what a person does instead.
    """

    id: str
    layer: Layer
    severity: Severity
    promise: str
    citation: str
    infra: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    refusal: Refusal | None = None
    indispensable: bool = False
    manual: str = ""
