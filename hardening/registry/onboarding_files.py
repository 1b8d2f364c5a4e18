"""The attestations and keys beside a registry, and the gate that stands before its deployment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hardening.dsse import public_key
from hardening.errors import ConfigError
from hardening.registry.onboarding import FOLDER, entry_digest, onboarding_fault, read_attestation
from hardening.yaml_file import read_yaml

_HINT = "`rampart partner onboard NAME` makes one; docs/partners.md says how"


def attestation_file(folder: Path, name: str) -> Path:
    """Where the attestation of a partner lies: `onboarding/NAME.json` in the registry's folder."""
    return folder / FOLDER / f"{name}.json"


def onboarding_keys(folder: Path) -> list[Ed25519PublicKey]:
    """The public keys of those who may onboard: `onboarding/*.pem`. Raises ConfigError."""
    keys = []
    for file in sorted((folder / FOLDER).glob("*.pem")):
        try:
            keys.append(public_key(file.read_bytes()))
        except (OSError, ValueError):
            raise ConfigError(f"{file}: expected an Ed25519 public key in PEM") from None
    return keys


def digest_in(folder: Path, entry: Mapping[str, Any]) -> str:
    """The digest of a partner file's content and of the authority in its folder that it names."""
    named = entry.get("tls_ca_file")
    file = folder / str(named)
    return entry_digest(entry, file.read_bytes() if named and file.is_file() else b"")


def require_onboarded(folder: Path, now: datetime) -> None:
    """Raises ConfigError with a line for each entry that wants an onboarding and has no valid one."""
    faults = [f"{file}: {fault}" for file, fault in not_onboarded(folder, now).items()]
    if faults:
        raise ConfigError(faults[0], _HINT, tuple(faults))


def not_onboarded(folder: Path, now: datetime) -> dict[Path, str]:
    """The files of entries that want an onboarding and have no valid one, each with the reason.

    Raises ConfigError for a key that is none.
    """
    keys = onboarding_keys(folder)
    told = {
        file: onboarding_fault(entry, digest_in(folder, entry), text, keys, now)
        for file, entry, text in _to_onboard(folder)
    }
    return {file: fault for file, fault in told.items() if fault}


def onboarding_ends(folder: Path, now: datetime) -> dict[str, datetime]:
    """When the onboarding ends of each entry, by name, that wants one and has it now.

    Raises ConfigError for a key that is none.
    """
    keys = onboarding_keys(folder)
    return {
        file.stem: read_attestation(text, keys).expires
        for file, entry, text in _to_onboard(folder)
        if text is not None and onboarding_fault(entry, digest_in(folder, entry), text, keys, now) is None
    }


def attested_in_vain(folder: Path) -> tuple[Path, ...]:
    """The files of entries that were onboarded, and of which no longer is asked whether they are."""
    return tuple(
        file
        for file, entry in _entries(folder)
        if not entry.get("require_onboarding") and attestation_file(folder, file.stem).is_file()
    )


def _to_onboard(folder: Path) -> Iterator[tuple[Path, dict[str, Any], str | None]]:
    """Each entry that wants an onboarding: its file, what it says, and the text of its attestation."""
    for file, document in _entries(folder):
        if document.get("require_onboarding"):
            kept = attestation_file(folder, file.stem)
            text = kept.read_text(encoding="utf-8", errors="replace") if kept.is_file() else None
            yield file, document, text


def _entries(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for file in sorted((*folder.glob("*.yaml"), *folder.glob("*.yml"))):
        document = read_yaml(file).data
        if isinstance(document, dict):
            yield file, document
