"""Signed envelopes: DSSE 1.0 (Dead Simple Signing Envelope) with Ed25519 keys, and P-256 of a key service."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

PublicKey = Ed25519PublicKey | EllipticCurvePublicKey


class SigningKey(Protocol):
    """Whoever signs: an Ed25519 key, or a key of a service that never leaves it."""

    def public_key(self) -> PublicKey:
        """The public half."""
        ...

    def sign(self, data: bytes, /) -> bytes:
        """The signature of `data`."""
        ...


class Unsigned(Exception):
    """An envelope that no known key signed, or that is none. The message quotes nothing of it."""


def private_key(pem: bytes) -> Ed25519PrivateKey:
    """The key in a PEM text without a password (PKCS 8). Raises ValueError for any other."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise ValueError("expected an Ed25519 private key in PEM, without a password") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("expected an Ed25519 private key")
    return key


def public_key(pem: bytes) -> Ed25519PublicKey:
    """The key in a PEM text. Raises ValueError for any other than an Ed25519 public key."""
    key = load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("expected an Ed25519 public key")
    return key


def verifying_key(pem: bytes) -> PublicKey:
    """The key in a PEM text: Ed25519, or P-256. Raises ValueError for any other."""
    key = load_pem_public_key(pem)
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    if isinstance(key, Ed25519PublicKey):
        return key
    raise ValueError("expected a public key: Ed25519 or P-256")


def key_id(key: PublicKey) -> str:
    """SHA-256 (hexadecimal) of a public key (SubjectPublicKeyInfo, DER)."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def sign(payload_type: str, payload: bytes, key: SigningKey) -> str:
    """The envelope of `payload`, as JSON."""
    signature = base64.b64encode(key.sign(_encoded(payload_type, payload))).decode()
    envelope = {
        "payloadType": payload_type,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key_id(key.public_key()), "sig": signature}],
    }
    return json.dumps(envelope, indent=1) + "\n"


def verified(envelope: str, payload_type: str, keys: Iterable[PublicKey]) -> bytes:
    """The payload of an envelope that one of `keys` signed. Raises Unsigned."""
    try:
        read = json.loads(envelope)
        payload = base64.b64decode(read["payload"], validate=True)
        signatures = [base64.b64decode(one["sig"], validate=True) for one in read["signatures"]]
        stated = read["payloadType"]
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise Unsigned("is no DSSE envelope") from None
    if stated != payload_type:
        raise Unsigned("is of another type")
    for key in keys:
        for signature in signatures:
            try:
                _verify(key, signature, _encoded(payload_type, payload))
            except InvalidSignature:
                continue
            return payload
    raise Unsigned("is signed by no known key")


def unverified(envelope: str) -> bytes:
    """What an envelope says, whoever signed it. Raises Unsigned where it is none."""
    try:
        return base64.b64decode(json.loads(envelope)["payload"], validate=True)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unsigned("is no DSSE envelope") from None


def _verify(key: PublicKey, signature: bytes, signed: bytes) -> None:
    """Raises InvalidSignature."""
    if isinstance(key, Ed25519PublicKey):
        key.verify(signature, signed)
    else:
        key.verify(signature, signed, ECDSA(SHA256()))


def _encoded(payload_type: str, payload: bytes) -> bytes:
    """What is signed: the pre-authentication encoding of DSSE 1.0."""
    kind = payload_type.encode()
    return b" ".join((b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload))
