"""Reads a stapled OCSP response (RFC 6960), and verifies that the leaf's issuer signed it."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from scanners.tls.certificates.facts import UNREADABLE
from scanners.tls.observations import Staple


def read_staple(data: bytes, chain: list[x509.Certificate]) -> Staple:
    """The response in `data` (DER) about the leaf of `chain` (leaf first); its faults are in `problem`."""
    try:
        return _read(data, chain)
    except (*UNREADABLE, TypeError, UnsupportedAlgorithm):
        # Parts of it are parsed only when they are looked at: a certificate in it, an algorithm.
        return Staple(status="invalid", problem="it does not parse, or is not about one certificate")


def _read(data: bytes, chain: list[x509.Certificate]) -> Staple:
    try:
        response = ocsp.load_der_ocsp_response(data)
    except ValueError:
        return Staple(status="invalid", problem="it does not parse")
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return Staple(status="invalid", problem=f"it says {response.response_status.name.lower()}")
    problem = ""
    if response.serial_number != chain[0].serial_number:
        problem = "it is about another certificate"
    elif len(chain) > 1 and not _signed(response, chain[1]):
        problem = "its signature does not verify"
    return Staple(
        status="invalid" if problem else response.certificate_status.name.lower(),
        this_update=_utc(response.this_update_utc),
        next_update=_utc(response.next_update_utc),
        problem=problem,
    )


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)


def _signed(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """By the issuer itself, or by a responder that it certified for this (RFC 6960, 4.2.2.2)."""
    signer = issuer
    for certificate in response.certificates:
        dates = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if _may_respond(certificate) and dates[0] <= response.produced_at_utc <= dates[1]:
            try:
                certificate.verify_directly_issued_by(issuer)
            except (ValueError, TypeError, InvalidSignature):
                continue
            signer = certificate
    return _verifies(response, signer)


def _may_respond(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_oid(ExtensionOID.EXTENDED_KEY_USAGE).value
    except x509.ExtensionNotFound:
        return False
    return isinstance(usage, x509.ExtendedKeyUsage) and ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _verifies(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, digest = signer.public_key(), response.signature_hash_algorithm
    data, signature = response.tbs_response_bytes, response.signature
    try:
        if isinstance(key, rsa.RSAPublicKey) and digest is not None:
            key.verify(signature, data, padding.PKCS1v15(), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey) and digest is not None:
            key.verify(signature, data, ec.ECDSA(digest))
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(signature, data)
        else:
            return False
    except InvalidSignature:
        return False
    return True
