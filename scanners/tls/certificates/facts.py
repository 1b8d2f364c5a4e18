"""What one certificate says, as facts: names, dates, key, usages (RFC 5280)."""

from __future__ import annotations

import hashlib
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

from scanners.tls.observations import Certificate

Extension = TypeVar("Extension", bound=x509.ExtensionType)

# What reading a certificate may raise, for contents that do not parse.
UNREADABLE: Final = (
    ValueError,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    x509.InvalidVersion,
)


def certificate_names(der: bytes) -> tuple[str, ...]:
    """The hosts that one certificate tells of, in its subject too; none if it does not parse."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        told = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        hosts = [name for name in told if "." in name and " " not in name]
        return tuple(dict.fromkeys((*host_names(certificate), *hosts)))
    except UNREADABLE:
        return ()


def certificate_facts(certificate: x509.Certificate) -> Certificate:
    """One certificate as facts (RFC 5280).

    Raises `UNREADABLE` for contents that do not parse, and UnsupportedAlgorithm for a key of a kind that
    this audit does not know.
    """
    kind, bits = _key(certificate)
    der = certificate.public_bytes(serialization.Encoding.DER)
    constraints = extension_of(certificate, ExtensionOID.BASIC_CONSTRAINTS, x509.BasicConstraints)
    usage = extension_of(certificate, ExtensionOID.EXTENDED_KEY_USAGE, x509.ExtendedKeyUsage)
    key_usage = extension_of(certificate, ExtensionOID.KEY_USAGE, x509.KeyUsage)
    features = extension_of(certificate, ExtensionOID.TLS_FEATURE, x509.TLSFeature)
    is_ca = bool(constraints and constraints.ca)
    return Certificate(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        names=host_names(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        key=kind,
        key_bits=bits,
        rsa_exponent=_exponent(certificate),
        signature=_signature(certificate),
        is_ca=is_ca,
        self_signed=self_signed(certificate),
        server_auth=usage is None or ExtendedKeyUsageOID.SERVER_AUTH in usage,
        key_usage_ok=key_usage is None or (key_usage.key_cert_sign if is_ca else key_usage.digital_signature),
        must_staple=bool(features and x509.TLSFeatureType.status_request in features),
        transparency_stamps=_stamps(certificate),
        spki_sha256=hashlib.sha256(
            certificate.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        ).hexdigest(),
        sha256=hashlib.sha256(der).hexdigest(),
    )


def self_signed(certificate: x509.Certificate) -> bool:
    """Whether it is signed with its own key. Issued in its own name alone (RFC 5280, 6.1), it is not."""
    return certificate.subject == certificate.issuer and issued_by(certificate, certificate)


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether `issuer` has the name and the key with which `certificate` was signed."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def extension_of(
    certificate: x509.Certificate, oid: x509.ObjectIdentifier, kind: type[Extension]
) -> Extension | None:
    """The extension `oid` if it is there, and of this kind. Raises `UNREADABLE`."""
    try:
        value = certificate.extensions.get_extension_for_oid(oid).value
    except x509.ExtensionNotFound:
        return None
    return value if isinstance(value, kind) else None


def host_names(certificate: x509.Certificate) -> tuple[str, ...]:
    """The DNS names, then the IP addresses, of subjectAltName (RFC 5280, 4.2.1.6); none without it."""
    names = extension_of(certificate, ExtensionOID.SUBJECT_ALTERNATIVE_NAME, x509.SubjectAlternativeName)
    if names is None:
        return ()
    hosts = [str(host) for host in names.get_values_for_type(x509.DNSName)]
    return (*hosts, *(str(address) for address in names.get_values_for_type(x509.IPAddress)))


def _key(certificate: x509.Certificate) -> tuple[str, int]:
    key = certificate.public_key()
    match key:
        case rsa.RSAPublicKey():
            return "RSA", key.key_size
        case ec.EllipticCurvePublicKey():
            return f"EC {key.curve.name}", key.key_size
        case ed25519.Ed25519PublicKey():
            return "Ed25519", 256
        case ed448.Ed448PublicKey():
            return "Ed448", 456
        case dsa.DSAPublicKey():
            return "DSA", key.key_size
    return type(key).__name__, 0


def _stamps(certificate: x509.Certificate) -> int:
    oid = ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS
    found = extension_of(certificate, oid, x509.PrecertificateSignedCertificateTimestamps)
    return len(list(found)) if found else 0


def _exponent(certificate: x509.Certificate) -> int:
    key = certificate.public_key()
    return key.public_numbers().e if isinstance(key, rsa.RSAPublicKey) else 0


def _signature(certificate: x509.Certificate) -> str:
    algorithm = certificate.signature_hash_algorithm
    if algorithm is None:
        return certificate.signature_algorithm_oid._name
    return algorithm.name
