"""A TLS client for one partner, by the policy of its contract; what breaks it ends the handshake."""

from __future__ import annotations

import base64
import hashlib
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hardening.egress.tls_policy import TlsPolicy
from hardening.errors import ConfigError

_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
# As the guard accepts (RFC 9325, 4.2): forward secrecy and AEAD. TLS 1.3 has nothing else.
_SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"


def tls_context(policy: TlsPolicy, folder: Path) -> ssl.SSLContext:
    """A client context. `folder` is where the policy's files are.

    Raises ConfigError for a file that is missing or no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = _VERSIONS[policy.min_version]
    context.set_ciphers(_SUITES)
    context.set_alpn_protocols(["http/1.1"])
    context.sslobject_class = _pinned(policy.pins)
    try:
        if policy.ca_file:
            context.load_verify_locations(folder / policy.ca_file)
        else:
            context.load_default_certs()
        if policy.client_certificate:
            # Certificate and key in one file (`ssl.SSLContext.load_cert_chain`).
            context.load_cert_chain(folder / f"{policy.client_certificate}.pem")
    except (OSError, ssl.SSLError) as error:
        named = policy.client_certificate or policy.ca_file
        raise ConfigError(f"{folder}: {named}: {error.strerror or 'no certificate'}") from None
    return context


def _pinned(pins: tuple[str, ...]) -> type[ssl.SSLObject]:
    class PinnedConnection(ssl.SSLObject):
        """Ends the handshake where the certificate has another key: before a byte of ours is sent."""

        def do_handshake(self) -> None:
            """See `ssl.SSLObject`. Raises SSLCertVerificationError."""
            super().do_handshake()
            if pins and _pin(self.getpeercert(binary_form=True) or b"") not in pins:
                raise ssl.SSLCertVerificationError("the key is not one of the partner's pins")

    return PinnedConnection


def _pin(certificate: bytes) -> str:
    """The Base64 SHA-256 of a certificate's public key (RFC 7469, 2.4)."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(spki).digest()).decode("ascii")
