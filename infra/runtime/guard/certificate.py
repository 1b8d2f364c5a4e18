"""The gateway's certificate before it is served: a chain and its key, for these names, for some time yet."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

from hardening.errors import ConfigError
from infra.runtime.guard.settings import GuardSettings


def check_certificate(settings: GuardSettings) -> None:
    """Raises ConfigError: the key, what is wrong, and what was expected; never a part of the private key."""
    try:
        leaf = x509.load_pem_x509_certificates(_read("certificate", settings.certificate))[0]
    except ValueError:
        raise ConfigError(f"certificate: {settings.certificate}: expected a chain in PEM") from None
    key = _private_key(settings.key)
    if _public(key.public_key()) != _public(leaf.public_key()):
        raise ConfigError("key: is not that of the certificate; expected the private key of its first one")
    if datetime.now(UTC) >= leaf.not_valid_after_utc:
        raise ConfigError(
            f"certificate: ended on {leaf.not_valid_after_utc:%Y-%m-%d}; expected one that is valid"
        )
    missing = [name for name in settings.server_names if not _covers(leaf, name)]
    if missing:
        raise ConfigError(f"server_names: {', '.join(missing)}: the certificate does not name it")


def _read(key: str, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{key}: {file}: {error.strerror}") from None


def _private_key(file: Path) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(_read("key", file), password=None)
    except (ValueError, TypeError):
        raise ConfigError(f"key: {file}: expected a private key in PEM, not encrypted") from None


def _public(key: object) -> bytes:
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    found: bytes = key.public_bytes(encoding, form)  # type: ignore[attr-defined]  # every public key has it
    return found


def _covers(leaf: x509.Certificate, name: str) -> bool:
    """RFC 9525, 6.3: a whole name, or a wildcard for its first label; an address as an address."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    known = {text.lower() for text in names.get_values_for_type(x509.DNSName)}
    known |= {str(address) for address in names.get_values_for_type(x509.IPAddress)}
    return name.lower() in known or f"*.{name.lower().partition('.')[2]}" in known
