"""The boundary's own keys, which nobody else reads: in files, made once for all workers where there are none.

On AWS they are secrets, which the rotation function makes once (`infra/data/boundary_keys.py`).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from hardening import dsse
from hardening.answers.pseudonyms import LEAST_KEY_BYTES, Pseudonyms
from hardening.errors import ConfigError
from infra.runtime.functions.caller_keys import key_at

# Of an Ed25519 key (RFC 8032, 5.1.5).
_SEED_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class BoundaryKeys:
    """Whose drivers are called what, and who signs receipts."""

    pseudonyms: Pseudonyms
    receipts: Ed25519PrivateKey = field(repr=False)


def keys_in_files(pseudonym: Path, receipt: Path) -> BoundaryKeys:
    """The keys in these files. Raises ConfigError."""
    return BoundaryKeys(pseudonyms_of(pseudonym), receipt_key_of(receipt))


def keys_in_secrets(client: Any, pseudonym: str, receipt: str) -> BoundaryKeys | None:
    """The keys in these secrets; None before the rotation function has made both.

    Raises what Secrets Manager raises.
    """
    found = [key_at(client, secret, "AWSCURRENT") for secret in (pseudonym, receipt)]
    if not all(found):
        return None
    seed = found[1][:_SEED_BYTES]
    return BoundaryKeys(Pseudonyms(found[0]), Ed25519PrivateKey.from_private_bytes(seed))


def pseudonyms_of(file: Path) -> Pseudonyms:
    """Pseudonyms under the key in `file`. Raises ConfigError.

    Each partner knows each of our drivers by another name after the key is lost.
    """
    key = _read(file, lambda: secrets.token_bytes(LEAST_KEY_BYTES))
    if len(key) < LEAST_KEY_BYTES:
        raise ConfigError(f"{file}: expected at least {LEAST_KEY_BYTES} random bytes")
    return Pseudonyms(key)


def pseudonyms_there(file: Path) -> Pseudonyms:
    """The same, of a key that is there: a new one would find nobody. Raises ConfigError."""
    if not file.exists():
        raise ConfigError(f"{file}: no such file", "name `pseudonym_key` of guard.toml")
    return pseudonyms_of(file)


def receipt_key_of(file: Path) -> Ed25519PrivateKey:
    """The key that signs receipts (PEM). Raises ConfigError.

    Whoever checks receipts needs its public half for as long as he keeps them.
    """
    pem = _read(
        file,
        lambda: Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
    try:
        return dsse.private_key(pem)
    except ValueError as error:
        hint = f"make one: openssl genpkey -algorithm ed25519 -out {file}"
        raise ConfigError(f"{file}: {error}", hint) from None


def _read(file: Path, new: Callable[[], bytes]) -> bytes:
    try:
        if not file.exists():
            _make(file, new())
        if file.stat().st_mode & 0o077:
            raise ConfigError(f"{file}: others can read this key", f"chmod 600 {file}")
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}", "expected a key, or room for one") from None


def _make(file: Path, key: bytes) -> None:
    """Whole or not at all, and once: several workers start together."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".key-") as made:  # mode 0600
        made.write(key)
        made.flush()
        os.fsync(made.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(made.name, file)
