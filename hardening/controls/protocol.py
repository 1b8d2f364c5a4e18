"""Controls of the protocol layer: what a well-formed OCPI call and a well-formed answer are."""

from __future__ import annotations

from hardening.controls.control import Control, Layer, Severity

_FRAMEWORKS = (
    *("iso27001:A.8.26", "iso27001:A.8.28", "nist-csf:PR.PS-06", "soc2:CC6.6"),
    *("nis2:21.2.e", "pci:6.2.4", "owasp-api:API8"),
)
_CALL = ("Authorizer", "Services")


def _promise(
    slug: str, severity: Severity, promise: str, citation: str, infra: tuple[str, ...] = _CALL
) -> Control:
    return Control(
        id=slug,
        layer=Layer.PROTOCOL,
        severity=severity,
        promise=promise,
        citation=citation,
        infra=infra,
        frameworks=_FRAMEWORKS,
    )


CONTROLS: tuple[Control, ...] = (
    _promise(
        "path-canonical",
        Severity.HIGH,
        "A path has one spelling: no dot segments, empty segments, encoded slashes or double encoding.",
        "RFC 3986, 6.2.2; RFC 9110, 4.2.3; OWASP API8:2023",
    ),
    _promise(
        "unknown-path-refused",
        Severity.HIGH,
        "Whatever is not an OCPI call of the route table is refused.",
        "OCPI 2.2.1, 6.2 (endpoints); OWASP API9:2023",
    ),
    _promise(
        "method-defined-by-ocpi",
        Severity.HIGH,
        "Only the methods that OCPI defines for an endpoint are served.",
        "OCPI 2.2.1, 4.1.1 and the modules' method tables; RFC 9110, 15.5.6",
    ),
    _promise(
        "method-override-refused",
        Severity.HIGH,
        "No header or parameter turns a read into a write.",
        "OWASP API8:2023; OWASP Testing Guide, WSTG-CONF-06",
    ),
    _promise(
        "no-routing-on-configuration-modules",
        Severity.LOW,
        "Routing headers are not used with versions, credentials and hubclientinfo.",
        "OCPI 2.2.1, 4.4.2 (SHALL NOT)",
    ),
    _promise(
        "request-ids-present",
        Severity.MEDIUM,
        "Every call from 2.2.1 on has an X-Request-ID, and functional calls an X-Correlation-ID.",
        "OCPI 2.2.1, 4.1.3 (unique message ids)",
    ),
    _promise(
        "pagination-parameters-valid",
        Severity.LOW,
        "offset and limit are whole numbers, and none is larger than a store can count.",
        "OCPI 2.2.1, 4.1.5 (pagination)",
    ),
    _promise(
        "json-content-type",
        Severity.LOW,
        "A body is application/json, and says so.",
        "OCPI 2.2.1, 4.1.2 (Content-Type); RFC 9110, 8.3",
    ),
    _promise(
        "answers-paginated-and-capped",
        Severity.MEDIUM,
        "Every list answers with X-Total-Count and X-Limit, and never with more than X-Limit objects.",
        "OCPI 2.2.1, 4.1.5 (pagination); OWASP API4:2023",
        (),
    ),
    _promise(
        "answers-repeat-request-ids",
        Severity.LOW,
        "Every answer, a refusal too, carries the X-Request-ID and X-Correlation-ID of its call.",
        "OCPI 2.2.1, 4.1.3",
        (),
    ),
    _promise(
        "answers-in-ocpi-envelope",
        Severity.LOW,
        "Every answer, a refusal too, is an OCPI envelope with a status code and a UTC timestamp.",
        "OCPI 2.2.1, 4.1.7 and 5",
        (),
    ),
    _promise(
        "answers-name-no-software",
        Severity.LOW,
        "No answer names the software behind it.",
        "OWASP API8:2023; RFC 9110, 10.2.4",
        (),
    ),
    _promise(
        "answers-require-https",
        Severity.LOW,
        "Every answer carries Strict-Transport-Security, for at least a year.",
        "RFC 6797, 6.1",
        (),
    ),
    _promise(
        "discovery-lists-contracted-modules",
        Severity.MEDIUM,
        "Version details name the endpoints that the partner contracted for, and credentials among them.",
        "OCPI 2.2.1, 6.2; OWASP API9:2023",
        (),
    ),
    _promise(
        "gateway-serves-contracted-calls",
        Severity.MEDIUM,
        "The gateway serves what was contracted: one that refuses everything proves nothing.",
        "OCPI 2.2.1, 6.1",
        ("Services",),
    ),
)
