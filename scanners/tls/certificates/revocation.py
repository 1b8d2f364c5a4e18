"""Who tells whether a certificate is revoked, and what their answers say (RFC 5280, 5 and 6.3; RFC 6960)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID

from scanners.tls.certificates.facts import UNREADABLE
from scanners.tls.certificates.roots import Roots
from scanners.tls.certificates.staple import read_staple
from scanners.tls.certificates.trust import path_up
from scanners.tls.revocation_facts import Revocation


@dataclass(frozen=True, slots=True)
class Question:
    """A certificate, its issuer, and the URLs that the certificate names for its status."""

    certificate: x509.Certificate
    issuer: x509.Certificate
    responders: tuple[str, ...]
    lists: tuple[str, ...]

    @property
    def request(self) -> bytes:
        """The OCSP request, in DER. SHA-1 only names the issuer (RFC 5019, 2.1.1)."""
        builder = ocsp.OCSPRequestBuilder().add_certificate(self.certificate, self.issuer, hashes.SHA1())  # noqa: S303  (what responders know)
        return builder.build().public_bytes(serialization.Encoding.DER)

    def answered(self, status: str = "", **facts: object) -> Revocation:
        """An answer about this certificate."""
        subject = self.certificate.subject.rfc4514_string()
        serial = f"{self.certificate.serial_number:x}"
        return Revocation(subject=subject, serial=serial, status=status, **facts)  # type: ignore[arg-type]  # named by the caller


def questions(ders: tuple[bytes, ...], roots: Roots) -> Iterator[Question]:
    """One for each certificate between the leaf and a root, with an issuer that really signed it.

    Raises ValueError if nobody here issued the leaf, and with its kin for contents that do not parse.
    """
    chain = [x509.load_der_x509_certificate(der) for der in ders]
    for certificate in path_up(chain):
        if certificate.subject != certificate.issuer:
            issuer = next((c for c in (*chain, *roots.certificates) if _issued(certificate, c)), None)
            if issuer is None and certificate is chain[0]:
                raise ValueError("the issuer of the leaf is neither sent nor listed")
            if issuer is not None:
                yield Question(certificate, issuer, _responders(certificate), tuple(_lists(certificate)))


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature):
        return False
    return True


def _responders(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        access = certificate.extensions.get_extension_for_oid(ExtensionOID.AUTHORITY_INFORMATION_ACCESS).value
    except x509.ExtensionNotFound:
        return ()
    told = access if isinstance(access, x509.AuthorityInformationAccess) else ()
    places = [one.access_location for one in told if one.access_method == AuthorityInformationAccessOID.OCSP]
    return tuple(one.value for one in places if isinstance(one, x509.UniformResourceIdentifier))


def _lists(certificate: x509.Certificate) -> Iterator[str]:
    try:
        points = certificate.extensions.get_extension_for_oid(ExtensionOID.CRL_DISTRIBUTION_POINTS).value
    except x509.ExtensionNotFound:
        return
    for point in points if isinstance(points, x509.CRLDistributionPoints) else ():
        if point.reasons is None and point.crl_issuer is None:  # the others tell a part only
            yield from _urls(point.full_name)


def _urls(names: list[x509.GeneralName] | None) -> list[str]:
    return [name.value for name in names or () if isinstance(name, x509.UniformResourceIdentifier)]


def read_response(data: bytes, asked: Question) -> Revocation:
    """An OCSP response, verified."""
    found = read_staple(data, [asked.certificate, asked.issuer])
    if found.problem:
        return asked.answered(source="OCSP", problem=f"the OCSP response: {found.problem}")
    return asked.answered(
        found.status, source="OCSP", this_update=found.this_update, next_update=found.next_update
    )


def read_list(data: bytes, asked: Question) -> Revocation:
    """A CRL, verified, and whether the certificate is on it."""
    try:
        pem = data.lstrip().startswith(b"-----")
        revoked = x509.load_pem_x509_crl(data) if pem else x509.load_der_x509_crl(data)
        problem = _list_problem(revoked, asked)
        entry = revoked.get_revoked_certificate_by_serial_number(asked.certificate.serial_number)
    except (*UNREADABLE, TypeError, UnsupportedAlgorithm):
        return asked.answered(source="CRL", problem="the CRL does not parse")
    if problem:
        return asked.answered(source="CRL", problem=f"the CRL {problem}")
    return asked.answered(
        "good" if entry is None else "revoked",
        source="CRL",
        this_update=revoked.last_update_utc,
        next_update=revoked.next_update_utc,
    )


def _list_problem(revoked: x509.CertificateRevocationList, asked: Question) -> str:
    """Why a CRL does not speak for the certificate (RFC 5280, 6.3.3); empty if it does."""
    key = asked.issuer.public_key()
    if revoked.issuer != asked.issuer.subject:
        return "is another CA's"
    if not revoked.is_signature_valid(key):  # type: ignore[arg-type]  # TypeError for keys that sign nothing
        return "has a signature that does not verify"
    for extension in revoked.extensions:
        value = extension.value
        if isinstance(value, x509.IssuingDistributionPoint):
            if not _within(value, asked):
                return "is about other certificates of this CA"
        elif extension.critical:
            return f"has a critical extension that nobody here knows ({extension.oid.dotted_string})"
    return ""


def _within(scope: x509.IssuingDistributionPoint, asked: Question) -> bool:
    """Whether the part of a CA's certificates that a CRL is about holds this one."""
    is_ca = asked.certificate.subject == asked.issuer.subject or _is_ca(asked.certificate)
    if scope.indirect_crl or scope.only_contains_attribute_certs or scope.only_some_reasons:
        return False
    if (scope.only_contains_ca_certs and not is_ca) or (scope.only_contains_user_certs and is_ca):
        return False
    if scope.relative_name is not None:
        return False
    return scope.full_name is None or bool(set(_urls(scope.full_name)) & set(asked.lists))


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_oid(ExtensionOID.BASIC_CONSTRAINTS).value
    except x509.ExtensionNotFound:
        return False
    return isinstance(constraints, x509.BasicConstraints) and constraints.ca
