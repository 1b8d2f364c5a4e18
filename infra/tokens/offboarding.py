"""The end of a partner: its tokens are revoked, its entry leaves the registry, and what is kept says so."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from hardening.errors import ConfigError
from hardening.registry.onboarding_files import attestation_file
from hardening.registry.partners import Partner
from hardening.rotation.result import Result
from infra.runtime.guard.registry import replace_file
from infra.tokens.custody import Custody, now
from infra.tokens.revoke import Revoked

# Beside the registry's files, where the reader does not look.
KEPT = "offboarded"


def entry_of(folder: Path, partner: Partner) -> Path:
    """The registry's file of a partner. Raises ConfigError."""
    found = next((file for file in folder.glob(f"{partner.name}.y*ml")), None)
    if found is None:
        raise ConfigError(f"{folder}: no file of {partner.name}")
    return found


def still_honoured(custody: Custody, partner: Partner) -> list[str]:
    """The starts of the digests of tokens that would still open something."""
    return [one.digest[:12] for one in custody.records.of_partner(partner.name) if one.honoured(now())]


def remove_entry(
    folder: Path, custody: Custody, partner: Partner, revoked: Revoked, reason: str, told: Result
) -> Path:
    """Move the partner's file to `offboarded/`, beside a record of what was ended; returns the record.

    The record holds digests of tokens, no token: with it, an old log line can still be attributed.
    """
    entry = entry_of(folder, partner)
    kept = folder / KEPT
    kept.mkdir(exist_ok=True)
    at = now()
    stem = f"{partner.name}-{at:%Y%m%dT%H%M%SZ}"
    record = {
        "format": "rampart-offboarding/1",
        "partner": partner.name,
        "environment": partner.environment,
        "parties": [str(party) for party in partner.parties],
        "at": at.isoformat(timespec="seconds"),
        "reason": reason,
        "tokens": [one.digest for one in custody.records.of_partner(partner.name)],
        "tokens_revoked": revoked.tokens,
        "gateway_refused_after_seconds": revoked.refused_after,
        "partner_told": {"end": told.end, "detail": told.detail},
        "entry_sha256": hashlib.sha256(entry.read_bytes()).hexdigest(),
    }
    file, attestation = kept / f"{stem}.json", attestation_file(folder, partner.name)
    # The record first and the entry last: whoever is stopped between them runs it again, and loses nothing.
    replace_file(file, json.dumps(record, indent=1) + "\n")
    # Who comes back is onboarded again, also with the entry of before.
    if attestation.is_file():
        attestation.replace(kept / f"{stem}-{attestation.name}")
    try:
        entry.replace(kept / f"{stem}.yaml")
    except FileNotFoundError:
        raise ConfigError(f"{entry}: was offboarded by another command meanwhile") from None
    return file
