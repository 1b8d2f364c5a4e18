"""How the functions call a partner's versions and credentials modules: one HTTPS call, and what it meant."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO, Any

from hardening.registry.partners import Partner
from hardening.requests.tokens import header
from hardening.rotation.connection import Answer, Call, Outcome, answer_of

_SECONDS = 10
_MOST_BYTES = 262_144


def calls_to(partner: Partner, seconds: float = _SECONDS) -> Call:
    """A `Call` to this partner, which waits `seconds` for each read: with its encoding, to its hosts."""

    def call(method: str, url: str, token: str, body: Mapping[str, Any] | None) -> Answer:
        if not partner.may_call(url):
            # Nothing was sent, so it is no refusal of the partner: who refuses has taken the token first.
            return Answer(Outcome.IN_DOUBT, detail="the URL is not https on a callback host of the registry")
        request = urllib.request.Request(  # noqa: S310  (https only, see above)
            url,
            None if body is None else json.dumps(body).encode(),
            {
                "Authorization": header(token, partner.auth_encoding),
                "Content-Type": "application/json",
                "X-Request-ID": str(uuid.uuid4()),
                "X-Correlation-ID": str(uuid.uuid4()),
            },
            method=method,
        )
        return _answer(request, seconds)

    return call


def _answer(request: urllib.request.Request, seconds: float) -> Answer:
    """Whatever goes wrong is in doubt: the partner may have done what it was asked."""
    try:
        with _opener().open(request, timeout=seconds) as answer:
            return answer_of(answer.status, json.loads(answer.read(_MOST_BYTES)))
    except urllib.error.HTTPError as error:
        with error:
            return answer_of(error.code, None)
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        return Answer(Outcome.IN_DOUBT, detail=type(error).__name__)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to another host."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        """Follow none: urllib then raises HTTPError."""


def _opener() -> urllib.request.OpenerDirector:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # An HTTPS_PROXY of whoever runs the command counts.
    return urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _NoRedirects)
