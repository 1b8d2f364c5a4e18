"""How a case's server is described: one record a kind, with what the kind needs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.beds.tls.pki import Served

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """Python's ssl (OpenSSL) in our own process. `answer` handles the decrypted stream, `second` has a key of
    another kind.
    """

    served: Served
    ciphers: str = "ECDHE+AESGCM:ECDHE+CHACHA20"
    oldest: str = "TLSv1_2"
    newest: str = "TLSv1_3"
    client_ca: str = ""
    client_required: bool = False
    answer: Handler | None = None
    by_name: Mapping[str, Served] = field(default_factory=dict)
    strict_names: bool = False
    second: Served | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSsl:
    """`openssl s_server`, a process of its own."""

    served: Served
    options: tuple[str, ...] = ()
    secure: bool = True  # adds suites and curves that pass, unless the case sets its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Nginx:
    """One server block of the bed's nginx. `directives` come after the certificate's."""

    served: Served
    directives: str = ""
    listen: str = "ssl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envoy:
    """One listener of the bed's Envoy: its `tls_params`, and the CA of the client certificates wanted."""

    served: Served
    parameters: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    client_ca: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsLite:
    """tlslite-ng in a thread. `settings` are attributes of its `HandshakeSettings`."""

    served: Served
    settings: Mapping[str, Any] = field(default_factory=dict)
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Raw:
    """A handler on the bare socket."""

    handler: Handler


Server = Python | OpenSsl | Nginx | Envoy | TlsLite | Raw
