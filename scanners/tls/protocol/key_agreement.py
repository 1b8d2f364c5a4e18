"""Ephemeral keys of a TLS 1.3 handshake: our key shares, and the secret shared with the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519

from scanners.tls.protocol.server_hello import Malformed

X25519, P256, P384, P521, X448 = 29, 23, 24, 25, 30
# The groups in which this client completes a handshake, by code point.
COMPLETED_GROUPS: Final = (X25519, P256, P384, P521, X448)
_CURVES: Final[dict[int, Callable[[], ec.EllipticCurve]]] = {
    P256: ec.SECP256R1,
    P384: ec.SECP384R1,
    P521: ec.SECP521R1,
}

Private = x25519.X25519PrivateKey | x448.X448PrivateKey | ec.EllipticCurvePrivateKey


def new_key(group: int) -> Private:
    """A fresh private key in `group`, one of `COMPLETED_GROUPS`."""
    if group == X25519:
        return x25519.X25519PrivateKey.generate()
    if group == X448:
        return x448.X448PrivateKey.generate()
    return ec.generate_private_key(_CURVES[group]())


def key_share(key: Private) -> bytes:
    """The key share that goes with `key` (RFC 8446, 4.2.8.2)."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
    return key.public_key().public_bytes_raw()


def agree(key: Private, group: int, share: bytes) -> bytes:
    """The shared secret of our `key` and the server's `share` (RFC 8446, 7.4). Raises Malformed."""
    try:
        if isinstance(key, x25519.X25519PrivateKey):
            return key.exchange(x25519.X25519PublicKey.from_public_bytes(share))
        if isinstance(key, x448.X448PrivateKey):
            return key.exchange(x448.X448PublicKey.from_public_bytes(share))
        peer = ec.EllipticCurvePublicKey.from_encoded_point(_CURVES[group](), share)
        return key.exchange(ec.ECDH(), peer)
    except ValueError:
        raise Malformed("a key share that is no point of its group") from None
