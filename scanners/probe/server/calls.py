"""One call after the other to somebody's server: to agreed hosts only, slowly, and not for ever."""

from __future__ import annotations

import http.client
import ssl
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from hardening import redact
from hardening.errors import CollectError
from hardening.registry.callback_host import CallbackHost
from hardening.requests import tokens
from hardening.requests.request import Request
from scanners.probe.records import Exchange, Got, Sent
from scanners.probe.wire import Gateway, ask, parsed

_TOO_MANY: Final = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server to probe: what was agreed about it, and how gently to call it.

    `url` is its versions endpoint, `hosts` all that may be called, `encoding` that of the token (empty: find
    out). `parties` are the server's as `NL*ABC`, `modules` those to look at, `interfaces` its own side in
    them. `rate` is calls a second, `most` and `deadline` are calls and seconds in all,
    `patience` seconds for each read; `address` is connected to in place of resolving.
    """

    url: str
    hosts: tuple[CallbackHost, ...]
    token: str = field(repr=False)
    trust: ssl.SSLContext
    encoding: str = ""
    version: str = ""
    interfaces: tuple[str, ...] = ("SENDER", "RECEIVER")
    parties: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    full: bool = False
    rate: float = 5.0
    most: int = 200
    deadline: float = 900.0
    patience: float = 10.0
    address: str = ""


class Caller:
    """Calls a server. It keeps no token, but remembers which answers repeated ours."""

    def __init__(self, server: Server) -> None:
        """`server` is not called yet."""
        self.server = server
        self.encoding = server.encoding or "base64"
        self.token_repeated: list[str] = []
        self._made = 0
        self._next = 0.0
        self._end = time.monotonic() + server.deadline

    def may_call(self, url: object) -> bool:
        """Whether `url` is https on a host that was agreed."""
        return CallbackHost.of_url(url) in self.server.hosts

    @property
    def authorization(self) -> str:
        """The one right Authorization header."""
        return tokens.header(self.server.token, self.encoding)

    def get(self, name: str, url: str, query: str = "", **headers: str) -> Exchange:
        """GET with the right token; `headers` (`_` is a hyphen) are added. See `call`."""
        return self.call(name, "GET", url, query, authorization=self.authorization, headers=headers)

    def call(
        self,
        name: str,
        method: str,
        url: str,
        query: str = "",
        *,
        authorization: str = "",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Exchange:
        """Make one call. A connection that closes without an answer gives status 0.

        Raises CollectError for a host that was not agreed, more calls than agreed, and HTTP 429.
        """
        host = CallbackHost.of_url(url)
        if host is None or host not in self.server.hosts:
            raise CollectError(
                f"{name}: {url[:100]!r} is not https on an agreed host", "`--host` names further hosts"
            )
        self._wait(name)
        parts = urlsplit(url)
        request = Request(
            method=method,
            path=parts.path or "/",
            query="&".join(text for text in (parts.query, query) if text),
            body=body,
            received=datetime.now(UTC),
        )
        sent = _headers(host, authorization, headers or {}, body)
        exchange = self._exchange(name, host, request, sent)
        if exchange.got.status == _TOO_MANY:
            raise CollectError(f"{name}: the server answers 429: too many calls", "a lower `--rate`")
        return exchange

    def _exchange(self, name: str, host: CallbackHost, request: Request, sent: dict[str, str]) -> Exchange:
        gateway = Gateway(
            self.server.address or host.host,
            host.port,
            host.host,
            self.server.trust,
            {},
            self.server.patience,
        )
        try:
            got = ask(gateway, request, sent)
        except ssl.SSLCertVerificationError as error:
            raise CollectError(f"{host}: {error.verify_message}", "`--ca` names the CAs that count") from None
        except (OSError, http.client.HTTPException):
            got = Got(0)
        kept = Sent(
            request.method,
            redact.path(request.path),
            redact.query(request.query),
            redact.headers(sent),
            len(request.body),
        )
        exchange = Exchange(name, "", kept, self._without_token(got))
        if exchange.got != got:
            self.token_repeated.append(exchange.where)
        return exchange

    def _wait(self, name: str) -> None:
        if self._made >= self.server.most:
            raise CollectError(f"{name}: {self._made} calls were made already", "`--most` allows more")
        if time.monotonic() > self._end:
            raise CollectError(f"{name}: not done within {self.server.deadline:.0f} s", "is the server slow?")
        self._made += 1
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = time.monotonic() + 1 / self.server.rate

    def _without_token(self, got: Got) -> Got:
        """The answer without the token of the call, whoever sent it back."""
        token = self.server.token
        plain = (tokens.encoded(token), token)
        # Some write JSON with every slash escaped.
        found = (*plain, *(form.replace("/", "\\/") for form in plain))
        if not any(form in text for form in found for text in (got.text, *got.headers.values())):
            return got
        text, headers = got.text, dict(got.headers)
        for form in found:
            text = text.replace(form, redact.HIDDEN)
            headers = {name: value.replace(form, redact.HIDDEN) for name, value in headers.items()}
        return Got(got.status, headers, parsed(text.encode()), text)


def without_token(exchange: Exchange) -> Exchange:
    """The answer of the credentials module, which may hold a token, without it."""
    body = exchange.got.body
    if isinstance(body, dict) and isinstance(body.get("data"), dict) and "token" in body["data"]:
        body = {**body, "data": {**body["data"], "token": redact.HIDDEN}}
    return replace(exchange, got=replace(exchange.got, body=body, text=""))


def _headers(host: CallbackHost, authorization: str, more: Mapping[str, str], body: bytes) -> dict[str, str]:
    headers = {
        "host": str(host),
        "accept": "application/json",
        "x-request-id": str(uuid.uuid4()),
        "x-correlation-id": str(uuid.uuid4()),
    }
    if authorization:
        headers["authorization"] = authorization
    if body:
        headers["content-type"] = "application/json"
    return {**headers, **{name.replace("_", "-"): value for name, value in more.items()}}
