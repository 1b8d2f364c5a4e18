"""The key schedule and record protection of TLS 1.3 (RFC 8446, 5.2, 5.3 and 7.1)."""

from __future__ import annotations

import hashlib
import hmac
import struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305

from scanners.tls.protocol.server_hello import Malformed
from scanners.tls.protocol.wire import APPLICATION_DATA

_SHA384_SUITES: Final = {0x1302}

Aead = AESGCM | ChaCha20Poly1305 | AESCCM


class Protection:
    """Record protection in one direction (RFC 8446, 5.2 and 5.3)."""

    def __init__(self, suite: int, secret: bytes) -> None:
        size = 16 if suite in (0x1301, 0x1304, 0x1305) else 32
        key = expand_label(suite, secret, b"key", b"", size)
        self._aead = _aead(suite, key)
        self._tag = 8 if suite == 0x1305 else 16
        self._iv = expand_label(suite, secret, b"iv", b"", 12)
        self._sequence = 0

    def _nonce(self) -> bytes:
        number = int.from_bytes(self._iv, "big") ^ self._sequence
        self._sequence += 1
        return number.to_bytes(12, "big")

    def seal(self, kind: int, payload: bytes) -> bytes:
        """`payload` of content type `kind` as one encrypted record, header included."""
        inner = payload + bytes([kind])
        size = len(inner) + self._tag
        header = struct.pack("!BHH", APPLICATION_DATA, 0x0303, size)
        return header + self._aead.encrypt(self._nonce(), inner, header)

    def open(self, payload: bytes) -> tuple[int, bytes]:
        """Content type and payload of an encrypted record (without its header). Raises Malformed."""
        header = struct.pack("!BHH", APPLICATION_DATA, 0x0303, len(payload))
        try:
            inner = self._aead.decrypt(self._nonce(), payload, header).rstrip(b"\x00")
        except InvalidTag:
            raise Malformed("a record does not decrypt") from None
        if not inner:
            raise Malformed("an empty record")
        return inner[-1], inner[:-1]


def expand_label(suite: int, secret: bytes, label: bytes, context: bytes, size: int = 0) -> bytes:
    """HKDF-Expand-Label (RFC 8446, 7.1); as long as the hash unless `size` is given."""
    size = size or digest(suite, b"").digest_size
    label = b"tls13 " + label
    info = struct.pack("!HB", size, len(label)) + label + bytes([len(context)]) + context
    # One block is enough: nothing that we derive is longer than the hash.
    return mac(suite, secret, info + b"\x01")[:size]


def extract(suite: int, salt: bytes, key: bytes) -> bytes:
    """HKDF-Extract (RFC 5869, 2.2); an empty `salt` or `key` stands for zeros (RFC 8446, 7.1)."""
    zeros = bytes(digest(suite, b"").digest_size)
    return mac(suite, salt or zeros, key or zeros)


def mac(suite: int, key: bytes, data: bytes) -> bytes:
    """HMAC with the hash of the suite."""
    return hmac.new(key, data, _name(suite)).digest()


def _name(suite: int) -> str:
    return "sha384" if suite in _SHA384_SUITES else "sha256"


def digest(suite: int, data: bytes) -> hashlib._Hash:
    """The hash of the suite over `data`."""
    return hashlib.new(_name(suite), data)


def _aead(suite: int, key: bytes) -> Aead:
    if suite in (0x1301, 0x1302):
        return AESGCM(key)
    if suite == 0x1303:
        return ChaCha20Poly1305(key)
    return AESCCM(key, 8 if suite == 0x1305 else 16)
