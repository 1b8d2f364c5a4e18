"""A server's certificate chain as sent, held against the endpoint's name and its list of CAs."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from scanners.tls.certificates.facts import UNREADABLE, certificate_facts, self_signed
from scanners.tls.certificates.form import form_problems
from scanners.tls.certificates.names import name_problem
from scanners.tls.certificates.roots import Roots
from scanners.tls.certificates.staple import read_staple
from scanners.tls.certificates.trust import order_problem, path_up, trusted
from scanners.tls.observations import Chain


def read_chain(ders: tuple[bytes, ...], staple: bytes, name: str, roots: Roots, now: datetime) -> Chain:
    """The chain as sent, held against `name` and `roots`. `trust` says if one does not parse, `doubt` if its
    key is of a kind that this audit does not know.
    """
    try:
        chain = [x509.load_der_x509_certificate(der) for der in ders]
        facts = tuple(certificate_facts(certificate) for certificate in chain)
        form = form_problems(chain)
    except UNREADABLE as fault:
        reason = f"a certificate does not parse ({type(fault).__name__})"
        return Chain(certificates=(), trust=reason, name_problem="", private=roots.private)
    except UnsupportedAlgorithm:
        doubt = "this audit does not know the kind of key of a certificate in the chain"
        return Chain(certificates=(), trust="", doubt=doubt, name_problem="", private=roots.private)
    path = path_up(chain)
    trust, doubt = trusted(chain, roots, now)
    return Chain(
        certificates=facts,
        trust=trust,
        doubt=doubt,
        form=form,
        name_problem=name_problem(facts[0].names, name),
        order=order_problem(chain, path),
        unused=len(chain) - len(path),
        root_sent=len(path) > 1 and self_signed(path[-1]),
        size=sum(map(len, ders)),
        private=roots.private,
        staple=read_staple(staple, chain) if staple else None,
    )
