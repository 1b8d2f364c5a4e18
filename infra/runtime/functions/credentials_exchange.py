"""The client of the credentials module: give a partner a new token, and receive the partner's.

OCPI 2.2.1, 7.2.3: PUT gives the other party new credentials, and its answer carries new ones for us.
"""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from http.client import HTTPMessage
from typing import IO, Any

from hardening.registry.partners import Partner
from hardening.requests.tokens import header

_SECONDS = 10
_MOST_BYTES = 65_536
_SUCCESS = 1000


class ExchangeFailed(Exception):
    """A partner did not take, or did not give, credentials. The message holds no token."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A partner as we call it: its credentials endpoint, our token there, and our own Credentials object.

    `ours` is what was sent at registration, without the token.
    """

    partner: Partner
    url: str
    token: str
    ours: dict[str, Any]

    def __repr__(self) -> str:
        return f"Peer({self.partner.name!r}, ...)"


def exchange(peer: Peer, token: str) -> str:
    """Give the partner `token` to call us with; returns the token that it now wants from us."""
    answer = _call(peer, "PUT", {**peer.ours, "token": token})
    theirs = answer.get("token") if isinstance(answer, dict) else None
    if not isinstance(theirs, str) or not theirs:
        raise ExchangeFailed(f"{peer.partner.name}: the answer carries no token")
    return theirs


def confirm(peer: Peer) -> None:
    """Call the partner with our token; raises ExchangeFailed where it is not taken."""
    _call(peer, "GET", None)


def _call(peer: Peer, method: str, body: dict[str, Any] | None) -> Any:
    name = peer.partner.name
    if not peer.partner.may_call(peer.url):
        raise ExchangeFailed(f"{name}: the credentials URL is not https on a callback host of the registry")
    request = urllib.request.Request(  # noqa: S310  (https only, see above)
        peer.url,
        None if body is None else json.dumps(body).encode(),
        {
            "Authorization": header(peer.token, peer.partner.auth_encoding),
            "Content-Type": "application/json",
            "X-Request-ID": str(uuid.uuid4()),
            "X-Correlation-ID": str(uuid.uuid4()),
        },
        method=method,
    )
    try:
        with _opener().open(request, timeout=_SECONDS) as answer:
            envelope = json.loads(answer.read(_MOST_BYTES))
    except urllib.error.HTTPError as error:
        raise ExchangeFailed(f"{name}: HTTP {error.code}") from None
    except (OSError, ValueError) as error:
        raise ExchangeFailed(f"{name}: {type(error).__name__}") from None
    status = envelope.get("status_code") if isinstance(envelope, dict) else None
    if status != _SUCCESS:
        raise ExchangeFailed(f"{name}: OCPI status {status}")
    return envelope.get("data")


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
    # The egress proxy comes from HTTPS_PROXY.
    return urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _NoRedirects)
