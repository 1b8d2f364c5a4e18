"""The signature on the hop from guard to service: who holds the key knows that the guard named the partner.

    x-rampart-signature: t=1767225600;v1=<HMAC-SHA256, 64 hexadecimal digits>

It covers method, path with query, partner, kind of token, time, body and the message's key, so none of them
can be changed or used with another call. The key has 32 bytes at least, and both sides read it from a file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hardening.requests.header_names import (
    IDEMPOTENCY_HEADER,
    KIND_HEADER,
    PARTNER_HEADER,
    TOKEN_HEADER,
)

# How old a call may be when the service reads it, and how far two clocks may differ.
MOST_SECONDS = 60
LEAST_KEY_BYTES = 32
_HEADER = re.compile(r"t=([0-9]{1,12});v1=([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """What is signed. `target` is the path with its query, as sent.

    `token` is a digest, which the credentials module alone is told; `idempotency` the key of a message that
    must not count twice.
    """

    method: str
    target: str
    partner: str
    kind: str
    body: bytes = b""
    token: str = ""
    idempotency: str = ""


def hop_secret(environment: str) -> str:
    """The name in Secrets Manager of the key between guard and service, in Base64."""
    return f"rampart/{environment}/internal/hop-key"


def key_of(text: str) -> bytes:
    """The key that `text` holds in Base64. Raises ValueError for a short one or another text, without it."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < LEAST_KEY_BYTES:
        raise ValueError(f"expected Base64 of {LEAST_KEY_BYTES} bytes at least")
    return key


def hop_of(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Hop:
    """What a call says of itself, which its signature has to cover. Header names are lower-case."""
    return Hop(
        method=method,
        target=target,
        partner=headers.get(PARTNER_HEADER, ""),
        kind=headers.get(KIND_HEADER, ""),
        body=body,
        token=headers.get(TOKEN_HEADER, ""),
        idempotency=headers.get(IDEMPOTENCY_HEADER, ""),
    )


def signature(key: bytes, hop: Hop, now: int) -> str:
    """The header's value at `now` (seconds since 1970). Raises ValueError for a short key."""
    return f"t={now};v1={_mac(key, hop, now)}"


def is_genuine(key: bytes, hop: Hop, header: str, now: int) -> bool:
    """Whether `header` is the guard's for this very call, within `MOST_SECONDS`."""
    found = _HEADER.fullmatch(header)
    if found is None or abs(now - int(found[1])) > MOST_SECONDS:
        return False
    return hmac.compare_digest(found[2], _mac(key, hop, int(found[1])))


def _mac(key: bytes, hop: Hop, at: int) -> str:
    if len(key) < LEAST_KEY_BYTES:
        raise ValueError(f"a key of at least {LEAST_KEY_BYTES} bytes")
    # No part can hold a line feed: the guard refuses control characters in each of them.
    parts = (
        "v1",
        str(at),
        hop.method,
        hop.target,
        hop.partner,
        hop.kind,
        hashlib.sha256(hop.body).hexdigest(),
        *((hop.token,) if hop.token else ()),
        # With its name: no other value may pass for it.
        *((f"idempotency-key:{hop.idempotency}",) if hop.idempotency else ()),
    )
    return hmac.digest(key, "\n".join(parts).encode(), "sha256").hex()
