"""The record protection of TLS 1.2, for the suites with which this client completes a handshake.

These are AES with GCM, CCM and CBC, Camellia and 3DES with CBC, and ChaCha20-Poly1305 (RFC 5246, 6.2.3;
RFC 5288; RFC 6655; RFC 7905).
"""

from __future__ import annotations

import hmac
import os
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import Camellia, TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from scanners.tls.protocol.hello import record
from scanners.tls.protocol.server_hello import Malformed
from scanners.tls.protocol.suites import SUITES

_NAME: Final = re.compile(
    r"TLS_(?P<exchange>ECDHE_ECDSA|ECDHE_RSA|DHE_RSA|DHE_DSS|RSA)_WITH_"
    r"(?P<cipher>AES_128|AES_256|CAMELLIA_128|CAMELLIA_256|3DES_EDE|CHACHA20)_"
    r"(?P<mode>GCM|CBC|CCM_8|CCM|POLY1305)(?:_(?P<digest>SHA|SHA256|SHA384))?"
)
_KEY_SIZES: Final = {"AES_128": 16, "CAMELLIA_128": 16, "3DES_EDE": 24}
_BLOCKS: Final[dict[str, Callable[[bytes], AES | Camellia | TripleDES]]] = {
    "AES": AES,
    "CAMELLIA": Camellia,
    "3DES": TripleDES,
}
_DIGESTS: Final = {"SHA": "sha1", "SHA256": "sha256", "SHA384": "sha384"}


@dataclass(frozen=True, slots=True)
class Completed:
    """What a suite of TLS 1.2 is made of. Sizes in bytes; `digest` is the MAC's, `prf` the key schedule's."""

    exchange: str
    cipher: str
    mode: str
    digest: str
    prf: str

    @property
    def key(self) -> int:
        """The size of the cipher's key."""
        return _KEY_SIZES.get(self.cipher) or 32

    @property
    def mac_key(self) -> int:
        """The size of the MAC's key; 0 for authenticated encryption."""
        return hmac.new(b"", b"", self.digest).digest_size if self.mode == "CBC" else 0

    @property
    def fixed(self) -> int:
        """The size of the nonce's part that the key schedule gives."""
        return {"CBC": 0, "POLY1305": 12}.get(self.mode, 4)


def _completed(name: str) -> Completed | None:
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    digest = _DIGESTS[found["digest"] or "SHA256"]
    prf = "sha384" if digest == "sha384" else "sha256"
    return Completed(found["exchange"].partition("_")[0], found["cipher"], found["mode"], digest, prf)


COMPLETED_SUITES: Final = {code: made for code, name in SUITES.items() if (made := _completed(name))}


class Protection(Protocol):
    """Record protection in one direction."""

    def seal(self, kind: int, payload: bytes) -> bytes:
        """`payload` as one encrypted record, header included."""

    def open(self, kind: int, sealed: bytes) -> bytes:
        """The payload of an encrypted record. Raises Malformed."""


def protections(suite: Completed, block: bytes) -> tuple[Protection, Protection]:
    """The client's and the server's, of a key block (RFC 5246, 6.3)."""
    parts = []
    for size in (suite.mac_key, suite.key, suite.fixed):
        parts.append((block[:size], block[size : 2 * size]))
        block = block[2 * size :]
    client, server = zip(*parts, strict=True)
    if suite.mode == "CBC":
        return _Blocks(suite, *client[:2]), _Blocks(suite, *server[:2])
    return _Sealed(suite, *client[1:]), _Sealed(suite, *server[1:])


class _Sealed:
    """Authenticated encryption."""

    def __init__(self, suite: Completed, key: bytes, fixed: bytes) -> None:
        self._tag = 8 if suite.mode == "CCM_8" else 16
        self._aead: AESGCM | AESCCM | ChaCha20Poly1305
        if suite.mode == "GCM":
            self._aead = AESGCM(key)
        else:
            self._aead = ChaCha20Poly1305(key) if suite.mode == "POLY1305" else AESCCM(key, self._tag)
        self._fixed, self._sequence = fixed, 0

    def _next(self, kind: int, size: int) -> tuple[bytes, bytes]:
        sequence = self._sequence.to_bytes(8, "big")
        self._sequence += 1
        return sequence, sequence + struct.pack("!BHH", kind, 0x0303, size)

    def seal(self, kind: int, payload: bytes) -> bytes:
        sequence, header = self._next(kind, len(payload))
        explicit = sequence if len(self._fixed) == 4 else b""
        sealed = explicit + self._aead.encrypt(self._nonce(sequence, explicit), payload, header)
        return record(kind, 0x0303, sealed)

    def open(self, kind: int, sealed: bytes) -> bytes:
        explicit, data = (sealed[:8], sealed[8:]) if len(self._fixed) == 4 else (b"", sealed)
        sequence, header = self._next(kind, max(0, len(data) - self._tag))
        try:
            return self._aead.decrypt(self._nonce(sequence, explicit), data, header)
        except (InvalidTag, ValueError):
            raise Malformed("a record does not decrypt") from None

    def _nonce(self, sequence: bytes, explicit: bytes) -> bytes:
        if len(self._fixed) == 4:
            return self._fixed + explicit
        return bytes(a ^ b for a, b in zip(self._fixed, b"\x00" * 4 + sequence, strict=True))


class _Blocks:
    """CBC, with the MAC inside (RFC 5246, 6.2.3.2): this client offers no other order (RFC 7366)."""

    def __init__(self, suite: Completed, mac_key: bytes, key: bytes) -> None:
        self._cipher = _BLOCKS[suite.cipher.partition("_")[0]](key)
        self._digest, self._mac_key, self._sequence = suite.digest, mac_key, 0
        self._block = self._cipher.block_size // 8

    def _mac(self, kind: int, payload: bytes) -> bytes:
        header = self._sequence.to_bytes(8, "big") + struct.pack("!BHH", kind, 0x0303, len(payload))
        self._sequence += 1
        return hmac.new(self._mac_key, header + payload, self._digest).digest()

    def seal(self, kind: int, payload: bytes) -> bytes:
        data = payload + self._mac(kind, payload)
        pad = self._block - 1 - len(data) % self._block
        data += bytes([pad]) * (pad + 1)
        start = os.urandom(self._block)
        with_iv = Cipher(self._cipher, modes.CBC(start)).encryptor()
        return record(kind, 0x0303, start + with_iv.update(data) + with_iv.finalize())

    def open(self, kind: int, sealed: bytes) -> bytes:
        start, data = sealed[: self._block], sealed[self._block :]
        size = hmac.new(b"", b"", self._digest).digest_size
        if not data or len(data) % self._block:
            raise Malformed("a record does not decrypt")
        with_iv = Cipher(self._cipher, modes.CBC(start)).decryptor()
        plain = with_iv.update(data) + with_iv.finalize()
        plain = plain[: -plain[-1] - 1]
        payload, told = plain[:-size], plain[-size:]
        if len(plain) < size or not hmac.compare_digest(told, self._mac(kind, payload)):
            raise Malformed("a record does not decrypt")
        return payload
