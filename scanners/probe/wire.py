"""Send sample requests to a live gateway, unchanged but for live tokens in place of the samples'."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardening import redact
from hardening.errors import CollectError
from hardening.requests import tokens
from hardening.requests.request import Request
from hardening.requests.samples import CURRENT, PARTNERS, STRANGER, TOKEN_KINDS, sample_token
from scanners.probe.records import Exchange, Got, Sent
from scanners.target import Target

# How long each step of a call may take.
PATIENCE_SECONDS = 10.0
_MOST_BYTES = 4 * 1024 * 1024
# Another address of this machine: on loopback all of 127.0.0.0/8 is ours to call from (Linux).
_OTHER_LOOPBACK = "127.0.0.2"


@dataclass(frozen=True, slots=True)
class Gateway:
    """A live gateway, how to verify it, and the tokens to call it with (`partner` or `partner:kind`)."""

    host: str
    port: int
    server_name: str
    trust: ssl.SSLContext
    tokens: Mapping[str, str]
    patience: float

    def __repr__(self) -> str:
        return f"Gateway({self.host}:{self.port})"


def open_gateway(target: Target, patience: float = PATIENCE_SECONDS) -> Gateway:
    """The gateway of a target; `patience` in seconds.

    Raises CollectError when the target does not say enough to call it.
    """
    host, colon, port = target.gateway.rpartition(":")
    if not colon or not port.isdecimal():
        raise CollectError(
            "the target names no gateway", "expected `gateway` as host:port in the target file"
        )
    try:
        trust = ssl.create_default_context(cafile=target.ca_file or None)
        known = json.loads(Path(target.tokens_file).read_text(encoding="utf-8"))
    except OSError as error:
        hint = "`rampart lab up` writes both; see docs/guard.md for a target of your own"
        raise CollectError(f"{error.filename or target.ca_file}: {error.strerror}", hint) from None
    except ValueError:
        raise CollectError(f"{target.tokens_file}: expected a JSON object of tokens") from None
    if not isinstance(known, dict) or not all(isinstance(token, str) for token in known.values()):
        raise CollectError(f"{target.tokens_file}: expected a JSON object: partner name to token")
    return Gateway(host, int(port), target.server_name or host, trust, known, patience)


def send(gateway: Gateway, name: str, request: Request) -> Exchange:
    """Send `request` and take the answer.

    Raises CollectError where it cannot be sent as it stands (no such token, no such source), or where no
    answer came. A plaintext call that is not answered is an answer: status 0.
    """
    headers = _live(gateway, request)
    over_tls = request.headers.get("x-forwarded-proto") != "http"
    try:
        got = ask(gateway, request, headers, over_tls=over_tls)
    except (OSError, http.client.HTTPException) as error:
        if over_tls:
            reason = f"{gateway.host}:{gateway.port} does not answer ({type(error).__name__})"
            raise CollectError(reason) from None
        got = Got(0)
    partner = request.credentials.partner if request.credentials else None
    sent = Sent(
        method=request.method,
        path=redact.path(request.path),
        query=redact.query(request.query),
        headers=redact.headers(headers),
        body_bytes=len(request.body),
        over_tls=over_tls,
    )
    modules = tuple(partner.modules) if partner else ()
    return Exchange(name, partner.name if partner else "", sent, got, modules)


def _live(gateway: Gateway, request: Request) -> dict[str, str]:
    """The sample's headers with the live token in the place of the sample's, in whatever spelling."""
    # The guard writes these itself; a peer that sends them must not matter.
    headers = {name: value for name, value in request.headers.items() if name != "host"}
    authorization = headers.get("authorization", "")
    for partner in PARTNERS:
        for kind in TOKEN_KINDS:
            sample = sample_token(partner, kind)
            spellings = (tokens.encoded(sample), sample)
            if not any(spelling in authorization for spelling in spellings):
                continue
            key = partner.name if kind == CURRENT else f"{partner.name}:{kind}"
            live = gateway.tokens.get(key)
            if live is None:
                raise CollectError(f"the tokens file has no token {key!r}", "see docs/guard.md, the probe")
            for old, new in zip(spellings, (tokens.encoded(live), live), strict=True):
                authorization = authorization.replace(old, new)
    return {**headers, "authorization": authorization} if authorization else headers


def ask(gateway: Gateway, request: Request, headers: Mapping[str, str], *, over_tls: bool = True) -> Got:
    """Send one call with `headers` as they stand, and take the answer. Raises OSError or HTTPException.

    A call that is not over within three times the gateway's patience is cut off.
    """
    source = _source(gateway, request)
    with contextlib.ExitStack() as stack:
        raw = socket.create_connection((gateway.host, gateway.port), gateway.patience, source)
        stack.callback(raw.close)
        # Or the kernel holds back the second packet of each call until the first is acknowledged.
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = http.client.HTTPConnection(gateway.host, gateway.port, timeout=gateway.patience)
        connection.sock = (
            gateway.trust.wrap_socket(raw, server_hostname=gateway.server_name) if over_tls else raw
        )
        stack.callback(connection.close)
        # Each read has the patience; a peer that sends a byte at a time would use it again and again.
        cut = threading.Timer(3 * gateway.patience, connection.sock.shutdown, (socket.SHUT_RDWR,))
        cut.daemon = True
        cut.start()
        stack.callback(cut.cancel)
        _send(connection, gateway, request, headers)
        answer = connection.getresponse()
        body = answer.read(_MOST_BYTES)
        return Got(answer.status, _joined(answer.getheaders()), parsed(body), body.decode(errors="replace"))


def _send(
    connection: http.client.HTTPConnection, gateway: Gateway, request: Request, headers: Mapping[str, str]
) -> None:
    target = f"{request.path}?{request.query}" if request.query else request.path
    # http.client sends the path as it stands: dot segments and double slashes must survive.
    connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
    if "host" not in headers:
        connection.putheader("host", gateway.server_name)
    for name, value in headers.items():
        # A header that was sent twice is joined with a comma in a Request.
        for one in value.split(",") if name == "authorization" else (value,):
            connection.putheader(name, one)
    if request.body or request.method in ("POST", "PUT", "PATCH"):
        connection.putheader("content-length", str(len(request.body)))
    # A gateway may answer, and close, before it has read a body that is too large.
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        connection.endheaders(request.body or None)


def _source(gateway: Gateway, request: Request) -> tuple[str, int] | None:
    """The address to call from: this machine's own, unless the sample calls as a stranger."""
    if request.source != STRANGER:
        return None
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(gateway.host).is_loopback:
            return (_OTHER_LOOPBACK, 0)
    raise CollectError(
        "a call from a foreign network cannot be sent from this machine",
        "run `rampart audit probe --only source-on-allow-list` from a network that is not on the list",
    )


def _joined(headers: list[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        joined[key] = f"{joined[key]}, {value}" if key in joined else value
    return redact.headers(joined)


def parsed(body: bytes) -> Any:
    """The JSON of a body; None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
