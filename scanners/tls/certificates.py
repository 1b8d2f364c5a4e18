"""What the certificates of a chain say, and what a verifier makes of them. Facts, not judgements."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import ssl
import warnings
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from hardening.errors import CollectError, ConfigError
from scanners.tls.observations import Certificate, Chain
from scanners.tls.protocol.names import name_problem
from scanners.tls.protocol.staple import read_staple
from scanners.tls.protocol.wire import is_address

Extension = TypeVar("Extension", bound=x509.ExtensionType)

# The web's rules, except that RFC 5280 lets these two be critical. Both are judged apart from the path.
_LEAVES = (
    ExtensionPolicy.webpki_defaults_ee()
    .require_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)
    .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, None)
)
# Longer chains are refused by common clients (OpenSSL allows 100, WebPKI verifiers 8 or so).
_DEPTH = 8


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


def read_chain(ders: tuple[bytes, ...], staple: bytes, name: str, roots: Roots, now: datetime) -> Chain:
    """The chain as sent, held against `name` and `roots`. One that does not parse is told in `trust`."""
    try:
        chain = [x509.load_der_x509_certificate(der) for der in ders]
        facts = tuple(_certificate(certificate) for certificate in chain)
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as fault:
        reason = f"a certificate does not parse ({type(fault).__name__})"
        return Chain(certificates=(), trust=reason, name_problem="", private=roots.private)
    path = _path(chain)
    return Chain(
        certificates=facts,
        trust=_trust(chain, name, roots, now),
        name_problem=name_problem(facts[0].names, name),
        order=_order(chain, path),
        unused=len(chain) - len(path),
        private=roots.private,
        staple=read_staple(staple, chain) if staple else None,
    )


def certificate_names(der: bytes) -> tuple[str, ...]:
    """The names of one certificate; none if it does not parse."""
    try:
        return _names(x509.load_der_x509_certificate(der))
    except ValueError:
        return ()


def _certificate(certificate: x509.Certificate) -> Certificate:
    kind, bits = _key(certificate)
    der = certificate.public_bytes(serialization.Encoding.DER)
    constraints = _extension(certificate, ExtensionOID.BASIC_CONSTRAINTS, x509.BasicConstraints)
    usage = _extension(certificate, ExtensionOID.EXTENDED_KEY_USAGE, x509.ExtendedKeyUsage)
    key_usage = _extension(certificate, ExtensionOID.KEY_USAGE, x509.KeyUsage)
    features = _extension(certificate, ExtensionOID.TLS_FEATURE, x509.TLSFeature)
    stamps = _extension(
        certificate,
        ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS,
        x509.PrecertificateSignedCertificateTimestamps,
    )
    is_ca = bool(constraints and constraints.ca)
    return Certificate(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        names=_names(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        key=kind,
        key_bits=bits,
        signature=_signature(certificate),
        is_ca=is_ca,
        self_signed=certificate.subject == certificate.issuer,
        server_auth=usage is None or ExtendedKeyUsageOID.SERVER_AUTH in usage,
        key_usage_ok=key_usage is None or (key_usage.key_cert_sign if is_ca else key_usage.digital_signature),
        must_staple=bool(features and x509.TLSFeatureType.status_request in features),
        transparency_stamps=len(list(stamps)) if stamps else 0,
        spki_sha256=hashlib.sha256(
            certificate.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        ).hexdigest(),
        sha256=hashlib.sha256(der).hexdigest(),
    )


def _extension(
    certificate: x509.Certificate, oid: x509.ObjectIdentifier, kind: type[Extension]
) -> Extension | None:
    try:
        value = certificate.extensions.get_extension_for_oid(oid).value
    except x509.ExtensionNotFound:
        return None
    return value if isinstance(value, kind) else None


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    names = _extension(certificate, ExtensionOID.SUBJECT_ALTERNATIVE_NAME, x509.SubjectAlternativeName)
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


def _signature(certificate: x509.Certificate) -> str:
    algorithm = certificate.signature_hash_algorithm
    if algorithm is None:
        return certificate.signature_algorithm_oid._name
    return algorithm.name


def _path(chain: list[x509.Certificate]) -> list[x509.Certificate]:
    """The certificates that lead up from the leaf, by subject and issuer, whatever their order."""
    path, rest = [chain[0]], chain[1:]
    while path[-1].subject != path[-1].issuer:
        issuer = next((c for c in rest if c.subject == path[-1].issuer), None)
        if issuer is None:
            break
        path.append(issuer)
        rest = [c for c in rest if c is not issuer]
    return path


def _order(chain: list[x509.Certificate], path: list[x509.Certificate]) -> str:
    """RFC 5246, 7.4.2: each certificate certifies the one before it."""
    if chain[: len(path)] == path:
        return ""
    return "the certificates are not in order"


def _trust(chain: list[x509.Certificate], name: str, roots: Roots, now: datetime) -> str:
    """Empty when a path leads to `roots`. Dates and names are left to others: both are taken as they suit."""
    leaf = chain[0]
    moment = _moment(chain, now)
    subject = _some_name(leaf, name)
    if subject is None:
        return "the certificate names no host"
    try:
        builder = PolicyBuilder().store(roots.store).time(moment).max_chain_depth(_DEPTH)
        verifier = builder.extension_policies(
            ee_policy=_LEAVES, ca_policy=ExtensionPolicy.webpki_defaults_ca()
        )
        verifier.build_server_verifier(subject).verify(leaf, chain[1:])
    except (VerificationError, ValueError) as fault:
        return _why(chain, roots, str(fault))
    return ""


def _moment(chain: list[x509.Certificate], now: datetime) -> datetime:
    """Now, or else a moment at which all of the chain is valid, if there is one."""
    begin = max(c.not_valid_before_utc for c in chain)
    end = min(c.not_valid_after_utc for c in chain)
    if begin <= now <= end or begin >= end:
        return now
    return begin + timedelta(seconds=1) if now < begin else end - timedelta(seconds=1)


def _some_name(leaf: x509.Certificate, name: str) -> x509.DNSName | x509.IPAddress | None:
    """The wanted name if the certificate has it, else one that it has: names are judged apart."""
    names = _names(leaf)
    if names and name_problem(names, name):
        name = names[0].replace("*.", "any.")
    if not names:
        return None
    return x509.IPAddress(ipaddress.ip_address(name)) if is_address(name) else x509.DNSName(name)


def _why(chain: list[x509.Certificate], roots: Roots, told: str) -> str:
    """Tell apart what verifiers call by one name ("candidates exhausted")."""
    path = _path(chain)
    top = path[-1]
    reachable = top.issuer.public_bytes() in roots.subjects
    if len(path) > _DEPTH:
        return f"the chain is longer than {_DEPTH} certificates"
    if len(path) == 1 and top.subject == top.issuer:
        return "the certificate is self-signed"
    if top.subject == top.issuer and not reachable:
        return "the chain leads to a CA that is not on the list"
    if not reachable:
        if len(path) == 1:
            return "the chain is incomplete: its issuer was not sent and is not on the list"
        return "the chain leads to a CA that is neither sent nor on the list"
    return f"no valid path to a listed CA: {_plain(told)}"


_TOLD = {
    "name constraint": "a CA in it may not certify this name (name constraints)",
    "permitted": "a CA in it may not certify this name (name constraints)",
    "excluded": "a CA in it may not certify this name (name constraints)",
    "EKU": "a certificate in it is not meant for TLS servers (extended key usage)",
    "basicConstraints": "a certificate in it is no CA (basic constraints)",
    "keyCertSign": "a certificate in it may not sign certificates (key usage)",
    "depth": "it is too long",
    "signature": "a signature in it does not verify or is too weak",
    "validity": "a certificate in it is not valid at any one time",
}


def _plain(told: str) -> str:
    for mark, reason in _TOLD.items():
        if mark.lower() in told.lower():
            return reason
    return told.removeprefix("validation failed: ")[:200]
