"""Controls of the protocol layer."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity
from hardening.requests import statuses

CONTROLS: tuple[Control, ...] = (
    Control(
        id="path-canonical",
        layer=Layer.PROTOCOL,
        severity=Severity.HIGH,
        promise=(
            "A path has one spelling: no dot segments, empty segments, encoded slashes, double encoding or "
            "escapes that nothing needs."
        ),
        citation="RFC 3986, 6.2.2; RFC 9110, 4.2.3; OWASP API8:2023",
        infra=("Authorizer", "Services"),
        frameworks=frameworks.VALID_REQUESTS,
        refusal=statuses.MALFORMED,
    ),
    Control(
        id="unknown-path-refused",
        layer=Layer.PROTOCOL,
        severity=Severity.HIGH,
        promise="Whatever is not an OCPI call of the route table is refused.",
        citation="OCPI 2.2.1, 6.2 (endpoints); OWASP API9:2023",
        infra=("Authorizer", "Services"),
        frameworks=frameworks.VALID_REQUESTS,
        refusal=statuses.NOT_FOUND,
        indispensable=True,
    ),
    Control(
        id="method-defined-by-ocpi",
        layer=Layer.PROTOCOL,
        severity=Severity.HIGH,
        promise="Only the methods that OCPI defines for an endpoint are served.",
        citation="OCPI 2.2.1, 4.1.1 and the modules' method tables; RFC 9110, 15.5.6",
        infra=("Authorizer", "Services"),
        frameworks=frameworks.VALID_REQUESTS,
        refusal=statuses.METHOD_NOT_ALLOWED,
    ),
    Control(
        id="method-override-refused",
        layer=Layer.PROTOCOL,
        severity=Severity.HIGH,
        promise="No header or parameter turns a read into a write.",
        citation="OWASP API8:2023; OWASP Testing Guide, WSTG-CONF-06",
        infra=("Authorizer", "Services"),
        frameworks=frameworks.VALID_REQUESTS,
        refusal=statuses.MALFORMED,
    ),
    Control(
        id="no-routing-on-configuration-modules",
        layer=Layer.PROTOCOL,
        severity=Severity.LOW,
        promise="Routing headers are not used with versions, credentials and hubclientinfo.",
        citation="OCPI 2.2.1, 4.4.2 (SHALL NOT)",
        infra=("Authorizer", "Services"),
        frameworks=frameworks.VALID_REQUESTS,
        refusal=statuses.MALFORMED,
    ),
    Control(
        id="request-ids-present",
        layer=Layer.PROTOCOL,
        severity=Severity.MEDIUM,
        promise="Every call from 2.2.1 on has an X-Request-ID, and functional calls an X-Correlation-ID.",
        citation="OCPI 2.2.1, 4.1.3 (unique message ids)",
        infra=("Authorizer", "Services"),
        frameworks=frameworks.VALID_REQUESTS,
        refusal=statuses.MALFORMED,
    ),
    Control(
        id="pagination-parameters-valid",
        layer=Layer.PROTOCOL,
        severity=Severity.LOW,
        promise=(
            "offset and limit are whole numbers that a store can count, date_from and date_to are times in "
            "UTC, in their order; each stands once."
        ),
        citation="OCPI 2.2.1, 4.1.5 (pagination)",
        infra=("Authorizer", "Services"),
        frameworks=frameworks.VALID_REQUESTS,
        refusal=statuses.MALFORMED,
    ),
    Control(
        id="query-unambiguous",
        layer=Layer.PROTOCOL,
        severity=Severity.MEDIUM,
        promise=(
            "A query is short, and no parameter of it stands twice or differs from a known one in letter "
            "case or Unicode form alone."
        ),
        citation="OCPI 2.2.1, 4.1.5; OWASP Testing Guide, WSTG-INPV-04 (parameter pollution)",
        infra=("Authorizer", "Services"),
        frameworks=frameworks.VALID_REQUESTS,
        refusal=statuses.MALFORMED,
    ),
    Control(
        id="content-not-encoded",
        layer=Layer.PROTOCOL,
        severity=Severity.MEDIUM,
        promise="A body has no Content-Encoding: what was judged is what the service reads.",
        citation="RFC 9110, 8.4 and 15.5.16; OWASP API4:2023 (decompression)",
        infra=("Authorizer", "Services"),
        frameworks=frameworks.VALID_REQUESTS,
        refusal=statuses.MEDIA_TYPE_UNSUPPORTED,
    ),
    Control(
        id="routing-headers-well-formed",
        layer=Layer.PROTOCOL,
        severity=Severity.LOW,
        promise="Routing headers come in pairs, a country code of two letters and a party id of three.",
        citation="OCPI 2.2.1, 4.2.2 (routing headers)",
        infra=("Authorizer", "Services"),
        frameworks=frameworks.VALID_REQUESTS,
        refusal=statuses.MALFORMED,
    ),
    Control(
        id="json-content-type",
        layer=Layer.PROTOCOL,
        severity=Severity.LOW,
        promise="A body is application/json, and says so.",
        citation="OCPI 2.2.1, 4.1.2 (Content-Type); RFC 9110, 8.3",
        infra=("Authorizer", "Services"),
        frameworks=frameworks.VALID_REQUESTS,
        refusal=statuses.MEDIA_TYPE_UNSUPPORTED,
    ),
    Control(
        id="answers-paginated-and-capped",
        layer=Layer.PROTOCOL,
        severity=Severity.MEDIUM,
        promise=(
            "Every list answers with X-Total-Count and X-Limit, and never with more than X-Limit objects."
        ),
        citation="OCPI 2.2.1, 4.1.5 (pagination); OWASP API4:2023",
        frameworks=frameworks.VALID_REQUESTS,
    ),
    Control(
        id="answers-repeat-request-ids",
        layer=Layer.PROTOCOL,
        severity=Severity.LOW,
        promise="Every answer, a refusal too, carries the X-Request-ID and X-Correlation-ID of its call.",
        citation="OCPI 2.2.1, 4.1.3",
        frameworks=frameworks.VALID_REQUESTS,
    ),
    Control(
        id="answers-in-ocpi-envelope",
        layer=Layer.PROTOCOL,
        severity=Severity.LOW,
        promise="Every answer, a refusal too, is an OCPI envelope with a status code and a UTC timestamp.",
        citation="OCPI 2.2.1, 4.1.7 and 5",
        infra=("Api",),
        frameworks=frameworks.VALID_REQUESTS,
    ),
    Control(
        id="answers-name-no-software",
        layer=Layer.PROTOCOL,
        severity=Severity.LOW,
        promise="No answer names the software behind it.",
        citation="OWASP API8:2023; RFC 9110, 10.2.4",
        frameworks=frameworks.VALID_REQUESTS,
    ),
    Control(
        id="answers-require-https",
        layer=Layer.PROTOCOL,
        severity=Severity.LOW,
        promise="Every answer carries Strict-Transport-Security, for at least a year.",
        citation="RFC 6797, 6.1",
        frameworks=frameworks.VALID_REQUESTS,
    ),
    Control(
        id="answer-urls-on-agreed-hosts",
        layer=Layer.PROTOCOL,
        severity=Severity.HIGH,
        promise="Every URL in an answer is https on a host that was agreed, since the next call goes there.",
        citation="OCPI 2.2.1, 4.1.5 (Link), 6.1 and 6.2; OWASP API10:2023, API7:2023",
        frameworks=frameworks.REQUEST_FORGERY,
    ),
    Control(
        id="answers-hold-no-token",
        layer=Layer.PROTOCOL,
        severity=Severity.CRITICAL,
        promise="No answer but that of the credentials module holds a credentials token.",
        citation="OWASP API2:2023; OCPI 2.2.1, 7.1",
        frameworks=frameworks.CREDENTIALS,
    ),
    Control(
        id="answers-hold-own-objects",
        layer=Layer.PROTOCOL,
        severity=Severity.HIGH,
        promise="A list holds objects of parties that its server speaks for, and of nobody else.",
        citation="OCPI 2.2.1, 2.1 and 4.1.5; OWASP API1:2023",
        frameworks=frameworks.OBJECT_OWNERSHIP,
    ),
    Control(
        id="errors-tell-no-internals",
        layer=Layer.PROTOCOL,
        severity=Severity.MEDIUM,
        promise="An error tells nothing of the server's code, files or queries.",
        citation="OWASP API8:2023; OWASP Testing Guide, WSTG-ERRH-01",
        frameworks=frameworks.VALID_REQUESTS,
    ),
    Control(
        id="discovery-lists-contracted-modules",
        layer=Layer.PROTOCOL,
        severity=Severity.MEDIUM,
        promise=(
            "Version details name the endpoints that the partner contracted for, and credentials among them."
        ),
        citation="OCPI 2.2.1, 6.2; OWASP API9:2023",
        frameworks=frameworks.VALID_REQUESTS,
    ),
    Control(
        id="gateway-serves-contracted-calls",
        layer=Layer.PROTOCOL,
        severity=Severity.MEDIUM,
        promise="The gateway serves what was contracted: one that refuses everything proves nothing.",
        citation="OCPI 2.2.1, 6.1",
        infra=("Services",),
        frameworks=frameworks.VALID_REQUESTS,
    ),
)
