"""Follows chains with keys of EdDSA (RFC 8410), which are not on the list of the usual verifier.

OpenSSL, Go and Java follow them; browsers do not.
"""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage
from cryptography.x509.oid import ExtensionOID

from scanners.tls.certificates.facts import extension_of, issued_by
from scanners.tls.certificates.roots import Roots

_WEAK: Final = ("md2", "md5", "sha1")
_USUAL_CURVES: Final = ("secp256r1", "secp384r1", "secp521r1")
_UNDERSTOOD: Final = frozenset(
    {
        *(ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE),
        *(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, ExtensionOID.CERTIFICATE_POLICIES),
    }
)


def can_follow(path: list[x509.Certificate]) -> bool:
    """Whether all keys of `path` are of EdDSA or usual, and no CA in it has constraints on names."""
    constrained = any(_has(one, ExtensionOID.NAME_CONSTRAINTS) for one in path)
    return all(_known(one.public_key()) for one in path) and not constrained


def broken(path: list[x509.Certificate], roots: Roots, moment: datetime) -> str:
    """Why `path`, from the leaf up, leads to none of `roots` at this moment; empty if it does."""
    whole = _up_to_a_root(path, roots)
    if whole is None:
        return "a signature in it does not verify or is too weak"
    for at, (one, issuer) in enumerate(pairwise(whole)):
        digest = one.signature_hash_algorithm
        if not issued_by(one, issuer) or (digest is not None and digest.name in _WEAK):
            return "a signature in it does not verify or is too weak"
        if fault := _may_not_issue(issuer, at):
            return fault
    if any(one.critical and one.oid not in _UNDERSTOOD for cert in whole[:-1] for one in cert.extensions):
        return "a certificate in it has a critical extension that clients do not know"
    valid = all(one.not_valid_before_utc <= moment <= one.not_valid_after_utc for one in whole)
    return "" if valid else "a certificate in it is not valid at any one time"


def _up_to_a_root(path: list[x509.Certificate], roots: Roots) -> list[x509.Certificate] | None:
    """The path, ended by the root that is listed; None if none has the key."""
    for at, one in enumerate(path[1:], 1):
        if one in roots.certificates:
            return path[: at + 1]
    listed = next((root for root in roots.certificates if issued_by(path[-1], root)), None)
    if listed is None or not can_follow([listed]):
        return None
    return [*path, listed]


def _may_not_issue(issuer: x509.Certificate, below: int) -> str:
    """Why `issuer` may not sign, with `below` CAs between it and the leaf; empty if it may."""
    limits = extension_of(issuer, ExtensionOID.BASIC_CONSTRAINTS, x509.BasicConstraints)
    if limits is None or not limits.ca:
        return "the issuer of a certificate in it is no CA (basic constraints)"
    if limits.path_length is not None and limits.path_length < below:
        return "a CA in it may not certify another CA (path length)"
    usage = extension_of(issuer, ExtensionOID.KEY_USAGE, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        return "a CA in it may not sign certificates (key usage)"
    meant = extension_of(issuer, ExtensionOID.EXTENDED_KEY_USAGE, x509.ExtendedKeyUsage)
    if meant is not None and not {Usage.SERVER_AUTH, Usage.ANY_EXTENDED_KEY_USAGE} & set(meant):
        return "a CA in it is not meant for TLS servers (extended key usage)"
    return ""


def _has(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> bool:
    return any(one.oid == oid for one in certificate.extensions)


def _known(key: object) -> bool:
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.name in _USUAL_CURVES
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= 2048
    return isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey)
