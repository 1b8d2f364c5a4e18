"""Judges the certificates that a handshake audit saw."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.tls.checks import certificate_cases as cases
from scanners.tls.checks.samples import GOOD, altered, certified, chained
from scanners.tls.checks.unverified import each_chain, nothing_to_judge, reached, told, verdict
from scanners.tls.observations import Certificate, Chain, TlsScan

# CA/Browser Forum Baseline Requirements 6.3.2 (ballot SC-081): issued from this day on, at most so many days.
_PUBLIC_LIVES: Final = (
    (date(2029, 3, 15), 47),
    (date(2027, 3, 15), 100),
    (date(2026, 3, 15), 200),
    (date(2020, 9, 1), 398),
)
_SMALL_EXPONENTS: Final = range(1, 65537)
_WEAK_HASHES: Final = ("md2", "md5", "sha1")


@check(
    "certificate-chain-trusted",
    good=GOOD,
    bad=chained(trust="the certificate is self-signed"),
    unverifiable=cases.UNTRUSTED,
)
def certificate_chain_trusted(scan: TlsScan) -> Verdicts:
    """By clients with the endpoint's own list of CAs; not by any store that would have it.

    What clients do not insist on is `certificate-well-formed`'s.
    """
    reached(scan)
    if not scan.chains:
        raise Unverifiable(scan.where, "no certificate was seen")

    def problems(chain: Chain) -> Iterator[str]:
        if chain.trust:
            yield chain.trust

    doubts = dict.fromkeys(chain.doubt for chain in scan.chains if chain.doubt)
    yield from verdict(scan, told(list(scan.chains), problems), "; ".join(doubts))


@check(
    "certificate-names-host",
    good=GOOD,
    bad=chained(name_problem="the certificate is for other.example"),
    unverifiable=cases.UNREADABLE,
)
def certificate_names_host(scan: TlsScan) -> Verdicts:
    """Every leaf covers the server name (RFC 9525, 6)."""

    def problems(chain: Chain) -> Iterator[str]:
        if chain.name_problem:
            yield f"{chain.name_problem}, not for {scan.server_name}"

    yield from each_chain(scan, problems)


@check("certificate-in-date", good=GOOD, bad=cases.IN_DATE)
def certificate_in_date(scan: TlsScan) -> Verdicts:
    """Every certificate sent is valid at the time of the audit (RFC 5280, 4.1.2.5)."""

    def problems(chain: Chain) -> Iterator[str]:
        for certificate in chain.certificates:
            if scan.taken > certificate.not_after:
                yield f"{certificate.subject} expired on {certificate.not_after:%Y-%m-%d}"
            elif scan.taken < certificate.not_before:
                yield f"{certificate.subject} is not valid before {certificate.not_before:%Y-%m-%d}"

    yield from each_chain(scan, problems)


@check("certificate-renewed-in-time", good=GOOD, bad=cases.ENDING, also_good=cases.EXPIRED)
def certificate_renewed_in_time(scan: TlsScan) -> Verdicts:
    """Every certificate has the days left that the profile requires. Expired ones are another check's."""

    def problems(chain: Chain) -> Iterator[str]:
        for certificate in chain.certificates:
            left = (certificate.not_after - scan.taken).days
            life = (certificate.not_after - certificate.not_before).days
            # A certificate that lives for days only is renewed in its last third.
            wanted = min(scan.profile.days_left, life // 3)
            if 0 <= left < wanted:
                yield f"{certificate.subject} ends in {left} days, on {certificate.not_after:%Y-%m-%d}"

    yield from each_chain(scan, problems)


@check("certificate-keys-strong", good=GOOD, bad=cases.KEYS, also_good=cases.ROOT_KEYS)
def certificate_keys_strong(scan: TlsScan) -> Verdicts:
    """Every certificate's key is RSA, EC or EdDSA, with the bits that the profile requires.

    An RSA exponent below 65537 lets careless verifiers be deceived (FIPS 186-5, 5.4 e; BSI TR-02102-1).
    """

    def problems(chain: Chain) -> Iterator[str]:
        for certificate in chain.certificates:
            least = scan.profile.rsa_bits if certificate.key == "RSA" else scan.profile.ec_bits
            known = certificate.key.startswith(("RSA", "EC ", "Ed"))
            if not known or certificate.key_bits < least:
                yield f"{certificate.subject}: {certificate.key} key of {certificate.key_bits} bits"
            if certificate.rsa_exponent in _SMALL_EXPONENTS and not certificate.self_signed:
                yield f"{certificate.subject}: RSA key with the exponent {certificate.rsa_exponent}"

    yield from each_chain(scan, problems)


@check("certificate-signatures-strong", good=GOOD, bad=certified(signature="sha1"), also_good=cases.ROOTS)
def certificate_signatures_strong(scan: TlsScan) -> Verdicts:
    """No certificate but a root is signed with MD2, MD5 or SHA-1 (RFC 8446, 4.4.2.4)."""

    def problems(chain: Chain) -> Iterator[str]:
        for certificate in chain.certificates:
            # Nobody relies on a root's own signature.
            if certificate.signature.lower().startswith(_WEAK_HASHES) and not certificate.self_signed:
                yield f"{certificate.subject} is signed with {certificate.signature}"

    yield from each_chain(scan, problems)


@check("certificate-for-servers", good=GOOD, bad=cases.USAGES)
def certificate_for_servers(scan: TlsScan) -> Verdicts:
    """The usages fit: a leaf for TLS servers, CAs that may sign (RFC 5280, 4.2.1.3 and 4.2.1.12)."""

    def problems(chain: Chain) -> Iterator[str]:
        leaf, *others = chain.certificates
        if leaf.is_ca:
            yield "the server's certificate is a CA certificate"
        if not leaf.server_auth:
            yield "the certificate is not meant for TLS servers (extended key usage)"
        if not leaf.key_usage_ok:
            yield "the certificate's key usage does not allow digital signatures"
        for certificate in others:
            if certificate.is_ca and not certificate.key_usage_ok:
                yield f"{certificate.subject} may not sign certificates (key usage)"

    yield from each_chain(scan, problems)


@check("certificate-life-short", good=GOOD, bad=cases.LONG_LIVES)
def certificate_life_short(scan: TlsScan) -> Verdicts:
    """The leaf's whole life is within the profile's, and within the CA/Browser Forum's for public CAs."""

    def problems(chain: Chain) -> Iterator[str]:
        leaf = chain.certificates[0]
        days = (leaf.not_after - leaf.not_before).days
        most = _most_days(scan, chain, leaf)
        if days > most:
            yield f"the certificate lives {days} days, {most} are allowed"

    yield from each_chain(scan, problems)


def _most_days(scan: TlsScan, chain: Chain, leaf: Certificate) -> int:
    if chain.private:
        return scan.profile.certificate_days
    allowed = next((days for since, days in _PUBLIC_LIVES if leaf.not_before.date() >= since), 825)
    return min(allowed, scan.profile.certificate_days)


@check("certificate-pinned", good=GOOD, bad=altered(pins=("55" * 32,)), also_good=cases.UNPINNED)
def certificate_pinned(scan: TlsScan) -> Verdicts:
    """Only where keys are pinned. Every chain that the endpoint serves must hold one of them."""
    if not scan.pins:
        return

    def problems(chain: Chain) -> Iterator[str]:
        keys = {certificate.spki_sha256 for certificate in chain.certificates}
        if not keys & set(scan.pins):
            yield "none of the pinned keys is in the chain"

    yield from each_chain(scan, problems)


@check(
    "certificate-logged",
    good=GOOD,
    bad=certified(transparency_stamps=0),
    also_good=cases.UNLOGGED,
    unverifiable=cases.CUT,
)
def certificate_logged(scan: TlsScan) -> Verdicts:
    """Only for certificates of public CAs: a private one belongs in no public log."""
    public = [c for c in scan.chains if c.certificates and not c.private and not c.trust]
    if scan.chains and not public:
        nothing_to_judge(scan)
        return

    def problems(chain: Chain) -> Iterator[str]:
        if chain in public and chain.certificates[0].transparency_stamps < 2:
            yield f"{chain.certificates[0].transparency_stamps} certificate timestamps, 2 are needed"

    yield from each_chain(scan, problems)


@check("ocsp-staple-fresh", good=GOOD, bad=cases.STAPLES, also_good=cases.UNSTAPLED, unverifiable=cases.CUT)
def ocsp_staple_fresh(scan: TlsScan) -> Verdicts:
    """A staple is not asked for, but one that is stale or bad is worse than none."""
    if scan.chains and not any(_concerned(chain) for chain in scan.chains):
        nothing_to_judge(scan)
        return

    def problems(chain: Chain) -> Iterator[str]:
        staple = chain.staple
        if staple is None:
            if chain.certificates[0].must_staple:
                yield "the certificate demands a stapled OCSP response, and none is sent"
        elif staple.status != "good":
            yield f"the stapled OCSP response: {staple.problem or staple.status}"
        elif staple.this_update and scan.taken < staple.this_update:
            yield "the stapled OCSP response is from the future"
        elif staple.next_update is None or scan.taken > staple.next_update:
            when = f" on {staple.next_update:%Y-%m-%d}" if staple.next_update else " (it has no end)"
            yield f"the stapled OCSP response went out of date{when}"

    yield from each_chain(scan, problems)


def _concerned(chain: Chain) -> bool:
    return bool(chain.staple or (chain.certificates and chain.certificates[0].must_staple))
