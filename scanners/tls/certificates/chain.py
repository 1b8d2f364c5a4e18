"""A server's certificate chain as sent, held against the endpoint's name and its list of CAs."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509

from scanners.tls.certificates.facts import certificate_facts
from scanners.tls.certificates.names import name_problem
from scanners.tls.certificates.roots import Roots
from scanners.tls.certificates.staple import read_staple
from scanners.tls.certificates.trust import order_problem, path_up, trust_problem
from scanners.tls.observations import Chain


def read_chain(ders: tuple[bytes, ...], staple: bytes, name: str, roots: Roots, now: datetime) -> Chain:
    """The chain as sent, held against `name` and `roots`. `trust` says if one does not parse."""
    try:
        chain = [x509.load_der_x509_certificate(der) for der in ders]
        facts = tuple(certificate_facts(certificate) for certificate in chain)
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as fault:
        reason = f"a certificate does not parse ({type(fault).__name__})"
        return Chain(certificates=(), trust=reason, name_problem="", private=roots.private)
    path = path_up(chain)
    return Chain(
        certificates=facts,
        trust=trust_problem(chain, name, roots, now),
        name_problem=name_problem(facts[0].names, name),
        order=order_problem(chain, path),
        unused=len(chain) - len(path),
        private=roots.private,
        staple=read_staple(staple, chain) if staple else None,
    )
