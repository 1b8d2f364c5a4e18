"""Judges sslyze's scan beside ours: it is accepted with nothing forbidden, and both see the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.tls import probes as p
from scanners.tls.checks.samples import GOOD, HELLO_1_2, PROBES, REFUSED, SECOND, accepted, altered, answering
from scanners.tls.checks.unverified import hellos, probed, reached, verdict
from scanners.tls.deep_facts import (
    COMPRESSION,
    EARLY_DATA,
    EXTENDED_MASTER_SECRET,
    SECURE_RENEGOTIATION,
    SecondScan,
)
from scanners.tls.observations import Answer, TlsScan

_OLD: Final = ("SSLv3", "TLSv1", "TLSv1.1")
_CBC: Final = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"
# A question, our answer and sslyze's; None where one has none.
_Compared = Iterator[tuple[str, bool | None, bool | None]]


def _seen(**changes: Any) -> TlsScan:
    return altered(second=replace(SECOND, **changes))


@check(
    "tls-second-scan-agrees",
    good=GOOD,
    bad={
        "both find a forbidden suite": replace(
            answering(p.SUITES_1_2, accepted(HELLO_1_2, _CBC)),
            second=replace(SECOND, suites={**SECOND.suites, "TLSv1.2": (_CBC,)}),
        )
    },
    unverifiable={
        "no scan": altered(second=None),
        "not finished": _seen(unanswered=("TLSv1.2: sslyze did not complete this",)),
        "it sees a group that we do not": _seen(groups=("secp192r1",)),
        "it sees a certificate that we do not": _seen(leaves=("99" * 32,)),
        "it sees no TLS 1.3": _seen(suites={**SECOND.suites, "TLSv1.3": ()}),
        "we see an old version that it does not": answering(p.OLD_VERSIONS, accepted(HELLO_1_2, "TLSv1")),
        "we see SSLv2, and it does not": answering(p.SSL_2, accepted(HELLO_1_2, "SSLv2")),
        "it sees early data": _seen(marks={**SECOND.marks, EARLY_DATA: True}),
        "it sees no extended master secret": _seen(marks={**SECOND.marks, EXTENDED_MASTER_SECRET: False}),
        "nobody says more": altered(
            second=SecondScan(unanswered=("sslyze ended without a result",)), early_data=None
        ),
    },
    also_good={
        "TLS 1.3 alone": altered(
            probes={**PROBES, p.TLS_1_2: REFUSED},
            second=replace(SECOND, suites={**SECOND.suites, "TLSv1.2": ()}),
        )
    },
)
def tls_second_scan_agrees(scan: TlsScan) -> Verdicts:
    """Only where the second scan was wanted. Its acceptances are proof; a disagreement is an error."""
    if not scan.deep_wanted:
        return
    reached(scan)
    if scan.second is None:
        raise Unverifiable(scan.where, "sslyze gave no result")
    extra = _forbidden(scan, scan.second)
    problems = [f"sslyze was accepted with {', '.join(extra)}"] if extra else []
    doubts = [*scan.second.unanswered, *_disagreements(scan, scan.second)]
    yield from verdict(scan, problems, "; ".join(doubts))


def _forbidden(scan: TlsScan, second: SecondScan) -> list[str]:
    accepted = {suite for suites in second.suites.values() for suite in suites}
    return sorted(accepted - set(scan.profile.suites))


def _disagreements(scan: TlsScan, second: SecondScan) -> Iterator[str]:
    compared = dict.fromkeys([*_versions(scan, second), *_offers(scan, second), *_marks(scan, second)])
    for question, ours, theirs in compared:
        if ours is not None and theirs is not None and ours is not theirs:
            told = ("yes", "no") if ours else ("no", "yes")
            yield f"{question}: {told[0]} for our audit, {told[1]} for sslyze"
    leaves = {chain.certificates[0].sha256 for chain in scan.chains if chain.certificates}
    for leaf in sorted(set(second.leaves) - leaves):
        yield f"sslyze was sent the certificate {leaf[:16]}, our audit was not"


def _versions(scan: TlsScan, second: SecondScan) -> _Compared:
    for version, name in (("TLSv1.3", p.TLS_1_3), ("TLSv1.2", p.TLS_1_2), ("SSLv2", p.SSL_2)):
        yield f"{version} is offered", _taken(scan, name), _any(second, version)
    yield "SSLv3, TLS 1.0 or TLS 1.1 is offered", _taken(scan, p.OLD_VERSIONS), _any(second, *_OLD)


def _offers(scan: TlsScan, second: SecondScan) -> _Compared:
    for version, name in (("TLSv1.2", p.SUITES_1_2), ("TLSv1.3", p.SUITES_1_3)):
        suites = second.suites.get(version)
        theirs = None if suites is None else bool(set(suites) - set(scan.profile.suites))
        yield f"a {version} suite that the profile forbids is accepted", _taken(scan, name), theirs
    answers = [probed(scan, name).answer for name in (p.GROUPS_1_2, p.GROUPS_1_3)]
    ours = None if Answer.UNKNOWN in answers else Answer.ACCEPTED in answers
    theirs = None if second.groups is None else bool(set(second.groups) - set(scan.profile.groups))
    yield "a group that the profile forbids is accepted", ours, theirs


def _marks(scan: TlsScan, second: SecondScan) -> _Compared:
    if scan.early_data is not None:
        yield EARLY_DATA, scan.early_data > 0, second.marks.get(EARLY_DATA)
    if not _taken(scan, p.TLS_1_2):
        return
    for hello in hellos(scan, p.TLS_1_2):
        for mark, ours in (
            (EXTENDED_MASTER_SECRET, hello.extended_master_secret),
            (SECURE_RENEGOTIATION, hello.secure_renegotiation),
            (COMPRESSION, hello.compression),
        ):
            yield mark, ours, second.marks.get(mark)


def _taken(scan: TlsScan, name: str) -> bool | None:
    """Whether an offer was accepted; None if it was not made, or got no clear answer."""
    answer = probed(scan, name).answer
    return answer is Answer.ACCEPTED if answer in (Answer.ACCEPTED, Answer.REFUSED) else None


def _any(second: SecondScan, *versions: str) -> bool | None:
    """Whether sslyze was accepted with one of `versions`; None unless it finished them all, or was."""
    known = [bool(second.suites[version]) for version in versions if version in second.suites]
    return True if any(known) else None if len(known) < len(versions) else False
