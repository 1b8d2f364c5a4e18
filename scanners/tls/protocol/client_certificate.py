"""A certificate that this client shows, and the messages in which it does (RFC 8446, 4.4.2 and 4.4.3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa

ClientKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
_CURVES = {
    "secp256r1": (0x0403, hashes.SHA256()),
    "secp384r1": (0x0503, hashes.SHA384()),
    "secp521r1": (0x0603, hashes.SHA512()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificate:
    """Chain (DER, leaf first) and private key; `file` holds both as PEM, for Python's own TLS."""

    chain: tuple[bytes, ...]
    key: ClientKey
    file: str


def certificate_body(shown: ClientCertificate | None) -> bytes:
    """The body of a Certificate message in answer to a request in the handshake; without one it is empty."""
    entries = b"".join(_long(der) + b"\x00\x00" for der in shown.chain) if shown else b""
    return b"\x00" + _long(entries)


def verify_body(shown: ClientCertificate, transcript: bytes) -> bytes:
    """The body of a CertificateVerify over the hash of the transcript."""
    content = b" " * 64 + b"TLS 1.3, client CertificateVerify\x00" + transcript
    scheme, signature = _signed(shown.key, content)
    return struct.pack("!HH", scheme, len(signature)) + signature


def fits(key: object) -> bool:
    """Whether a private key is of a kind that signs in TLS 1.3."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.curve.name in _CURVES
    return isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)


def _signed(key: ClientKey, content: bytes) -> tuple[int, bytes]:
    match key:
        case rsa.RSAPrivateKey():
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256().digest_size)
            return 0x0804, key.sign(content, pss, hashes.SHA256())
        case ec.EllipticCurvePrivateKey():
            scheme, digest = _CURVES[key.curve.name]
            return scheme, key.sign(content, ec.ECDSA(digest))
        case ed25519.Ed25519PrivateKey():
            return 0x0807, key.sign(content)
        case ed448.Ed448PrivateKey():
            return 0x0808, key.sign(content)


def _long(data: bytes) -> bytes:
    return len(data).to_bytes(3, "big") + data
