"""The client certificates that the audit shows: ours, from a file, and one that nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hardening.errors import ConfigError
from scanners.tls.protocol.client_certificate import ClientCertificate, ClientKey, fits

_HINT: Final = "one PEM file with the chain, leaf first, and its private key, not encrypted"
# What one handshake record takes (RFC 8446, 5.1), less the message around it.
_MOST_BYTES: Final = 16_000


@lru_cache(maxsize=256)
def client_certificate(file: str) -> ClientCertificate:
    """The chain and the key in a PEM file. Raises ConfigError, which quotes nothing of it."""
    where = f"{file}: client certificate"
    try:
        text = Path(file).read_bytes()
    except OSError as error:
        raise ConfigError(f"{where}: {error.strerror}", _HINT) from None
    try:
        chain = x509.load_pem_x509_certificates(text)
    except ValueError:
        raise ConfigError(f"{where}: expected certificates in PEM form", _HINT) from None
    try:
        key = serialization.load_pem_private_key(text, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigError(f"{where}: expected a private key in PEM form, not encrypted", _HINT) from None
    if not fits(key):
        raise ConfigError(f"{where}: expected an RSA, EC (P-256, P-384, P-521) or EdDSA key", _HINT)
    if chain[0].public_key() != key.public_key():
        raise ConfigError(f"{where}: the key is not that of the first certificate", _HINT)
    ders = tuple(one.public_bytes(serialization.Encoding.DER) for one in chain)
    if sum(map(len, ders)) > _MOST_BYTES:
        raise ConfigError(f"{where}: the chain is longer than {_MOST_BYTES} bytes", _HINT)
    return ClientCertificate(chain=ders, key=cast(ClientKey, key), file=file)


def foreign_certificate(folder: Path) -> ClientCertificate:
    """A fresh certificate that is signed by nobody but itself, with its file in `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rampart-audit.invalid")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    certificate = builder.add_extension(usage, critical=False).sign(key, hashes.SHA256())
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "foreign.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    der = certificate.public_bytes(serialization.Encoding.DER)
    return ClientCertificate(chain=(der,), key=key, file=str(file))
