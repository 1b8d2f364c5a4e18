"""The attestation that a partner was onboarded: what it says, and whether it holds for an entry today.

An in-toto statement about the partner's entry, in a DSSE envelope. It holds for the entry as it was judged:
whoever changes the entry afterwards, a module or a network, onboards again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hardening import dsse

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:ocpi-rampart:onboarding:1"
# So much may the clock of who onboards be ahead of that of who asks.
CLOCKS_DIFFER: Final = timedelta(minutes=5)
# Beside the registry's files, where its reader does not look.
FOLDER = "onboarding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """Partner and environment, the digest of the entry, when it was issued and when it ends (UTC).

    `items` maps what was looked at to who or what says that it holds; `evidence` a file to its SHA-256.
    """

    partner: str
    environment: str
    entry: str
    issued: datetime
    expires: datetime
    items: Mapping[str, str]
    evidence: Mapping[str, str]


def entry_digest(document: Mapping[str, Any], authority: bytes = b"") -> str:
    """SHA-256 (hexadecimal) of a partner file's content, whatever its comments and the order of its keys.

    `authority` is the content of its `tls_ca_file`: whoever changes it changes whom we take for the partner.
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    named = hashlib.sha256(authority).hexdigest() if authority else ""
    return hashlib.sha256(f"{text}{named}".encode()).hexdigest()


def attested(attestation: Attestation, key: Ed25519PrivateKey) -> str:
    """The signed attestation, as JSON."""
    statement = {
        "_type": STATEMENT,
        "subject": [{"name": attestation.partner, "digest": {"sha256": attestation.entry}}],
        "predicateType": PREDICATE,
        "predicate": {
            "environment": attestation.environment,
            "issued": attestation.issued.isoformat(),
            "expires": attestation.expires.isoformat(),
            "items": dict(attestation.items),
            "evidence": dict(attestation.evidence),
        },
    }
    return dsse.sign(PAYLOAD_TYPE, json.dumps(statement, sort_keys=True).encode(), key)


def read_attestation(text: str, keys: Iterable[Ed25519PublicKey]) -> Attestation:
    """The attestation in a signed text. Raises dsse.Unsigned for any other text."""
    payload = dsse.verified(text, PAYLOAD_TYPE, keys)
    try:
        statement = json.loads(payload)
        subject, predicate = statement["subject"][0], statement["predicate"]
        if (statement["_type"], statement["predicateType"]) != (STATEMENT, PREDICATE):
            raise ValueError
        issued, expires = (datetime.fromisoformat(predicate[name]) for name in ("issued", "expires"))
        if issued.tzinfo is None or expires.tzinfo is None:
            raise ValueError
        return Attestation(
            partner=subject["name"],
            environment=predicate["environment"],
            entry=subject["digest"]["sha256"],
            issued=issued,
            expires=expires,
            items=dict(predicate["items"]),
            evidence=dict(predicate["evidence"]),
        )
    except (ValueError, KeyError, IndexError, TypeError):
        raise dsse.Unsigned("is no onboarding attestation") from None


def onboarding_fault(
    document: Mapping[str, Any], entry: str, text: str | None, keys: Sequence[Ed25519PublicKey], now: datetime
) -> str | None:
    """Why the entry in `document` may not be deployed; None where its attestation holds, or none is wanted.

    `entry` is its digest, `text` the attestation's file, None where there is none.
    """
    if not document.get("require_onboarding"):
        return None
    if text is None:
        return "has no onboarding attestation"
    try:
        found = read_attestation(text, keys)
    except dsse.Unsigned as problem:
        return f"its onboarding attestation {problem}"
    if (found.partner, found.environment) != (document.get("name"), document.get("environment")):
        return "its onboarding attestation is of another partner or environment"
    if found.entry != entry:
        return "its entry was changed after it was onboarded"
    if found.issued > now + CLOCKS_DIFFER:
        # Under a clock that was set back, an onboarding would never end.
        return f"its onboarding is of {found.issued:%Y-%m-%d %H:%M %Z}, which is to come: is the clock right?"
    if found.expires <= now:
        return f"its onboarding ended on {found.expires:%Y-%m-%d}"
    return None
