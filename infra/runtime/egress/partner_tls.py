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
from infra.runtime.private_file import private_text

_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
# As the guard accepts (RFC 9325, 4.2): forward secrecy and AEAD. TLS 1.3 has nothing else.
_SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"


def tls_context(policy: TlsPolicy, folder: Path, shown: str) -> ssl.SSLContext:
    """A client context. `folder` has the policy's CA file; `shown` is our certificate with its key (PEM).

    Raises ConfigError for what is missing or no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = _VERSIONS[policy.min_version]
    context.set_ciphers(_SUITES)
    context.set_alpn_protocols(["http/1.1"])
    context.sslobject_class = _pinned(policy.pins)
    try:
        if policy.authority:
            context.load_verify_locations(cadata=policy.authority)
        elif policy.ca_file:
            context.load_verify_locations(folder / policy.ca_file)
        else:
            context.load_default_certs()
    except (OSError, ssl.SSLError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise ConfigError(f"{folder}: {policy.ca_file}: {why or 'no certificate'}") from None
    if policy.client_certificate:
        load_chain(context, shown, policy.client_certificate)
    return context


def load_chain(context: ssl.SSLContext, text: str, name: str) -> None:
    """Show the certificate in `text` (PEM, with its key) from now on. Raises ConfigError, without the text.

    `ssl` reads files only, so it is one for so long.
    """
    try:
        with private_text(text) as file:
            context.load_cert_chain(file)
    except (OSError, ssl.SSLError):
        raise ConfigError(f"{name}: expected a certificate and its key, in PEM") from None


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
