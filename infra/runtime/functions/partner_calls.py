"""How the functions and the credentials module call a partner: one signed call of the egress guard.

Python's own library only: Lambda has nothing else.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
import urllib.parse
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hardening.egress.callers import FATE_HEADER, Asked, Fate, signed
from hardening.egress.target import Refused, path_to
from hardening.registry.partners import Partner
from hardening.requests.tokens import header
from hardening.rotation.connection import Answer, Call, Outcome, answer_of

# Longer than the egress guard gives a partner, so it is the one that says what became of a call.
_SECONDS = 25.0
_MOST_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class EgressGuard:
    """Where the egress guard is, who we are to it, and the CA (PEM text) that vouches for it.

    `url` is https, or http on loopback with `authority` "". `key` reads our key, for each call anew.
    """

    url: str
    caller: str
    key: Callable[[], bytes]
    authority: str = ""

    def __repr__(self) -> str:
        return f"EgressGuard({self.url!r}, {self.caller!r})"


def calls_through(guard: EgressGuard, partner: Partner, seconds: float = _SECONDS) -> Call:
    """A `Call` to this partner through the egress guard, which waits `seconds` for each read."""

    def call(method: str, url: str, token: str, body: Mapping[str, Any] | None) -> Answer:
        # What does not leave is in doubt, never refused: a partner that refuses has taken the token first.
        if not partner.may_call(url):
            return Answer(Outcome.IN_DOUBT, detail="the URL is not https on a callback host of the registry")
        try:
            asked = _asked(partner, method, url, token, body)
            return _answer(guard, asked, seconds)
        except Refused as refused:
            return Answer(Outcome.IN_DOUBT, detail=refused.detail)
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
            return Answer(Outcome.IN_DOUBT, detail=type(error).__name__)

    return call


def _asked(partner: Partner, method: str, url: str, token: str, body: Mapping[str, Any] | None) -> Asked:
    headers = {
        "authorization": header(token, partner.auth_encoding),
        "content-type": "application/json",
        "x-request-id": str(uuid.uuid4()),
        "x-correlation-id": str(uuid.uuid4()),
    }
    content = b"" if body is None else json.dumps(body).encode()
    return Asked(method, path_to(partner.name, url), headers, content)


def _answer(guard: EgressGuard, asked: Asked, seconds: float) -> Answer:
    connection = _connection(guard, seconds)
    try:
        proof = signed(guard.caller, guard.key(), asked, int(time.time()))
        connection.request(asked.method, asked.path, asked.body or None, {**asked.headers, **proof})
        answer = connection.getresponse()
        text = answer.read(_MOST_BYTES)
        fate = answer.getheader(FATE_HEADER, "")
        if fate == Fate.ANSWERED:
            return answer_of(answer.status, _json(text) if answer.status < 300 else None)
        detail = _json(text)
        why = detail.get("detail", "") if isinstance(detail, dict) else ""
        return Answer(Outcome.IN_DOUBT, detail=f"egress: {why or fate or 'no answer'}"[:200])
    finally:
        connection.close()


def _json(text: bytes) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _connection(guard: EgressGuard, seconds: float) -> http.client.HTTPConnection:
    there = urllib.parse.urlsplit(guard.url)
    host, port = there.hostname or "", there.port
    if there.scheme == "https":
        context = ssl.create_default_context(cadata=guard.authority)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        return http.client.HTTPSConnection(host, port, timeout=seconds, context=context)
    if host != "127.0.0.1":
        raise ValueError("plain HTTP beyond loopback")
    return http.client.HTTPConnection(host, port, timeout=seconds)
