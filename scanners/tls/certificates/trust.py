"""Whether clients trust a certificate chain: a path leads to a listed CA; or why not (RFC 5280, 6).

What RFC 5280 wants of a certificate's form, and clients do not insist on, is `form`'s.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    VerificationError,
)

from scanners.tls.certificates.edwards import broken, can_follow
from scanners.tls.certificates.facts import issued_by, self_signed
from scanners.tls.certificates.roots import Roots

# Longer chains are refused by common clients (OpenSSL allows 100, WebPKI verifiers 8 or so).
_DEPTH: Final = 8
_MAY_NOT_SIGN: Final = "keyCertSign is not set"
_NOT_FOR_SERVERS: Final = "EKU of a CA without serverAuth"
# What the verifier says of algorithms outside of the web's list: RSA, ECDSA with NIST's curves.
_UNKNOWN_ALGORITHM: Final = "forbidden public key algorithm", "forbidden signature algorithm"
_UNVERIFIED: Final = (
    "the chain has another algorithm than RSA, NIST's curves and EdDSA, or EdDSA with constraints on names,"
    " which this audit cannot verify"
)
_WEAK: Final = ("md2", "md5", "sha1")


def _may_sign(_: Policy, __: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError(_MAY_NOT_SIGN)


def _for_servers(_: Policy, __: x509.Certificate, usage: x509.ExtendedKeyUsage | None) -> None:
    if usage is not None and not {Usage.SERVER_AUTH, Usage.ANY_EXTENDED_KEY_USAGE} & set(usage):
        raise ValueError(_NOT_FOR_SERVERS)


# As OpenSSL and its like judge: a CA must be one, and be allowed to sign for servers; the leaf's own usages
# are another check's. Critical extensions that nobody knows, path lengths and name constraints always count.
_AUTHORITIES: Final = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign)
    .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _for_servers)
)


def path_up(chain: list[x509.Certificate]) -> list[x509.Certificate]:
    """The certificates that lead up from the leaf, by name and signature, whatever their order.

    Where no signature fits, the name alone does: such a path is shown, and not trusted.
    """
    path, rest = [chain[0]], chain[1:]
    while not self_signed(path[-1]):
        named = [c for c in rest if c.subject == path[-1].issuer]
        issuer = next((c for c in named if issued_by(path[-1], c)), named[0] if named else None)
        if issuer is None:
            break
        path.append(issuer)
        rest = [c for c in rest if c is not issuer]
    return path


def order_problem(chain: list[x509.Certificate], path: list[x509.Certificate]) -> str:
    """Why `chain` is not sent in order (RFC 5246, 7.4.2): each certificate certifies the one before it."""
    if chain[: len(path)] == path:
        return ""
    return "the certificates are not in order"


def trusted(chain: list[x509.Certificate], roots: Roots, now: datetime) -> tuple[str, str]:
    """Why no path leads from the leaf to `roots`, and why this audit cannot tell; both empty if one does.

    Dates and names are judged apart: the path is verified at a moment that fits the chain, and for no name.
    """
    moment = _moment(chain, now)
    builder = PolicyBuilder().store(roots.store).time(moment).max_chain_depth(_DEPTH)
    builder = builder.extension_policies(ee_policy=ExtensionPolicy.permit_all(), ca_policy=_AUTHORITIES)
    try:
        # The verifier of servers insists on a name; this one asks of the leaf what `permit_all` leaves.
        builder.build_client_verifier().verify(chain[0], chain[1:])
    except VerificationError as fault:
        return _why(chain, roots, moment, str(fault))
    return "", ""


def _moment(chain: list[x509.Certificate], now: datetime) -> datetime:
    """Now, or else a moment at which all of the chain is valid, if there is one."""
    begin = max(c.not_valid_before_utc for c in chain)
    end = min(c.not_valid_after_utc for c in chain)
    if begin <= now <= end or begin >= end:
        return now
    return begin + timedelta(seconds=1) if now < begin else end - timedelta(seconds=1)


def _why(chain: list[x509.Certificate], roots: Roots, moment: datetime, message: str) -> tuple[str, str]:
    """The reason behind a verifier's `message`, which is often only "candidates exhausted"; or the doubt."""
    path = path_up(chain)
    top = path[-1]
    reachable = top.issuer.public_bytes() in roots.subjects
    if len(path) > _DEPTH:
        return f"the chain is longer than {_DEPTH} certificates", ""
    if len(path) == 1 and self_signed(top):
        return "the certificate is self-signed", ""
    if self_signed(top) and not reachable:
        return "the chain leads to a CA that is not on the list", ""
    if not reachable:
        if len(path) == 1:
            return "the chain is incomplete: its issuer was not sent and is not on the list", ""
        return "the chain leads to a CA that is neither sent nor on the list", ""
    if any(mark in message.lower() for mark in _UNKNOWN_ALGORITHM) and not _weakly_signed(path):
        if can_follow(path):
            fault = broken(path, roots, moment)
            return (f"no valid path to a listed CA: {fault}" if fault else ""), ""
        return "", _UNVERIFIED
    return f"no valid path to a listed CA: {_plain(message)}", ""


def _weakly_signed(path: list[x509.Certificate]) -> bool:
    hashes = [c.signature_hash_algorithm for c in path if not self_signed(c)]
    return any(one is not None and one.name in _WEAK for one in hashes)


_REASONS: Final = {
    _MAY_NOT_SIGN: "a CA in it may not sign certificates (key usage)",
    _NOT_FOR_SERVERS: "a CA in it is not meant for TLS servers (extended key usage)",
    "name constraint": "a CA in it may not certify this name (name constraints)",
    "permitted": "a CA in it may not certify this name (name constraints)",
    "excluded": "a CA in it may not certify this name (name constraints)",
    "path length": "a CA in it may not certify another CA (path length)",
    "unaccounted-for critical": "a certificate in it has a critical extension that clients do not know",
    "basicConstraints": "the issuer of a certificate in it is no CA (basic constraints)",
    "2.5.29.19": "the issuer of a certificate in it is no CA (basic constraints)",
    "depth": "it is too long",
    "signature": "a signature in it does not verify or is too weak",
    "validity": "a certificate in it is not valid at any one time",
    "valid at": "a certificate in it is not valid at any one time",
}


def _plain(message: str) -> str:
    for mark, reason in _REASONS.items():
        if mark.lower() in message.lower():
            return reason
    return message.removeprefix("validation failed: ")[:200]
