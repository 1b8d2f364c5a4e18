"""Controls of the identity layer."""

from __future__ import annotations

from hardening.controls.control import Control, Layer, Severity

CONTROLS: tuple[Control, ...] = (
    Control(
        id="secret-per-partner-and-direction",
        layer=Layer.IDENTITY,
        severity=Severity.HIGH,
        promise="Every partner has one secret for each direction in each environment; none is shared.",
        citation="OCPI 2.2.1, 7.1: a credentials token for each side of each connection",
        infra=("PartnerSecrets",),
        frameworks=(
            "iso27001:A.5.17",
            "nist-csf:PR.AA-01",
            "soc2:CC6.1",
            "nis2:21.2.i",
            "pci:8.6.3",
            "owasp-api:API2",
        ),
    ),
    Control(
        id="secrets-rotate-monthly",
        layer=Layer.IDENTITY,
        severity=Severity.HIGH,
        promise="Credentials tokens are rotated at least every 30 days, without a person.",
        citation="AWS Security Hub SecretsManager.1, SecretsManager.4; OCPI 2.2.1, 7.2.2 (PUT credentials)",
        infra=("PartnerSecrets",),
        frameworks=(
            "iso27001:A.5.17",
            "nist-csf:PR.AA-01",
            "soc2:CC6.1",
            "nis2:21.2.i",
            "pci:8.6.3",
            "owasp-api:API2",
        ),
    ),
    Control(
        id="tokens-never-in-state",
        layer=Layer.IDENTITY,
        severity=Severity.CRITICAL,
        promise="No token stands in the program, its state or a workload's environment.",
        citation="AWS Security Hub ECS.8; OWASP API2:2023",
        infra=(
            "PartnerSecrets",
            "Services",
            "LambdaFunction",
        ),
        frameworks=(
            "iso27001:A.5.17",
            "nist-csf:PR.AA-01",
            "soc2:CC6.1",
            "nis2:21.2.i",
            "pci:8.6.3",
            "owasp-api:API2",
        ),
    ),
    Control(
        id="secrets-closed-to-strangers",
        layer=Layer.IDENTITY,
        severity=Severity.HIGH,
        promise="Each secret names who may read it, and refuses a public policy.",
        citation="AWS Secrets Manager, resource-based policies",
        infra=("PartnerSecrets",),
        frameworks=(
            "iso27001:A.5.17",
            "nist-csf:PR.AA-01",
            "soc2:CC6.1",
            "nis2:21.2.i",
            "pci:8.6.3",
            "owasp-api:API2",
        ),
    ),
    Control(
        id="tokens-stored-as-digests",
        layer=Layer.IDENTITY,
        severity=Severity.CRITICAL,
        promise="The token store is keyed by digests, and forgets a token when it expires.",
        citation="OWASP API2:2023; NIST SP 800-63B, 5.1.1.2: no verifier keeps secrets in clear",
        infra=("TokenStore",),
        frameworks=(
            "iso27001:A.5.17",
            "nist-csf:PR.AA-01",
            "soc2:CC6.1",
            "nis2:21.2.i",
            "pci:8.6.3",
            "owasp-api:API2",
        ),
    ),
    Control(
        id="revocation-reaches-the-edge",
        layer=Layer.IDENTITY,
        severity=Severity.HIGH,
        promise="A revoked token is refused within a minute: the API remembers a verdict no longer.",
        citation="Amazon API Gateway, authorizer result caching; OCPI 2.2.1, 7.2.4 (DELETE credentials)",
        infra=("Api",),
        frameworks=(
            "iso27001:A.5.17",
            "nist-csf:PR.AA-01",
            "soc2:CC6.1",
            "nis2:21.2.i",
            "pci:8.6.3",
            "owasp-api:API2",
        ),
    ),
)
