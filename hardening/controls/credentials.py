"""Controls of the identity layer that each call is asked about: who is calling, with which token."""

from __future__ import annotations

from hardening.controls.control import Control, Layer, Severity

_FRAMEWORKS = (
    *("iso27001:A.5.17", "iso27001:A.8.5", "nist-csf:PR.AA-03", "soc2:CC6.1"),
    *("nis2:21.2.i", "nis2:21.2.j", "pci:8.3.1", "gdpr:32.1.b", "owasp-api:API2"),
)


def _promise(slug: str, severity: Severity, promise: str, citation: str) -> Control:
    return Control(
        id=slug,
        layer=Layer.IDENTITY,
        severity=severity,
        promise=promise,
        citation=citation,
        infra=("Authorizer", "Services"),
        frameworks=_FRAMEWORKS,
    )


CONTROLS: tuple[Control, ...] = (
    _promise(
        "token-required",
        Severity.CRITICAL,
        "No call is served without a credentials token.",
        "OCPI 2.2.1, 4.1.2 (Authorization header: HTTP 401)",
    ),
    _promise(
        "one-authorization-header",
        Severity.HIGH,
        "A call has one Authorization header: with two, each hop may believe another one.",
        "RFC 9110, 5.3 and 11.6.2",
    ),
    _promise(
        "token-scheme-exact",
        Severity.MEDIUM,
        "The Authorization header is the word Token, one space, and the token.",
        "OCPI 2.2.1, 4.1.2 (Authorization header)",
    ),
    _promise(
        "token-encoding-strict",
        Severity.HIGH,
        "A token has one spelling: strict Base64, or raw where the partner's profile says so; never both.",
        "OCPI 2.2.1, 4.1.2; RFC 4648, 3.3",
    ),
    _promise(
        "token-known",
        Severity.CRITICAL,
        "Only a token that we issued is accepted, and it names the one partner that holds it.",
        "OCPI 2.2.1, 4.1.2 (HTTP 401)",
    ),
    _promise(
        "token-not-revoked",
        Severity.CRITICAL,
        "A revoked token is refused from the next call on.",
        "OCPI 2.2.1, 7.2 (DELETE and PUT credentials)",
    ),
    _promise(
        "token-not-expired",
        Severity.HIGH,
        "A token that has reached its end is refused.",
        "OCPI 2.2.1, 7.1 (renewal at least once a month is advised)",
    ),
    _promise(
        "token-a-only-registers",
        Severity.CRITICAL,
        "A registration token (CREDENTIALS_TOKEN_A) opens versions and credentials, and nothing else.",
        "OCPI 2.2.1, 4.1.2 (HTTP 401)",
    ),
    _promise(
        "token-of-this-environment",
        Severity.CRITICAL,
        "A token of the test environment opens nothing in production, and the other way round.",
        "OCPI 2.2.1, 7.1; ISO/IEC 27001:2022 A.8.31",
    ),
)
