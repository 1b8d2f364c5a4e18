"""Ephemeral keys of a handshake: our key shares, and the secret shared with the server."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519

from scanners.tls.protocol.codepoints import FINITE_FIELDS
from scanners.tls.protocol.finite_fields import ffdhe_prime
from scanners.tls.protocol.server_hello import Malformed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import mlkem

X25519, P256, P384, P521, X448 = 29, 23, 24, 25, 30
X25519_MLKEM768: Final = 0x11EC
_CURVES: Final[dict[int, Callable[[], ec.EllipticCurve]]] = {
    P256: ec.SECP256R1,
    P384: ec.SECP384R1,
    P521: ec.SECP521R1,
    31: ec.BrainpoolP256R1,
    32: ec.BrainpoolP384R1,
    33: ec.BrainpoolP512R1,
}
# ML-KEM by code point, alone or with a classical group (draft-ietf-tls-mlkem, draft-ietf-tls-ecdhe-mlkem):
# the classical group, the bits of ML-KEM, and whether ML-KEM comes first.
_KEMS: Final = {
    0x0201: (0, 768, True),
    0x0202: (0, 1024, True),
    0x11EC: (X25519, 768, True),
    0x11EB: (P256, 768, False),
    0x11ED: (P384, 1024, False),
}
_CIPHERTEXT: Final = {768: 1088, 1024: 1568}  # bytes (FIPS 203, table 3)
_ML_KEM: Final = "cryptography.hazmat.primitives.asymmetric.mlkem"
# Since cryptography 47. Where it is older (sslyze's own pin), the server's word for a group is taken.
COMPLETES_ML_KEM: Final = find_spec(_ML_KEM) is not None

# The groups in which this client completes a handshake of TLS 1.3, by code point, the usual ones first.
COMPLETED_GROUPS: Final = (
    *(X25519, P256, P384, P521, X448),
    *((0x11EC, 0x11EB, 0x11ED, 0x0201, 0x0202) if COMPLETES_ML_KEM else ()),
    *sorted(FINITE_FIELDS),
    *(31, 32, 33),
)

Curve = x25519.X25519PrivateKey | x448.X448PrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class FieldKey:
    """A secret exponent, and the prime of its field. The generator is 2 (RFC 7919, appendix A)."""

    prime: int
    exponent: int


@dataclass(frozen=True, slots=True)
class HybridKey:
    """A key of ML-KEM, with a classical one unless the group has none."""

    kem: mlkem.MLKEM768PrivateKey | mlkem.MLKEM1024PrivateKey
    classical: Curve | None
    kem_first: bool
    ciphertext: int


Private = Curve | FieldKey | HybridKey


def new_key(group: int) -> Private:
    """A fresh private key in `group`, one of `COMPLETED_GROUPS`."""
    if group in _KEMS:
        classical, bits, first = _KEMS[group]
        kem = getattr(import_module(_ML_KEM), f"MLKEM{bits}PrivateKey").generate()
        return HybridKey(kem, new_curve_key(classical) if classical else None, first, _CIPHERTEXT[bits])
    if group in FINITE_FIELDS:
        # 512 bits: twice the strength of the largest field (RFC 7919, 5.2).
        return FieldKey(ffdhe_prime(group), secrets.randbits(512) | 1 << 511)
    return new_curve_key(group)


def new_curve_key(group: int) -> Curve:
    """A fresh private key on an elliptic curve, one of `COMPLETED_GROUPS`."""
    if group == X25519:
        return x25519.X25519PrivateKey.generate()
    if group == X448:
        return x448.X448PrivateKey.generate()
    return ec.generate_private_key(_CURVES[group]())


def key_share(key: Private) -> bytes:
    """The key share that goes with `key` (RFC 8446, 4.2.8.1 and 4.2.8.2)."""
    match key:
        case HybridKey():
            classical = key_share(key.classical) if key.classical else b""
            kem = key.kem.public_key().public_bytes_raw()
            return kem + classical if key.kem_first else classical + kem
        case FieldKey():
            size = key.prime.bit_length() // 8
            return pow(2, key.exponent, key.prime).to_bytes(size, "big")
        case ec.EllipticCurvePrivateKey():
            encoded = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
            return key.public_key().public_bytes(*encoded)
        case _:
            return key.public_key().public_bytes_raw()


def share_of_nobody() -> bytes:
    """A share of X25519MLKEM768 that is valid, and whose secret nobody keeps (FIPS 203, 7.2)."""
    return bytes(1152) + secrets.token_bytes(32) + key_share(new_curve_key(X25519))


def agree(key: Private, share: bytes) -> bytes:
    """The shared secret of our `key` and the server's `share` (RFC 8446, 7.4). Raises Malformed."""
    try:
        match key:
            case HybridKey():
                return _hybrid(key, share)
            case FieldKey():
                return _field(key, share)
            case x25519.X25519PrivateKey():
                return key.exchange(x25519.X25519PublicKey.from_public_bytes(share))
            case x448.X448PrivateKey():
                return key.exchange(x448.X448PublicKey.from_public_bytes(share))
            case ec.EllipticCurvePrivateKey():
                peer = ec.EllipticCurvePublicKey.from_encoded_point(key.curve, share)
                return key.exchange(ec.ECDH(), peer)
    except ValueError:
        raise Malformed("a key share that is no point of its group") from None


def _hybrid(key: HybridKey, share: bytes) -> bytes:
    at = key.ciphertext if key.kem_first else len(share) - key.ciphertext
    first, second = share[:at], share[at:]
    sealed, point = (first, second) if key.kem_first else (second, first)
    if point and key.classical is None:
        raise ValueError("longer than a share of its group")
    kem = key.kem.decapsulate(sealed)
    classical = agree(key.classical, point) if key.classical else b""
    return kem + classical if key.kem_first else classical + kem


def _field(key: FieldKey, share: bytes) -> bytes:
    public = int.from_bytes(share, "big")
    if not 1 < public < key.prime - 1:
        raise ValueError("outside of the field")
    size = key.prime.bit_length() // 8
    return pow(public, key.exponent, key.prime).to_bytes(size, "big")
