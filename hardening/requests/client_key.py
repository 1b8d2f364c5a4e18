"""The public key of a client certificate, as the registry names it: base64 of the SHA-256 of its SPKI.

TLS has proved that the peer holds the private key; who that is, the registry says. So nothing else of the
certificate counts: no name, no CA, no date. Read without a library, as the authorizer has none.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from urllib.parse import unquote

# RFC 7468, 5.
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*")
_SEQUENCE, _VERSION = 0x30, 0xA0
# What stands in a certificate before its key (RFC 5280, 4.1), after the version, which may be left out:
# serial number, signature, issuer, validity, subject.
_BEFORE_THE_KEY = 5


# Calls of one connection show one certificate.
@lru_cache(maxsize=256)
def client_key(certificate: str) -> str:
    """The key of a certificate in PEM, percent-encoded as by Envoy; "" for none and for any other text."""
    pem = _PEM.fullmatch(unquote(certificate))
    if pem is None:
        return ""
    try:
        der = base64.b64decode(pem[1])
        return base64.b64encode(hashlib.sha256(_public_key(der)).digest()).decode()
    except (ValueError, IndexError):
        return ""


def _public_key(der: bytes) -> bytes:
    """The SubjectPublicKeyInfo of a certificate, with its tag. Raises ValueError."""
    start, _ = _content(der, 0, _SEQUENCE)
    at, _ = _content(der, start, _SEQUENCE)
    if der[at] == _VERSION:
        at = _end(der, at)
    for _ in range(_BEFORE_THE_KEY):
        at = _end(der, at)
    _content(der, at, _SEQUENCE)
    return der[at : _end(der, at)]


def _content(der: bytes, at: int, tag: int) -> tuple[int, int]:
    """Where the content of the element at `at` begins and ends. Raises ValueError for another tag."""
    if der[at] != tag:
        raise ValueError("another element")
    return _bounds(der, at)


def _end(der: bytes, at: int) -> int:
    return _bounds(der, at)[1]


def _bounds(der: bytes, at: int) -> tuple[int, int]:
    """The content of an element of DER (X.690, 8.1.3), whatever its tag."""
    length, begin = der[at + 1], at + 2
    if length > 0x7F:
        digits = length & 0x7F
        length, begin = int.from_bytes(der[begin : begin + digits], "big"), begin + digits
    if begin + length > len(der):
        raise ValueError("cut off")
    return begin, begin + length
