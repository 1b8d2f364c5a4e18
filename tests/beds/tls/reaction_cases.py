"""Servers that react badly to more than ordinary offers, and good ones that must not be taken for them."""

from __future__ import annotations

from tests.beds.tls import reaction_servers as does
from tests.beds.tls.case import Case, Setup, fails
from tests.beds.tls.case_controls import ATTACKS, ORDER, RENEGOTIATION, SUITES, TICKETS, TOLERATED
from tests.beds.tls.pki import rsa_key
from tests.beds.tls.servers import Nginx, OpenSsl, Python, Raw, Server, TlsLite


def reaction_cases(on: Setup) -> list[Case]:
    """Every server with an odd reaction."""
    return [*_hellos(on), *_secrets(on), *_renegotiation(on), *_tickets(on)]


def _hellos(on: Setup) -> list[Case]:
    older = on.other
    return [
        Case(name="large-hello-closed", server=Raw(does.small_buffer(on.good, 1400)), fails=fails(TOLERATED)),
        Case(
            name="large-hello-silent",
            server=Raw(does.silent_on_large(on.good, 1400)),
            fails=fails(TOLERATED),
            slow=True,
        ),
        Case(
            name="large-hello-closed-tls12",
            server=Raw(does.small_buffer(older, 1400)),
            fails=fails(TOLERATED),
        ),
        Case(name="unknown-values", server=Raw(does.knows_all_values(on.good)), fails=fails(TOLERATED)),
        Case(name="unknown-values-tls12", server=Raw(does.knows_all_values(older)), fails=fails(TOLERATED)),
        Case(name="two-versions-tls12", server=Raw(does.one_version(older)), fails=fails(TOLERATED)),
        Case(
            name="asks-again-and-again",
            server=Raw(does.asks_again_and_again(on.good)),
            errors=frozenset({SUITES, "tls-groups-strong", "tls-early-data-off"}),
        ),
    ]


def _secrets(on: Setup) -> list[Case]:
    """Static RSA is weak; whether a server tells of a broken secret's padding is another matter."""
    rsa = on.pki.served("static-rsa", on.pki.leaf(key=rsa_key()))
    beside = on.start(Python(served=rsa, ciphers="ECDHE+AESGCM"))
    return [
        Case(
            name="robot",
            server=Raw(does.tells_of_padding(rsa, beside)),
            fails=fails(SUITES, ATTACKS),
        ),
        Case(
            name="static-rsa-that-tells-nothing",
            server=Raw(does.tells_of_padding(rsa, beside, told=False)),
            fails=fails(SUITES),
        ),
        Case(
            name="static-rsa-of-openssl",
            server=OpenSsl(served=rsa, options=("-cipher", "ECDHE+AESGCM:AES128-GCM-SHA256"), secure=False),
            fails=fails(SUITES, ORDER),
        ),
    ]


def _renegotiation(on: Setup) -> list[Case]:
    older = ("-tls1_2", "-cipher", "ECDHE+AESGCM")
    servers: dict[str, Server] = {
        "client-renegotiation": OpenSsl(
            served=on.pki.good, options=(*older, "-client_renegotiation"), secure=False
        ),
        "client-renegotiation-chacha": OpenSsl(
            served=on.pki.good,
            options=("-tls1_2", "-cipher", "ECDHE+CHACHA20", "-client_renegotiation"),
            secure=False,
        ),
        "client-renegotiation-beside-tls13": OpenSsl(served=on.pki.good, options=("-client_renegotiation",)),
    }
    cases = [Case(name=name, server=server, fails=fails(RENEGOTIATION)) for name, server in servers.items()]
    refusing = OpenSsl(served=on.pki.good, options=(*older, "-no_renegotiation"), secure=False)
    return [*cases, Case(name="good-no-renegotiation", server=refusing)]


def _tickets(on: Setup) -> list[Case]:
    rsa = on.pki.served("tickets", on.pki.leaf(key=rsa_key()))
    settings = {
        "minVersion": (3, 3),
        "use_heartbeat_extension": False,
        "cipherNames": ["aes256gcm", "aes128gcm"],
        "keyExchangeNames": ["ecdhe_rsa"],
        "eccCurves": ["x25519", "secp256r1"],
        "dhGroups": [],
        "rsaSigHashes": ["sha256"],
        "more_sig_schemes": [],
        "ticketKeys": [bytes(32)],
        "ticketCipher": "aes256gcm",
    }
    kept = "ssl_protocols TLSv1.2; ssl_session_timeout 30d; location / { return 401; }"
    return [
        # tlslite-ng holds the limit itself; OpenSSL tells the life of a session in its tickets.
        Case(
            name="good-tickets-of-a-day",
            server=TlsLite(served=rsa, settings=settings | {"ticketLifetime": 86_400}),
        ),
        Case(
            name="tickets-of-thirty-days",
            server=Nginx(served=on.pki.good, directives=kept),
            fails=fails(TICKETS),
        ),
    ]
