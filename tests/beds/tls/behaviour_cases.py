"""Endpoints that misbehave around TLS: plaintext, redirects, floods, silence, other protocols."""

from __future__ import annotations

from dataclasses import replace

from scanners.tls.observations import State
from scanners.tls.profiles import PROFILES
from tests.beds.tls import behaviours as does
from tests.beds.tls.case import ANY, Case, Setup, fails
from tests.beds.tls.case_controls import RESUMED_NAME
from tests.beds.tls.hellos import Flaw, scripted
from tests.beds.tls.pki import NAME, Served
from tests.beds.tls.servers import Handler, Nginx, Python, Raw

PLAIN, TOKEN, ON_TLS = "plaintext-port-closed", "plaintext-token-not-taken", "plaintext-on-tls-port-refused"
REDIRECTS, BOUNDED = "https-redirects-safe", "https-answers-bounded"
NAMES = "tls-foreign-names-learn-nothing"


def behaviour_cases(on: Setup) -> list[Case]:
    """Every endpoint that misbehaves around TLS."""
    return [*_plaintext(on), *_web(on), *_names(on), *_states(on)]


def _plaintext(on: Setup) -> list[Case]:
    good = Python(served=on.pki.good)
    ports = {
        "plaintext-serves": (does.http("200 OK"), fails(PLAIN, TOKEN)),
        "plaintext-asks-for-token": (does.http("401 Unauthorized"), fails(PLAIN, TOKEN)),
        "plaintext-redirects-to-http": (
            does.http("301 Moved", f"Location: http://{NAME}/x"),
            fails(PLAIN, TOKEN),
        ),
        "plaintext-redirects-elsewhere": (
            does.http("301 Moved", "Location: https://evil.example/"),
            fails(PLAIN, TOKEN),
        ),
        "plaintext-redirects-token": (does.http("301 Moved", f"Location: https://{NAME}/"), fails(TOKEN)),
        "plaintext-takes-token": (
            does.http_by_token("308 Redirect", "200 OK", f"Location: https://{NAME}/"),
            fails(TOKEN),
        ),
    }
    cases = [
        Case(name=name, server=good, plain=Raw(handler), fails=failing)
        for name, (handler, failing) in ports.items()
    ]
    both = Raw(does.also_plain(on.good, does.http("200 OK")))
    asking = Raw(does.also_plain(on.good, does.http("401 Unauthorized")))
    leaving = Raw(does.also_plain(on.good, does.http("302 Found", "Location: http://evil.example/")))
    nginx = Nginx(served=on.pki.good, directives="error_page 497 =200 /x; return 401;")
    return [
        *cases,
        Case(name="plaintext-on-tls-port", server=both, fails=fails(ON_TLS)),
        Case(name="plaintext-on-tls-port-401", server=asking, fails=fails(ON_TLS)),
        Case(name="plaintext-on-tls-port-redirect", server=leaving, fails=fails(ON_TLS)),
        Case(name="nginx-plaintext-on-tls-port", server=nginx, fails=fails(ON_TLS)),
    ]


def _web(on: Setup) -> list[Case]:
    def served(handler: Handler) -> Python:
        return Python(served=on.pki.good, answer=handler)

    quoted = 'includeSubDomains ; Max-Age="63072000";'
    hsts = {"profile": PROFILES["mozilla-intermediate"], "plain_port": 0}
    redirects = {
        "redirect-to-http": f"http://{NAME}/x",
        "redirect-to-other-host": "https://evil.example/x",
        "redirect-to-metadata": "http://169.254.169.254/latest/meta-data",
        "redirect-to-private-address": "https://10.0.0.8/",
        "redirect-to-localhost": "https://localhost:8443/",
    }
    cases = [
        Case(
            name=name,
            server=served(does.http("302 Found", f"Location: {location}")),
            fails=fails(REDIRECTS),
        )
        for name, location in redirects.items()
    ]
    return [
        *cases,
        Case(name="endless-body", server=served(does.endless_body), fails=fails(BOUNDED)),
        Case(name="dripping-body", server=served(does.dripping_body), fails=fails(BOUNDED), slow=True),
        Case(
            name="hsts-missing",
            server=served(does.http("200 OK")),
            endpoint=hsts,
            fails=fails("https-hsts-sent", "tls-groups-strong"),
        ),
        *[
            Case(
                name=f"hsts-{name}",
                server=served(does.http("200 OK", f"Strict-Transport-Security: {header}")),
                endpoint=hsts,
                fails=fails("https-hsts-sent", "tls-groups-strong"),
            )
            for name, header in {
                "garbage": "max-age=63072000x; includeSubDomains",
                "twice": "max-age=63072000; max-age=63072000",
                "without-age": "includeSubDomains; preload",
                "without-value": "max-age=; includeSubDomains",
            }.items()
        ],
        Case(name="good-long-body", server=served(does.long_body)),
        Case(
            name="good-hsts-quoted",
            server=served(does.http("200 OK", f"Strict-Transport-Security: {quoted}")),
            endpoint=hsts,
            fails=fails("tls-groups-strong"),
        ),
        Case(
            name="hsts-short",
            server=served(does.http("200 OK", "Strict-Transport-Security: max-age=300")),
            endpoint=hsts,
            fails=fails("https-hsts-sent", "tls-groups-strong"),
        ),
    ]


def _names(on: Setup) -> list[Case]:
    inner = on.pki.served("inner", on.pki.leaf(names=("db-1.prod.internal",)))
    by_name = Python(served=inner, by_name={NAME: on.pki.good})
    newest = replace(by_name, oldest="TLSv1_3")
    subject = on.pki.served("inner-subject", on.pki.leaf(names=(), subject="db-1.prod.internal"))
    address = on.pki.served("inner-address", on.pki.leaf(names=("10.20.30.40",)))
    return [
        Case(
            name="inner-name-in-subject",
            server=replace(by_name, served=subject),
            fails=fails(NAMES, RESUMED_NAME),
        ),
        Case(
            name="inner-address-shown",
            server=replace(by_name, served=address),
            fails=fails(NAMES, RESUMED_NAME),
        ),
        Case(name="inner-names-shown", server=by_name, fails=fails(NAMES, RESUMED_NAME)),
        Case(name="inner-names-shown-encrypted", server=newest, fails=fails(NAMES)),
    ]


def _borrowed(on: Setup) -> Served:
    """A good chain, beside a key that is not the leaf's."""
    other = on.pki.served("borrower", on.pki.leaf())
    return replace(on.pki.good, key=other.key)


def _states(on: Setup) -> list[Case]:
    """Each reason for which an audit sees nothing has its own state, and none passes."""
    found = [
        ("tarpit", does.silent, State.TIMED_OUT, True),
        ("drip", does.dripping, State.TIMED_OUT, True),
        ("endless-handshake", does.endless_handshake, State.HANDSHAKE_FAILED, False),
        ("endless-message", does.endless_message, State.HANDSHAKE_FAILED, False),
        ("closes", does.closing, State.HANDSHAKE_FAILED, False),
        ("resets", does.resetting, State.HANDSHAKE_FAILED, False),
        ("alerts", does.alerting, State.HANDSHAKE_FAILED, False),
        ("garbage", does.garbage, State.NOT_TLS, False),
        ("ssh", does.ssh, State.NOT_TLS, False),
        ("smtp", does.smtp, State.NOT_TLS, False),
    ]
    cases = [
        Case(name=name, server=Raw(handler), state=state, errors=ANY, slow=slow)
        for name, handler, state, slow in found
    ]
    return [
        *cases,
        Case(
            name="plain-http",
            server=Raw(does.http("200 OK")),
            state=State.NOT_TLS,
            errors=ANY,
            fails=fails(ON_TLS),
        ),
        Case(
            name="borrowed-certificate",
            server=Raw(scripted(Flaw(), _borrowed(on), None)),
            state=State.HANDSHAKE_FAILED,
            errors=ANY,
        ),
        Case(
            name="rate-limited",
            server=Raw(does.rate_limited(on.good, 3)),
            state=State.INCONSISTENT,
            errors=ANY,
        ),
        Case(
            name="replaced-meanwhile",
            server=Raw(does.alternating(on.good, on.other, after=20)),
            state=State.INCONSISTENT,
            errors=ANY,
            fails=fails("tls-addresses-agree"),
        ),
    ]
