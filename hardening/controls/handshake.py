"""Controls of the transport layer that a handshake with an endpoint shows, ours or a partner's."""

from __future__ import annotations

from hardening.controls.control import Control, Layer, Severity

_ENCRYPTION = (
    *("iso27001:A.8.24", "nist-csf:PR.DS-02", "soc2:CC6.7", "nis2:21.2.h"),
    *("pci:4.2.1", "gdpr:32.1.a", "owasp-api:API8"),
)
_CERTIFICATE = (*_ENCRYPTION, "pci:4.2.1.1")
_OCPI = "OCPI 2.2.1, 4.1.2 (HTTPS)"


def _promise(
    slug: str, severity: Severity, promise: str, citation: str, infra: tuple[str, ...] = ()
) -> Control:
    frameworks = _CERTIFICATE if slug.startswith(("certificate", "ocsp")) else _ENCRYPTION
    return Control(
        id=slug,
        layer=Layer.TRANSPORT,
        severity=severity,
        promise=promise,
        citation=citation,
        infra=infra,
        frameworks=frameworks,
    )


CONTROLS: tuple[Control, ...] = (
    _promise(
        "tls-endpoint-answers",
        Severity.HIGH,
        "Every endpoint that we rely on completes a TLS handshake, in time and each time alike.",
        _OCPI,
    ),
    _promise(
        "tls-addresses-agree",
        Severity.MEDIUM,
        "All addresses of a name answer with the same TLS policy and certificate.",
        "RFC 9325, 3.1 (a peer is as strong as its weakest back end)",
    ),
    _promise(
        "tls-old-versions-refused",
        Severity.HIGH,
        "SSLv2, SSLv3, TLS 1.0 and TLS 1.1, and whatever else the profile forbids, are refused.",
        "RFC 8996; RFC 9325, 3.1.1",
        ("ApiDomain",),
    ),
    _promise(
        "tls-required-versions-offered",
        Severity.MEDIUM,
        "The TLS versions that the profile requires are offered.",
        "RFC 9325, 3.1.1; OCPI 2.2.1, 4.1.2",
        ("ApiDomain",),
    ),
    _promise(
        "tls-suites-forward-secret-aead",
        Severity.HIGH,
        "Only suites with forward secrecy and authenticated encryption are accepted.",
        "RFC 9325, 4.1 and 4.2",
        ("ApiDomain",),
    ),
    _promise(
        "tls-groups-strong",
        Severity.MEDIUM,
        "Only strong key exchange groups are accepted.",
        "RFC 9325, 4.4; RFC 8422, 5.1.1",
    ),
    _promise(
        "tls-signatures-strong",
        Severity.MEDIUM,
        "Handshakes are signed with SHA-2 or better.",
        "RFC 9155; RFC 9325, 4.4",
    ),
    _promise(
        "tls-key-exchange-post-quantum",
        Severity.MEDIUM,
        "A hybrid of a classical and a post-quantum key exchange is offered.",
        "draft-ietf-tls-ecdhe-mlkem; BSI TR-02102-2, 2026-01",
        ("ApiDomain",),
    ),
    _promise(
        "tls-dh-prime-large",
        Severity.HIGH,
        "Finite-field key exchange, where it is allowed, uses a large prime.",
        "RFC 9325, 4.4 (2048 bits at least); BSI TR-02102-2",
    ),
    _promise(
        "tls-extended-master-secret",
        Severity.MEDIUM,
        "TLS 1.2 sessions are bound to their handshake by the extended master secret.",
        "RFC 7627; RFC 9325, 3.5",
    ),
    _promise(
        "tls-renegotiation-secure",
        Severity.MEDIUM,
        "TLS 1.2 renegotiation is secure, or absent.",
        "RFC 5746; RFC 9325, 3.5",
    ),
    _promise(
        "tls-compression-off",
        Severity.HIGH,
        "TLS compression, which leaks secrets by their length (CRIME), is off.",
        "RFC 9325, 3.3",
    ),
    _promise(
        "tls-downgrade-signalled",
        Severity.MEDIUM,
        "A server with TLS 1.3 marks an older answer, so that a forced downgrade is noticed.",
        "RFC 8446, 4.1.3",
    ),
    _promise(
        "tls-early-data-off",
        Severity.MEDIUM,
        "Requests cannot be replayed as TLS 1.3 early data.",
        "RFC 8446, 8 and E.5; RFC 8470",
    ),
    _promise(
        "tls-foreign-names-learn-nothing",
        Severity.LOW,
        "A caller without the right server name learns no internal names, and no broken certificate.",
        "RFC 6066, 3; RFC 9325, 3.7",
    ),
    _promise(
        "tls-client-certificate-required",
        Severity.HIGH,
        "Where a client certificate was agreed upon, the handshake fails without one.",
        "RFC 8446, 4.4.2.4; OCPI 2.2.1, 4.1.2",
    ),
    _promise(
        "tls-declared-is-real",
        Severity.HIGH,
        "What the handshake shows is what the stack declares: versions, suites and groups.",
        "Amazon API Gateway, supported security policies",
        ("ApiDomain", "LoadBalancer"),
    ),
    _promise(
        "tls-known-attacks-fail",
        Severity.CRITICAL,
        "Known attacks (Heartbleed, ROBOT, CCS injection, insecure renegotiation) do not work.",
        "CVE-2014-0160; CVE-2014-0224; CVE-2017-13099; RFC 9325, 4",
    ),
    _promise(
        "plaintext-on-tls-port-refused",
        Severity.HIGH,
        "The TLS port serves nothing in plaintext.",
        _OCPI,
    ),
    _promise(
        "plaintext-port-closed",
        Severity.HIGH,
        "Nothing is served in plaintext; at most a redirect to https on the same host.",
        _OCPI,
    ),
    _promise(
        "plaintext-token-not-taken",
        Severity.HIGH,
        "A request with a credentials token over plaintext is turned away.",
        "OCPI 2.2.1, 4.1.2 and 4.1.1; RFC 9325, 3.2",
    ),
    _promise(
        "https-redirects-safe",
        Severity.HIGH,
        "Redirects stay on https and on the same host, never to an internal address.",
        "OWASP API Security 2023, API7; RFC 9110, 15.4",
    ),
    _promise(
        "https-answers-bounded",
        Severity.LOW,
        "HTTPS answers end, and end in time.",
        "OWASP API Security 2023, API10 (unsafe consumption)",
    ),
    _promise(
        "https-hsts-sent", Severity.LOW, "HSTS is sent, for long enough.", "RFC 6797, 6.1; RFC 9325, 3.2"
    ),
    _promise(
        "certificate-chain-trusted",
        Severity.CRITICAL,
        "The chain leads to a CA on the list that counts for this endpoint.",
        "RFC 5280, 6; OCPI 2.2.1, 4.1.2",
    ),
    _promise("certificate-names-host", Severity.CRITICAL, "The certificate is for this host.", "RFC 9525, 6"),
    _promise(
        "certificate-in-date", Severity.CRITICAL, "Every certificate sent is in date.", "RFC 5280, 4.1.2.5"
    ),
    _promise(
        "certificate-renewed-in-time",
        Severity.MEDIUM,
        "Certificates are renewed well before they end.",
        "RFC 9325, 7.5; PCI DSS 4.0.1, 4.2.1.1",
    ),
    _promise(
        "certificate-keys-strong",
        Severity.HIGH,
        "Certificate keys are large enough.",
        "RFC 9325, 4.4; NIST SP 800-57 part 1",
    ),
    _promise(
        "certificate-signatures-strong",
        Severity.HIGH,
        "Certificates are signed with SHA-2 or better.",
        "RFC 9155; RFC 8446, 4.4.2.2",
    ),
    _promise(
        "certificate-for-servers",
        Severity.HIGH,
        "The certificate is a server's: no CA, with the usages that a TLS server needs.",
        "RFC 5280, 4.2.1.3, 4.2.1.9 and 4.2.1.12",
    ),
    _promise(
        "certificate-chain-tidy",
        Severity.LOW,
        "The chain is sent in order, complete, and without more than it needs.",
        "RFC 5246, 7.4.2; RFC 8446, 4.4.2",
    ),
    _promise(
        "certificate-life-short",
        Severity.LOW,
        "Certificates live no longer than the profile, and for public ones the CA/Browser Forum, allow.",
        "CA/Browser Forum Baseline Requirements, 6.3.2",
    ),
    _promise(
        "certificate-wildcard-narrow",
        Severity.LOW,
        "A wildcard covers one organisation's names, not a whole top-level domain.",
        "RFC 9525, 6.3; CA/Browser Forum Baseline Requirements, 3.2.2.6",
    ),
    _promise(
        "certificate-pinned",
        Severity.CRITICAL,
        "Where keys are pinned, one of them is in the chain.",
        "RFC 7469, 2.6",
    ),
    _promise(
        "certificate-logged",
        Severity.LOW,
        "A public certificate carries proof that it was logged (Certificate Transparency).",
        "RFC 6962, 3.3",
    ),
    _promise(
        "ocsp-staple-fresh",
        Severity.HIGH,
        "A stapled OCSP response is good and in date; a must-staple certificate has one.",
        "RFC 6066, 8; RFC 7633",
    ),
)
