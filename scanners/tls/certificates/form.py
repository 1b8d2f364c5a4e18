"""Where certificates differ from the form that RFC 5280 requires of them, though clients take them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtensionOID as Oid

from scanners.tls.certificates.facts import extension_of, host_names, self_signed

_LONGEST_SERIAL: Final = 20 * 8  # bits


def form_problems(chain: list[x509.Certificate]) -> tuple[str, ...]:
    """What RFC 5280 forbids in each certificate of `chain`, with its section; a root is free of it."""
    return tuple(
        f"{certificate.subject.rfc4514_string() or 'a certificate'} {problem}"
        for certificate in chain
        if not self_signed(certificate)
        for problem in (*_any(certificate), *_authority(certificate), *_names(certificate))
    )


def _any(certificate: x509.Certificate) -> Iterator[str]:
    if certificate.version is not x509.Version.v3:
        yield "is of an old version of X.509 (RFC 5280, 4.1.2.1)"
    if certificate.serial_number <= 0 or certificate.serial_number.bit_length() >= _LONGEST_SERIAL:
        yield "has a serial number that is not positive, or longer than 20 bytes (RFC 5280, 4.1.2.2)"
    if extension_of(certificate, Oid.AUTHORITY_KEY_IDENTIFIER, x509.AuthorityKeyIdentifier) is None:
        yield "has no authority key identifier (RFC 5280, 4.2.1.1)"
    usage = extension_of(certificate, Oid.KEY_USAGE, x509.KeyUsage)
    if usage is not None and usage.key_cert_sign and not _is_ca(certificate):
        yield "may sign certificates, but is no CA (RFC 5280, 4.2.1.9)"


def _authority(certificate: x509.Certificate) -> Iterator[str]:
    if not _is_ca(certificate):
        return
    if not certificate.extensions.get_extension_for_class(x509.BasicConstraints).critical:
        yield "is a CA, and its basic constraints are not critical (RFC 5280, 4.2.1.9)"
    if extension_of(certificate, Oid.SUBJECT_KEY_IDENTIFIER, x509.SubjectKeyIdentifier) is None:
        yield "is a CA without a subject key identifier (RFC 5280, 4.2.1.2)"
    if extension_of(certificate, Oid.KEY_USAGE, x509.KeyUsage) is None:
        yield "is a CA without a key usage (RFC 5280, 4.2.1.3)"


def _names(certificate: x509.Certificate) -> Iterator[str]:
    odd = [name for name in host_names(certificate) if "_" in name]
    if odd:
        yield f"is for {odd[0]}: an underscore is no letter of a host name (RFC 5280, 4.2.1.6)"
    if not list(certificate.subject):
        name = Oid.SUBJECT_ALTERNATIVE_NAME
        critical = [one.critical for one in certificate.extensions if one.oid == name]
        if critical != [True]:
            yield "has an empty subject, and its alternative names are not critical (RFC 5280, 4.1.2.6)"


def _is_ca(certificate: x509.Certificate) -> bool:
    constraints = extension_of(certificate, Oid.BASIC_CONSTRAINTS, x509.BasicConstraints)
    return constraints is not None and constraints.ca
