"""Controls of the authorization layer that each call is asked about: was this contracted, and whose is it?"""

from __future__ import annotations

from hardening.controls.control import Control, Layer, Severity

_FRAMEWORKS = (
    *("iso27001:A.5.15", "iso27001:A.8.3", "nist-csf:PR.AA-05", "soc2:CC6.3"),
    *("nis2:21.2.i", "pci:7.2.1", "gdpr:32.1.b"),
)
_CALL, _MESSAGE = ("Authorizer", "Services"), ("Services",)


def _promise(
    slug: str, severity: Severity, promise: str, citation: str, infra: tuple[str, ...] = _CALL
) -> Control:
    owasp = "owasp-api:API1" if "party" in slug or "object" in slug else "owasp-api:API5"
    return Control(
        id=slug,
        layer=Layer.AUTHORIZATION,
        severity=severity,
        promise=promise,
        citation=citation,
        infra=infra,
        frameworks=(*_FRAMEWORKS, owasp),
    )


CONTROLS: tuple[Control, ...] = (
    _promise(
        "version-contracted",
        Severity.MEDIUM,
        "A partner speaks the OCPI versions that it contracted for.",
        "OCPI 2.2.1, 6 (versions) and 5.3 (3002)",
    ),
    _promise(
        "module-contracted",
        Severity.HIGH,
        "A partner reaches the modules that it contracted for, and no others.",
        "OCPI 2.2.1, 3.1.2: modules are optional and agreed on; OWASP API5:2023",
    ),
    _promise(
        "access-contracted",
        Severity.HIGH,
        "A partner that may read a module cannot write to it.",
        "OWASP API5:2023",
    ),
    _promise(
        "commands-only-if-contracted",
        Severity.CRITICAL,
        "Only a partner that contracted to write commands or charging profiles moves a charger.",
        "OCPI 2.2.1, 13 and 14; OWASP API5:2023",
    ),
    _promise(
        "interface-matches-role",
        Severity.HIGH,
        "A partner calls the interface that is the counterpart of its own role.",
        "OCPI 2.2.1, 2.1.1 (typical implementations per role) and 2.4",
    ),
    _promise(
        "routing-party-belongs-to-partner",
        Severity.CRITICAL,
        "The party in the OCPI-from headers is one that the partner was onboarded with.",
        "OCPI 2.2.1, 4.4 (message routing); OWASP API1:2023",
    ),
    _promise(
        "url-party-belongs-to-partner",
        Severity.CRITICAL,
        "A partner pushes objects of its own parties only.",
        "OCPI 2.2.1, 4.1.6 (client owned object push); OWASP API1:2023",
    ),
    _promise(
        "body-party-belongs-to-partner",
        Severity.CRITICAL,
        "The party in the body is one that the partner was onboarded with, and the one in the URL.",
        "OCPI 2.2.1, 8.2.2, 9.2.2, 10.2.2, 11.2.2, 12.2.1 (PUT and POST); OWASP API1:2023",
        _MESSAGE,
    ),
    _promise(
        "object-id-matches-url",
        Severity.HIGH,
        "The id in the body is the id in the URL.",
        "OCPI 2.2.1, 4.1.6 (2001)",
        _MESSAGE,
    ),
    _promise(
        "command-token-belongs-to-partner",
        Severity.CRITICAL,
        "A command charges a token of the partner that sends it, not somebody else's driver.",
        "OCPI 2.2.1, 13.3.4 and 13.3.5 (SHALL only use its own Tokens); OWASP API1:2023",
        _MESSAGE,
    ),
    _promise(
        "credentials-roles-as-onboarded",
        Severity.CRITICAL,
        "A partner registers the roles and parties that it was onboarded with, and cannot add one by itself.",
        "OCPI 2.2.1, 7.3.1; OCPI has no mechanism that authenticates a party",
        _MESSAGE,
    ),
)
