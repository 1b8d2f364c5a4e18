"""What the guard tells the service about a call that it lets through, and the proof that it was the guard."""

from __future__ import annotations

from datetime import datetime

from hardening.requests import tokens
from hardening.requests.header_names import (
    HOP_SIGNATURE_HEADER,
    IDEMPOTENCY_HEADER,
    KIND_HEADER,
    PARTNER_HEADER,
    TOKEN_HEADER,
)
from hardening.requests.hop_signature import hop_of, signature
from hardening.requests.idempotency import idempotency_key
from hardening.requests.request import Credentials
from hardening.requests.routes import match
from infra.runtime.http_service import HttpRequest


def hop_headers(key: bytes, asked: HttpRequest, caller: Credentials, now: datetime) -> dict[str, str]:
    """Who calls, and what tells a message that comes again; for the credentials module also the digest of
    the token, which it changes. Without a key nothing is signed, and no digest told.
    """
    token = _digest(asked, caller)
    path = asked.target.partition("?")[0]
    again = idempotency_key(caller.partner.name, asked.method, path, asked.headers, asked.body, token)
    told = {
        PARTNER_HEADER: caller.partner.name,
        KIND_HEADER: caller.kind,
        TOKEN_HEADER: token if key else "",
        IDEMPOTENCY_HEADER: again,
    }
    if key:
        hop = hop_of(asked.method, asked.target, told, asked.body)
        told[HOP_SIGNATURE_HEADER] = signature(key, hop, int(now.timestamp()))
    return {name: value for name, value in told.items() if value}


def _digest(asked: HttpRequest, caller: Credentials) -> str:
    found = match(asked.method, asked.target.partition("?")[0])
    if found is None or found.route.module != "credentials":
        return ""
    readings = tokens.presented(asked.headers.get("authorization", ""))
    own = (one.token for one in readings if one.encoding == caller.partner.auth_encoding)
    return tokens.digest(next(own))
