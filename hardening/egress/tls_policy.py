"""How TLS to one partner must be, out of its contract."""

from __future__ import annotations

from dataclasses import dataclass

from hardening.registry.partners import Partner


@dataclass(frozen=True, slots=True)
class TlsPolicy:
    """`ca_file` alone is trusted ("": the system's authorities); with `pins`, only these keys are.

    `pins` are Base64 SHA-256 digests of a public key (RFC 7469, 2.4). `client_certificate` names the
    certificate and key that we show, "" for none.
    """

    min_version: str
    ca_file: str
    pins: tuple[str, ...]
    client_certificate: str


def tls_policy(partner: Partner) -> TlsPolicy:
    """The policy of this partner's contract."""
    return TlsPolicy(
        partner.tls_min_version, partner.tls_ca_file, partner.tls_pins, partner.client_certificate_out
    )
