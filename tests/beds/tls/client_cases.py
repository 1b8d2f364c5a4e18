"""Servers that ask for a client certificate: right ones of each stack, and those that take anybody's."""

from __future__ import annotations

from typing import Any

from tests.beds.tls.case import Case, Setup, fails
from tests.beds.tls.client_files import client_file
from tests.beds.tls.good_cases import GATEWAY
from tests.beds.tls.servers import Envoy, Nginx, OpenSsl, Python, Server

REQUIRED, TAKEN = "tls-client-certificate-required", "tls-client-certificate-taken"
# What only a client that is let in can see.
UNSEEN = frozenset({"https-redirects-safe", "tls-early-data-off"})


def client_cases(on: Setup) -> list[Case]:
    """Every server that asks for a client certificate."""
    return [*_good(on), *_lax(on), *_without_ours(on)]


def _agreed(file: str = "") -> dict[str, Any]:
    return {"client_certificate": True, "client_file": file}


def _good(on: Setup) -> list[Case]:
    """Nobody but ours is served: by an alert, or in HTTP, in TLS 1.2 and 1.3."""
    ca, served = on.pki.ca_file, on.pki.good
    openssl = ("-Verify", "2", "-verify_return_error", "-CAfile", ca)
    older = ("-cipher", "ECDHE+AESGCM", "-tls1_2")
    on_in_http = f"ssl_client_certificate {ca}; ssl_verify_client on; location / {{ return 401; }}"
    servers: dict[str, Server] = {
        "openssl": OpenSsl(served=served, options=openssl),
        "openssl-tls12": OpenSsl(served=served, options=(*openssl, *older), secure=False),
        "python": Python(served=served, client_ca=ca, client_required=True),
        "python-tls12": Python(served=served, client_ca=ca, client_required=True, newest="TLSv1_2"),
        "python-tls13": Python(served=served, client_ca=ca, client_required=True, oldest="TLSv1_3"),
        "nginx": Nginx(served=served, directives=on_in_http),
        "nginx-tls12": Nginx(served=served, directives=f"ssl_protocols TLSv1.2; {on_in_http}"),
        "envoy": Envoy(served=served, parameters=GATEWAY, client_ca=ca),
    }
    ours = client_file(on.pki, "ours", on.pki.root)
    return [
        Case(name=f"good-client-certificate-{name}", server=server, endpoint=_agreed(ours))
        for name, server in servers.items()
    ]


def _lax(on: Setup) -> list[Case]:
    """Somebody else is served too, or ours is not."""
    ca, served = on.pki.ca_file, on.pki.good
    ours, strange = (
        client_file(on.pki, "let-in", on.pki.root),
        client_file(on.pki, "strange", on.pki.stranger),
    )
    optional = f"ssl_client_certificate {ca}; ssl_verify_client optional; location / {{ return 401; }}"
    anybody = "ssl_verify_client optional_no_ca; location / { return 401; }"
    servers: dict[str, Server] = {
        "optional-python": Python(served=served, client_ca=ca),
        "optional-openssl": OpenSsl(served=served, options=("-verify", "2", "-CAfile", ca)),
        "optional-nginx": Nginx(served=served, directives=optional),
        "optional-no-ca-nginx": Nginx(served=served, directives=anybody),
        "of-anybody-openssl": OpenSsl(served=served, options=("-Verify", "2", "-CAfile", ca)),
        "not-asked-for": Python(served=served),
    }
    cases = [
        Case(name=f"client-certificate-{name}", server=server, endpoint=_agreed(ours), fails=fails(REQUIRED))
        for name, server in servers.items()
    ]
    openssl = OpenSsl(served=served, options=("-Verify", "2", "-verify_return_error", "-CAfile", ca))
    refusing: dict[str, Server] = {
        "openssl": openssl,
        "envoy": Envoy(served=served, parameters=GATEWAY, client_ca=ca),
    }
    cases += [
        Case(
            name=f"client-certificate-ours-refused-{name}",
            server=server,
            endpoint=_agreed(strange),
            fails=fails(TAKEN),
            errors=UNSEEN,
        )
        for name, server in refusing.items()
    ]
    # Python's server closes without an alert: to everybody, here, so nobody can tell why.
    closing = Case(
        name="client-certificate-everybody-closed",
        server=Python(served=served, client_ca=ca, client_required=True),
        endpoint=_agreed(strange),
        errors=UNSEEN - {"tls-early-data-off"} | {REQUIRED, TAKEN, "https-answers-bounded"},
    )
    return [*cases, closing]


def _without_ours(on: Setup) -> list[Case]:
    """Without a certificate of ours, what only a client that is let in can see stays open."""
    ca, served = on.pki.ca_file, on.pki.good
    in_http = f"ssl_client_certificate {ca}; ssl_verify_client on; location / {{ return 401; }}"
    openssl = OpenSsl(served=served, options=("-Verify", "2", "-verify_return_error", "-CAfile", ca))
    return [
        Case(name="client-certificate-none-of-ours", server=openssl, endpoint=_agreed(), errors=UNSEEN),
        Case(
            name="client-certificate-in-http-none-of-ours",
            server=Nginx(served=served, directives=in_http),
            endpoint=_agreed(),
            errors=frozenset({REQUIRED}),
        ),
        Case(
            name="client-certificate-of-ours-missing",
            server=openssl,
            endpoint=_agreed() | {"client_missing": "acme-2026"},
            errors=UNSEEN | {TAKEN},
        ),
    ]
