"""Credentials tokens: how they are made, presented, looked up and stored.

A store holds digests, never tokens. SHA-256 without a key is enough: a token that we issue has 256 random
bits, so nothing can be guessed from its digest.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from hardening.requests.request import Credentials

# OCPI 2.2.1, 7.3.1: string(64), only U+0021 to U+007E.
_TOKEN = re.compile(r"[!-~]{1,64}")
_HEADER = re.compile(r"Token ([!-~]+)")
_RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True)
class Presented:
    """One reading of an Authorization header: the token, if the partner's encoding is `encoding`."""

    encoding: str  # "base64" or "raw"
    token: str

    def __repr__(self) -> str:
        return f"Presented({self.encoding!r}, ...)"


def issue() -> str:
    """A new credentials token: 43 characters, 256 random bits."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def is_token(text: str) -> bool:
    """Whether `text` may be a credentials token: 1 to 64 characters, U+0021 to U+007E (OCPI 2.2.1, 7.3.1)."""
    return _TOKEN.fullmatch(text) is not None


def digest(token: str) -> str:
    """SHA-256 of a token, as 64 hexadecimal digits: the key of the token store."""
    return hashlib.sha256(token.encode()).hexdigest()


def header(token: str, encoding: str = "base64") -> str:
    """The Authorization header that presents `token`: OCPI 2.2.1, 4.1.2."""
    return f"Token {encoded(token) if encoding == 'base64' else token}"


def encoded(token: str) -> str:
    """Base64 (RFC 4648, 4) of a token."""
    return base64.b64encode(token.encode()).decode("ascii")


def decoded(text: str) -> str | None:
    """The token in strict Base64 `text`; None where it is not.

    Foreign characters, missing padding and stray bits are refused: a token has one spelling. One line
    feed at the end of the token is dropped: the specification's own example was made with `echo`.
    """
    try:
        found = base64.b64decode(text, validate=True)
        token = found.removesuffix(b"\n").decode("ascii")
    except (binascii.Error, ValueError):
        return None
    if base64.b64encode(found).decode("ascii") != text or not _TOKEN.fullmatch(token):
        return None
    return token


# A few calls' worth: each call is asked for its token several times, and no token is kept for long.
@lru_cache(maxsize=4)
def presented(authorization: str) -> tuple[Presented, ...]:
    """The readings of an Authorization header; none where it is not `Token`, one space, and a token."""
    match = _HEADER.fullmatch(authorization)
    if match is None or "," in authorization:
        return ()
    strict = decoded(match[1])
    raw = (Presented("raw", match[1]),) if _TOKEN.fullmatch(match[1]) else ()
    return raw if strict is None else (Presented("base64", strict), *raw)


def credentials_of(authorization: str, lookup: Callable[[str], Credentials | None]) -> Credentials | None:
    """Whose token a header presents without a client certificate. `lookup` asks a store for a digest.

    A reading counts only where it is the partner's own encoding: a raw token of a partner that encodes
    is as unknown as any other text (OCPI 2.2.1, 4.1.2 leaves the choice to a configuration flag).
    """
    for reading in presented(authorization):
        credentials = lookup(digest(reading.token))
        if is_partners_own(reading, credentials, ""):
            return credentials
    return None


def is_partners_own(reading: Presented, credentials: Credentials | None, client_key: str) -> bool:
    """Whether a token was found, and came as its partner's does: in its encoding, and over a connection with
    one of its keys (`hardening.requests.client_key`), where it contracted for client certificates.
    """
    if credentials is None or credentials.partner.auth_encoding != reading.encoding:
        return False
    keys = credentials.partner.client_certificate_in
    return not keys or client_key in keys
