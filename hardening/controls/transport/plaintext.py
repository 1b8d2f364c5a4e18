"""Controls of the transport layer over plaintext beside TLS, and over what HTTPS answers say."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="plaintext-on-tls-port-refused",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise="The TLS port serves nothing in plaintext.",
        citation="OCPI 2.2.1, 4.1.2 (HTTPS)",
        frameworks=frameworks.ENCRYPTED_TRANSPORT,
    ),
    Control(
        id="plaintext-port-closed",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise="Nothing is served in plaintext; at most a redirect to https on the same host.",
        citation="OCPI 2.2.1, 4.1.2 (HTTPS)",
        frameworks=frameworks.ENCRYPTED_TRANSPORT,
    ),
    Control(
        id="plaintext-token-not-taken",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise="A request with a credentials token over plaintext is turned away.",
        citation="OCPI 2.2.1, 4.1.2 and 4.1.1; RFC 9325, 3.2",
        frameworks=frameworks.ENCRYPTED_TRANSPORT,
    ),
    Control(
        id="https-redirects-safe",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise="Redirects stay on https and on the same host, never to an internal address.",
        citation="OWASP API Security 2023, API7; RFC 9110, 15.4",
        frameworks=frameworks.ENCRYPTED_TRANSPORT,
    ),
    Control(
        id="https-answers-bounded",
        layer=Layer.TRANSPORT,
        severity=Severity.LOW,
        promise="HTTPS answers end, and end in time.",
        citation="OWASP API Security 2023, API10 (unsafe consumption)",
        frameworks=frameworks.ENCRYPTED_TRANSPORT,
    ),
    Control(
        id="https-hsts-sent",
        layer=Layer.TRANSPORT,
        severity=Severity.LOW,
        promise="HSTS is sent, for long enough.",
        citation="RFC 6797, 6.1; RFC 9325, 3.2",
        frameworks=frameworks.ENCRYPTED_TRANSPORT,
    ),
)
