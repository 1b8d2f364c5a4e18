"""How TLS to one partner must be, out of its contract."""

from __future__ import annotations

from dataclasses import dataclass

from hardening.registry.partners import Partner

# The event in the egress guard's log of a certificate that ends soon, or of which nobody can say when.
CERTIFICATE_ENDS = "certificate-ends"


@dataclass(frozen=True, slots=True)
class TlsPolicy:
    """`authority` alone is trusted, certificates in PEM, or else `ca_file` ("": the system's authorities).

    With `pins`, only these keys are: Base64 SHA-256 digests of a public key (RFC 7469, 2.4).
    `client_certificate` names the certificate and key that we show, "" for none.
    """

    min_version: str
    ca_file: str
    pins: tuple[str, ...]
    client_certificate: str
    authority: str = ""


def tls_policy(partner: Partner) -> TlsPolicy:
    """The policy of this partner's contract."""
    return TlsPolicy(
        partner.tls_min_version,
        partner.tls_ca_file,
        partner.tls_pins,
        partner.client_certificate_out,
        partner.tls_authority,
    )
