"""Controls of the authorization layer."""

from __future__ import annotations

from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="every-method-authorized",
        layer=Layer.AUTHORIZATION,
        severity=Severity.CRITICAL,
        promise="Every operation of the API asks the authorizer first; none is anonymous.",
        citation="AWS Security Hub APIGateway.8; OWASP API2:2023, API5:2023",
        infra=("Api", "Authorizer"),
        frameworks=(
            "iso27001:A.8.3",
            "nist-csf:PR.AA-05",
            "soc2:CC6.3",
            "nis2:21.2.i",
            "pci:7.2.1",
            "owasp-api:API5",
        ),
    ),
    Control(
        id="plan-per-partner",
        layer=Layer.AUTHORIZATION,
        severity=Severity.HIGH,
        promise="Each partner has a usage plan of its own, with a rate, a burst and a quota.",
        citation="Amazon API Gateway, usage plans; OWASP API4:2023",
        infra=("UsagePlans", "Api"),
        frameworks=("iso27001:A.8.6", "nist-csf:PR.IR-04", "soc2:A1.1", "nis2:21.2.c", "owasp-api:API4"),
    ),
    Control(
        id="commands-off-unless-contracted",
        layer=Layer.AUTHORIZATION,
        severity=Severity.CRITICAL,
        promise="The API has no commands route unless a partner has contracted for commands.",
        citation="OCPI 2.2.1, 13: a command starts, stops or unlocks a charger; OWASP API5:2023",
        infra=("Api", "UsagePlans"),
        frameworks=(
            "iso27001:A.8.3",
            "nist-csf:PR.AA-05",
            "soc2:CC6.3",
            "nis2:21.2.i",
            "pci:7.2.1",
            "owasp-api:API5",
        ),
    ),
    Control(
        id="functions-called-by-owners-only",
        layer=Layer.AUTHORIZATION,
        severity=Severity.HIGH,
        promise="Each function is called by one named source and nobody else.",
        citation="AWS Security Hub Lambda.1; AWS Lambda, resource-based policies",
        infra=(
            "LambdaFunction",
            "PartnerSecrets",
        ),
        frameworks=(
            "iso27001:A.8.3",
            "nist-csf:PR.AA-05",
            "soc2:CC6.3",
            "nis2:21.2.i",
            "pci:7.2.1",
            "owasp-api:API5",
        ),
    ),
)
