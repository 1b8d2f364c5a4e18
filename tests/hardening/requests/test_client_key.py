"""The key of a client certificate: that of a library that knows all of X.509."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from hardening.requests.client_key import client_key

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
KEYS: dict[str, Key] = {
    "P-256": ec.generate_private_key(ec.SECP256R1()),
    "P-384": ec.generate_private_key(ec.SECP384R1()),
    "RSA": rsa.generate_private_key(65537, 2048),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
}


def _certificate(key: Key) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a partner " + "x" * 40)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 2**150 + 1, now, now + timedelta(days=1))
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return made.sign(key, digest).public_bytes(Encoding.PEM)


@pytest.mark.parametrize("kind", KEYS)
def test_the_key_is_that_of_the_certificate(kind: str) -> None:
    key = KEYS[kind]
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    expected = base64.b64encode(hashlib.sha256(spki).digest()).decode()
    assert client_key(quote(_certificate(key).decode(), safe="")) == expected
    assert client_key(_certificate(key).decode()) == expected


@pytest.mark.parametrize(
    "text", ["", "-", "x", "%zz", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"]
)
def test_what_is_no_certificate_has_no_key(text: str) -> None:
    assert client_key(text) == ""


def test_a_certificate_that_is_cut_off_anywhere_has_no_key() -> None:
    pem = _certificate(KEYS["P-256"]).decode()
    der = base64.b64decode("".join(pem.splitlines()[1:-1]))
    for length in range(len(der)):
        cut = base64.b64encode(der[:length]).decode()
        assert client_key(f"-----BEGIN CERTIFICATE-----\n{cut}\n-----END CERTIFICATE-----\n") == ""
