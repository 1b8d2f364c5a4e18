"""Controls of the transport layer over the certificates that an endpoint shows."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="certificate-chain-trusted",
        layer=Layer.TRANSPORT,
        severity=Severity.CRITICAL,
        promise="Clients can follow the chain to a CA on the list that counts for this endpoint.",
        citation="RFC 5280, 6; OCPI 2.2.1, 4.1.2",
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-well-formed",
        layer=Layer.TRANSPORT,
        severity=Severity.LOW,
        promise="Certificates have the extensions and names of RFC 5280, in the form that it requires.",
        citation="RFC 5280, 4.1.2 and 4.2.1",
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-names-host",
        layer=Layer.TRANSPORT,
        severity=Severity.CRITICAL,
        promise="The certificate is for this host.",
        citation="RFC 9525, 6",
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-in-date",
        layer=Layer.TRANSPORT,
        severity=Severity.CRITICAL,
        promise="Every certificate sent is in date.",
        citation="RFC 5280, 4.1.2.5",
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-renewed-in-time",
        layer=Layer.TRANSPORT,
        severity=Severity.MEDIUM,
        promise="Certificates are renewed well before they end.",
        citation="RFC 9325, 7.5; PCI DSS 4.0.1, 4.2.1.1",
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-keys-strong",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise="Certificate keys are large enough.",
        citation="RFC 9325, 4.5; NIST SP 800-57 part 1; FIPS 186-5, 5.4",
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-signatures-strong",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise="Certificates are signed with SHA-2 or better.",
        citation="RFC 9155; RFC 8446, 4.4.2.2",
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-for-servers",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise="The certificate is a server's: no CA, with the usages that a TLS server needs.",
        citation="RFC 5280, 4.2.1.3, 4.2.1.9 and 4.2.1.12",
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-chain-tidy",
        layer=Layer.TRANSPORT,
        severity=Severity.LOW,
        promise="The chain is sent in order, complete, and without more than it needs.",
        citation="RFC 5246, 7.4.2; RFC 8446, 4.4.2; RFC 6928, 2",
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-life-short",
        layer=Layer.TRANSPORT,
        severity=Severity.LOW,
        promise=(
            "Certificates live no longer than the profile, and for public ones the CA/Browser Forum, allow."
        ),
        citation="CA/Browser Forum Baseline Requirements, 6.3.2",
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-wildcard-narrow",
        layer=Layer.TRANSPORT,
        severity=Severity.LOW,
        promise="A wildcard covers one organisation's names, not a whole domain of a registry.",
        citation="RFC 9525, 6.3; CA/Browser Forum Baseline Requirements, 3.2.2.6",
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-pinned",
        layer=Layer.TRANSPORT,
        severity=Severity.CRITICAL,
        promise="Where keys are pinned, one of them is in the chain.",
        citation="RFC 7469, 2.6",
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-logged",
        layer=Layer.TRANSPORT,
        severity=Severity.LOW,
        promise="A public certificate carries proof that it was logged (Certificate Transparency).",
        citation="RFC 6962, 3.3",
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="ocsp-staple-fresh",
        layer=Layer.TRANSPORT,
        severity=Severity.HIGH,
        promise="A stapled OCSP response is good and in date; a must-staple certificate has one.",
        citation="RFC 6066, 8; RFC 7633",
        frameworks=frameworks.CERTIFICATES,
    ),
    Control(
        id="certificate-not-revoked",
        layer=Layer.TRANSPORT,
        severity=Severity.CRITICAL,
        promise="Where we may ask, OCSP or CRL of its issuer says that no certificate sent is revoked.",
        citation="RFC 5280, 6.3; RFC 6960",
        frameworks=frameworks.CERTIFICATES,
    ),
)
