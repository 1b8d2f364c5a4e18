"""Judges the form of the certificates that a handshake audit saw: what clients may still accept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hardening.checks import Verdicts, check
from scanners.tls.certificates.names import too_wide
from scanners.tls.checks import certificate_cases as cases
from scanners.tls.checks.samples import GOOD
from scanners.tls.checks.unverified import each_chain
from scanners.tls.observations import Chain, TlsScan

_LONGEST_CHAIN: Final = 5
# Ten segments of 1,460 bytes: what a server may send before the first acknowledgement (RFC 6928, 2).
_LARGEST_CHAIN: Final = 14_600


@check("certificate-well-formed", good=GOOD, bad=cases.MALFORMED, unverifiable=cases.UNREADABLE)
def certificate_well_formed(scan: TlsScan) -> Verdicts:
    """No certificate but a root's breaks a rule of RFC 5280 (`Chain.form`)."""

    def problems(chain: Chain) -> Iterator[str]:
        yield from chain.form

    yield from each_chain(scan, problems)


@check("certificate-chain-tidy", good=GOOD, bad=cases.UNTIDY)
def certificate_chain_tidy(scan: TlsScan) -> Verdicts:
    """The chain is in order, short, and holds nothing that it does not need (RFC 5246, 7.4.2)."""

    def problems(chain: Chain) -> Iterator[str]:
        if chain.order:
            yield chain.order
        if chain.unused:
            yield f"{chain.unused} certificate(s) sent that the chain does not need"
        if len(chain.certificates) > _LONGEST_CHAIN:
            yield f"{len(chain.certificates)} certificates are sent"
        if chain.root_sent:
            yield "the root is sent along, which no client needs"
        if chain.size > _LARGEST_CHAIN:
            yield f"the certificates take {chain.size} bytes, more than one flight of TCP ({_LARGEST_CHAIN})"

    yield from each_chain(scan, problems)


@check("certificate-wildcard-narrow", good=GOOD, bad=cases.WIDE, also_good=cases.NARROW)
def certificate_wildcard_narrow(scan: TlsScan) -> Verdicts:
    """No wildcard covers a whole domain of a registry (RFC 9525, 6.3)."""

    def problems(chain: Chain) -> Iterator[str]:
        wide = [name for name in chain.certificates[0].names if too_wide(name)]
        if wide:
            yield f"{wide[0]} covers every name under a registry's domain"

    yield from each_chain(scan, problems)
