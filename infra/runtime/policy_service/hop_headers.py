"""What the guard tells the service about a call that it lets through, and the proof that it was the guard."""

from __future__ import annotations

from datetime import datetime

from hardening.requests import tokens
from hardening.requests.header_names import (
    HOP_SIGNATURE_HEADER,
    KIND_HEADER,
    PARTNER_HEADER,
    TOKEN_HEADER,
)
from hardening.requests.hop_signature import Hop, signature
from hardening.requests.request import Credentials
from hardening.requests.routes import match
from infra.runtime.http_service import HttpRequest


def hop_headers(key: bytes, asked: HttpRequest, caller: Credentials, now: datetime) -> dict[str, str]:
    """Who calls; for the credentials module also the digest of the token, which it changes.

    Without a key nothing is signed, and no digest told.
    """
    name = caller.partner.name
    told = {PARTNER_HEADER: name, KIND_HEADER: caller.kind}
    if not key:
        return told
    token = _digest(asked, caller)
    hop = Hop(
        method=asked.method,
        target=asked.target,
        partner=name,
        kind=caller.kind,
        body=asked.body,
        token=token,
    )
    signed = {HOP_SIGNATURE_HEADER: signature(key, hop, int(now.timestamp()))}
    return {**told, **signed, **({TOKEN_HEADER: token} if token else {})}


def _digest(asked: HttpRequest, caller: Credentials) -> str:
    found = match(asked.method, asked.target.partition("?")[0])
    if found is None or found.route.module != "credentials":
        return ""
    readings = tokens.presented(asked.headers.get("authorization", ""))
    own = (one.token for one in readings if one.encoding == caller.partner.auth_encoding)
    return tokens.digest(next(own))
