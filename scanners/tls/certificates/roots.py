"""The CAs that count for an endpoint: the operator's own PEM file, or this machine's public store."""

from __future__ import annotations

import contextlib
import ssl
import warnings
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.x509.verification import Store

from hardening.errors import CollectError, ConfigError


class Roots:
    """The CAs that count: the operator's own file, or the public store of this machine."""

    __slots__ = ("certificates", "private", "store", "subjects")

    def __init__(self, certificates: tuple[x509.Certificate, ...], private: bool) -> None:
        self.certificates = certificates
        self.private = private
        self.store = Store(list(certificates))
        self.subjects = {certificate.subject.public_bytes() for certificate in certificates}


@lru_cache(maxsize=256)
def roots_of(ca_file: str) -> Roots:
    """The CAs in a PEM file; this machine's public store for an empty name. Raises ConfigError."""
    if not ca_file:
        return _public_roots()
    try:
        found = x509.load_pem_x509_certificates(Path(ca_file).read_bytes())
    except OSError as error:
        raise ConfigError(f"{ca_file}: CA file: {error.strerror}") from None
    except ValueError:
        raise ConfigError(f"{ca_file}: CA file: expected certificates in PEM form") from None
    return Roots(tuple(found), private=True)


def _public_roots() -> Roots:
    found = []
    for der in ssl.create_default_context().get_ca_certs(binary_form=True):
        with contextlib.suppress(ValueError), warnings.catch_warnings():
            # A root too odd to read is not trusted; one that is merely odd is no news.
            warnings.simplefilter("ignore")
            found.append(x509.load_der_x509_certificate(der))
    if not found:
        raise CollectError("this machine has no public CA certificates", "name a CA file (--ca)")
    return Roots(tuple(found), private=False)
