"""Controls of the network layer that each call is asked about: from where, to where."""

from __future__ import annotations

from hardening.controls import frameworks
from hardening.controls.control import Control, Layer, Severity
from hardening.requests import statuses

CONTROLS: tuple[Control, ...] = (
    Control(
        id="source-on-allow-list",
        layer=Layer.NETWORK,
        severity=Severity.HIGH,
        promise=(
            "A partner's token works from the partner's networks only; elsewhere it looks as an unknown one "
            "does."
        ),
        citation="OCPI security layers, 4 (network and perimeter); AWS WAF, IP sets",
        infra=("Authorizer", "Services"),
        frameworks=frameworks.CALLERS_KNOWN_BY_ADDRESS,
        refusal=statuses.UNAUTHENTICATED,
    ),
    Control(
        id="callback-host-on-allow-list",
        layer=Layer.NETWORK,
        severity=Severity.CRITICAL,
        promise="A response_url is https and on a callback host of the partner that gave it.",
        citation="OCPI 2.2.1, 13.2 and 14.2 (response_url); OWASP API7:2023",
        infra=("Services",),
        frameworks=frameworks.REQUEST_FORGERY,
        refusal=statuses.OCPI_ERROR,
    ),
    Control(
        id="credentials-url-on-allow-list",
        layer=Layer.NETWORK,
        severity=Severity.CRITICAL,
        promise="The versions URL that a partner registers is https and on one of its callback hosts.",
        citation="OCPI 2.2.1, 7.3 (credentials.url); OWASP API7:2023",
        infra=("Services",),
        frameworks=frameworks.REQUEST_FORGERY,
        refusal=statuses.CLIENT_API_UNUSABLE,
    ),
)
