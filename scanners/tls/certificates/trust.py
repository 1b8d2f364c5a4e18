"""Whether a certificate chain leads to a listed CA, and why it does not (RFC 5280, 6)."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, VerificationError

from scanners.tls.certificates.facts import host_names
from scanners.tls.certificates.names import name_problem
from scanners.tls.certificates.roots import Roots
from scanners.tls.protocol.wire import is_address

# The web's rules, except that RFC 5280 lets these two be critical. Both are judged apart from the path.
_LEAVES = (
    ExtensionPolicy.webpki_defaults_ee()
    .require_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)
    .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, None)
)
# Longer chains are refused by common clients (OpenSSL allows 100, WebPKI verifiers 8 or so).
_DEPTH = 8


def path_up(chain: list[x509.Certificate]) -> list[x509.Certificate]:
    """The certificates that lead up from the leaf, by subject and issuer, whatever their order."""
    path, rest = [chain[0]], chain[1:]
    while path[-1].subject != path[-1].issuer:
        issuer = next((c for c in rest if c.subject == path[-1].issuer), None)
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


def trust_problem(chain: list[x509.Certificate], name: str, roots: Roots, now: datetime) -> str:
    """Why no path leads from the leaf to `roots`; empty if one does.

    Dates and names are judged apart: the path is verified at a moment, and for a name, that fit the chain.
    """
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
    names = host_names(leaf)
    if names and name_problem(names, name):
        name = names[0].replace("*.", "any.")
    if not names:
        return None
    return x509.IPAddress(ipaddress.ip_address(name)) if is_address(name) else x509.DNSName(name)


def _why(chain: list[x509.Certificate], roots: Roots, message: str) -> str:
    """The reason behind a verifier's `message`, which is often only "candidates exhausted"."""
    path = path_up(chain)
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
    return f"no valid path to a listed CA: {_plain(message)}"


_REASONS = {
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


def _plain(message: str) -> str:
    for mark, reason in _REASONS.items():
        if mark.lower() in message.lower():
            return reason
    return message.removeprefix("validation failed: ")[:200]
