"""Servers that resume sessions otherwise than they were made, and good ones that resume them well."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from typing import Any

from tests.beds.tls.behaviours import http
from tests.beds.tls.case import Case, Setup, fails
from tests.beds.tls.case_controls import RENEGOTIATION, RESUMED_NAME, RESUMPTION, SUITES
from tests.beds.tls.client_cases import REQUIRED
from tests.beds.tls.client_files import client_file
from tests.beds.tls.hellos import ClientHello, parse, relay
from tests.beds.tls.pki import NAME, rsa_key
from tests.beds.tls.servers import Handler, Nginx, OpenSsl, Python, Raw, Server

_SERVED, _AWAY = http("401 Unauthorized"), http("403 Forbidden")
_CHANGE = b"\x14\x03\x03\x00\x01\x01"


def resumption_cases(on: Setup) -> list[Case]:
    """Every server with a way of its own to resume sessions."""
    return [*_weaker(on), *_abroad(on), *_past_the_certificate(on), *_renegotiating(on), *_good(on)]


def _weaker(on: Setup) -> list[Case]:
    older = ("-tls1_3", "-allow_no_dhe_kex")
    servers: dict[str, Server] = {
        "in-tls11": Raw(_resuming(on.other, 0x0302, 0xC009)),
        "in-tls10": Raw(_resuming(on.other, 0x0301, 0xC009)),
        "with-static-rsa": Raw(_resuming(on.other, 0x0303, 0x002F)),
        "without-a-key-exchange": OpenSsl(served=on.pki.good, options=("-allow_no_dhe_kex",)),
        "without-a-key-exchange-tls13": OpenSsl(served=on.pki.good, options=older),
    }
    return [
        Case(name=f"resumed-{name}", server=one, fails=fails(RESUMPTION)) for name, one in servers.items()
    ]


def _abroad(on: Setup) -> list[Case]:
    """OpenSSL keeps the sessions of all names in one place, whatever certificate each of them has."""
    other = on.pki.served("abroad", on.pki.leaf(subject="www.example.com", names=("www.example.com",)))
    both = Python(served=other, by_name={NAME: on.pki.good}, ciphers="ECDHE+AESGCM")
    return [
        Case(name="resumed-abroad", server=both, fails=fails(RESUMED_NAME)),
        Case(name="resumed-abroad-tls12", server=replace(both, newest="TLSv1_2"), fails=fails(RESUMED_NAME)),
        # RFC 8446, 4.2.11: the ticket of TLS 1.3 need not be bound to the name.
        Case(name="good-resumed-abroad-tls13", server=replace(both, oldest="TLSv1_3")),
    ]


def _past_the_certificate(on: Setup) -> list[Case]:
    """Whoever resumes a session is taken for one whose certificate was seen when it was made."""
    ca, served = on.pki.ca_file, on.pki.good
    agreed: dict[str, Any] = {
        "client_certificate": True,
        "client_file": client_file(on.pki, "resumed", on.pki.root),
    }
    careless = Python(served=served, client_ca=ca, answer=_careless)
    careful = Python(served=served, client_ca=ca, answer=_careful)
    cases = [
        Case(name="client-certificate-skipped-when-resumed", server=careless, fails=fails(REQUIRED)),
        Case(
            name="client-certificate-skipped-when-resumed-tls12",
            server=replace(careless, newest="TLSv1_2"),
            fails=fails(REQUIRED),
        ),
        Case(
            name="client-certificate-skipped-when-resumed-tls13",
            server=replace(careless, oldest="TLSv1_3"),
            fails=fails(REQUIRED),
        ),
        Case(name="good-client-certificate-when-resumed", server=careful),
        Case(name="good-client-certificate-when-resumed-tls12", server=replace(careful, newest="TLSv1_2")),
    ]
    return [replace(case, endpoint=agreed) for case in cases]


def _renegotiating(on: Setup) -> list[Case]:
    """Clients that renegotiate in suites of all kinds."""
    rsa = on.pki.served("renegotiating", on.pki.leaf(key=rsa_key()))
    suites = {
        "cbc": ("ECDHE-RSA-AES128-SHA", "-curves", "P-256"),
        "cbc-sha384": ("ECDHE-RSA-AES256-SHA384",),
        "static-rsa": ("AES256-GCM-SHA384",),
        "static-rsa-cbc": ("AES128-SHA256",),
        "dhe": ("DHE-RSA-AES128-GCM-SHA256",),
        "dhe-ccm8": ("DHE-RSA-AES256-CCM8",),
        "camellia": ("ECDHE-RSA-CAMELLIA128-SHA256",),
    }
    return [
        Case(
            name=f"client-renegotiation-{kind}",
            server=OpenSsl(
                served=rsa,
                options=("-tls1_2", "-client_renegotiation", "-cipher", *options),
                secure=False,
            ),
            fails=fails(RENEGOTIATION, SUITES),
        )
        for kind, options in suites.items()
    ]


def _good(on: Setup) -> list[Case]:
    answer = "location / { return 401; }"
    by_id = f"ssl_session_tickets off; ssl_session_cache shared:by_id:1m; {answer}"
    servers: dict[str, Server] = {
        "no-tickets": OpenSsl(served=on.pki.good, options=("-no_ticket",)),
        "no-tickets-tls12": OpenSsl(served=on.pki.good, options=("-no_ticket", "-tls1_2")),
        "by-id": Nginx(served=on.pki.good, directives=by_id),
        "by-id-tls12": Nginx(served=on.pki.good, directives=f"ssl_protocols TLSv1.2; {by_id}"),
        "nothing-to-resume": Nginx(
            served=on.pki.good, directives=f"ssl_session_tickets off; ssl_session_cache off; {answer}"
        ),
        "retry": OpenSsl(served=on.pki.good, options=("-curves", "P-384")),
    }
    return [Case(name=f"good-resumption-{name}", server=server) for name, server in servers.items()]


def _resuming(upstream: int, version: int, suite: int) -> Handler:
    """Passes all on, but resumes in `version` with `suite` if the hello names a session and allows it."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(8192)
        hello = parse(first[5:]) if first[:1] == b"\x16" else None
        if hello and _allows(hello, version, suite):
            name = first[44 : 44 + first[43]]
            body = version.to_bytes(2, "big") + bytes(32) + bytes([len(name)]) + name
            body += suite.to_bytes(2, "big") + b"\x00"
            message = b"\x02" + len(body).to_bytes(3, "big") + body
            writer.write(b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message + _CHANGE)
            await writer.drain()
            await reader.read()
            return
        await relay(reader, writer, upstream, first)

    return handle


def _allows(hello: ClientHello, version: int, suite: int) -> bool:
    fits = (hello.version < 0x0303) == (version < 0x0303) and suite in hello.suites
    return bool(hello.found.get(35)) and fits


async def _careless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    tls = writer.get_extra_info("ssl_object")
    assert isinstance(tls, ssl.SSLObject)
    known = bool(tls.getpeercert()) or tls.session_reused
    await (_SERVED if known else _AWAY)(reader, writer)


async def _careful(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    tls = writer.get_extra_info("ssl_object")
    assert isinstance(tls, ssl.SSLObject)
    await (_SERVED if tls.getpeercert() else _AWAY)(reader, writer)
