"""Controls of the transport and network layers that each call is asked about: from where, to where."""

from __future__ import annotations

from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="no-plaintext-call",
        layer=Layer.TRANSPORT,
        severity=Severity.CRITICAL,
        promise="A call that did not arrive over TLS is refused, and not redirected.",
        citation="OCPI 2.2.1, 4.1.2 (HTTPS); RFC 9325, 3.2",
        infra=("Services",),
        frameworks=(
            *("iso27001:A.8.24", "nist-csf:PR.DS-02", "soc2:CC6.7", "nis2:21.2.h"),
            *("pci:4.2.1", "gdpr:32.1.a", "owasp-api:API8"),
        ),
    ),
    Control(
        id="source-on-allow-list",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise="A partner's token works from the partner's networks only.",
        citation="OCPI security layers, 4 (network and perimeter); AWS WAF, IP sets",
        infra=("Authorizer", "Services"),
        frameworks=(
            *("iso27001:A.8.20", "iso27001:A.8.22", "nist-csf:PR.IR-01", "soc2:CC6.6"),
            *("nis2:21.2.e", "pci:1.3.1", "owasp-api:API8"),
        ),
    ),
    Control(
        id="callback-host-on-allow-list",
        layer=Layer.NETWORK,
        severity=Severity.CRITICAL,
        promise="A response_url is https and on a callback host of the partner that gave it.",
        citation="OCPI 2.2.1, 13.2 and 14.2 (response_url); OWASP API7:2023",
        infra=("Services",),
        frameworks=("iso27001:A.8.23", "nist-csf:PR.IR-01", "soc2:CC6.6", "pci:1.3.2", "owasp-api:API7"),
    ),
    Control(
        id="credentials-url-on-allow-list",
        layer=Layer.NETWORK,
        severity=Severity.CRITICAL,
        promise="The versions URL that a partner registers is https and on one of its callback hosts.",
        citation="OCPI 2.2.1, 7.3 (credentials.url); OWASP API7:2023",
        infra=("Services",),
        frameworks=("iso27001:A.8.23", "nist-csf:PR.IR-01", "soc2:CC6.6", "pci:1.3.2", "owasp-api:API7"),
    ),
)
