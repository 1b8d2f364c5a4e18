"""Judges resumed sessions: what they are made of, and whose name they bear."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hardening.checks import Verdicts, check
from scanners.tls import probes as p
from scanners.tls.checks.samples import HELLO_1_2, HELLO_1_3, REFUSED, accepted, altered, answering
from scanners.tls.checks.unverified import nothing_to_judge, reached, unknown, verdict
from scanners.tls.observations import Answer, Probe, State, TlsScan

_UNKNOWN: Final = Probe(answer=Answer.UNKNOWN, detail="reset")
_SKIPPED: Final = Probe(answer=Answer.SKIPPED, detail="no session is given")
_CUT: Final = altered(state=State.UNFINISHED)
_OLD: Final = accepted(replace(HELLO_1_2, version="TLSv1.1"))
_WEAK: Final = accepted(replace(HELLO_1_2, suite="TLS_RSA_WITH_AES_128_CBC_SHA"))


@check(
    "tls-resumption-strong",
    good=answering(p.RESUMED_OLD, REFUSED),
    bad={
        "an older version": answering(p.RESUMED_OLD, _OLD),
        "a weak suite": answering(p.RESUMED_WEAK, _WEAK),
        "no key exchange": answering(p.RESUMED_BARE, accepted(HELLO_1_3)),
    },
    also_good={
        "a strong suite, though it was not offered": answering(p.RESUMED_WEAK, accepted(HELLO_1_2)),
        "no session of TLS 1.2": answering(p.RESUMED_WEAK, _SKIPPED),
    },
    unverifiable={"no clear answer": answering(p.RESUMED_OLD, _UNKNOWN), "cut short": _CUT},
)
def tls_resumption_strong(scan: TlsScan) -> Verdicts:
    """Only where a session is given that can be resumed.

    A resumed session of TLS 1.2 has the version and suite of the one that it resumes (RFC 5246, 7.4.1.3); one
    of TLS 1.3 has a fresh key exchange (RFC 8446, 2.2 and 4.2.9).
    """
    names = (p.RESUMED_OLD, p.RESUMED_WEAK, p.RESUMED_BARE)
    asked = {name: scan.probes[name] for name in names if name in scan.probes}
    if all(probe.answer is Answer.SKIPPED for probe in asked.values()):
        nothing_to_judge(scan)
        return
    reached(scan)
    taken = {name: probe.hello for name, probe in asked.items() if probe.answer is Answer.ACCEPTED}
    problems = []
    if old := taken.get(p.RESUMED_OLD):
        problems.append(f"a session of TLS 1.2 is resumed in {old.version}")
    weak = taken.get(p.RESUMED_WEAK)
    if weak and weak.suite not in scan.profile.suites:
        problems.append(f"a session of TLS 1.2 is resumed with {weak.suite}, which it was not made with")
    if p.RESUMED_BARE in taken:
        problems.append("a session of TLS 1.3 is resumed without a key exchange (psk_ke)")
    doubts = dict.fromkeys(one.detail for one in asked.values() if one.answer is Answer.UNKNOWN)
    yield from verdict(scan, problems, f"resumption: {'; '.join(doubts)}" if doubts else "")


@check(
    "tls-resumption-keeps-name",
    good=answering(p.RESUMED_ABROAD, REFUSED),
    bad=answering(p.RESUMED_ABROAD, accepted(HELLO_1_2)),
    unverifiable={"no clear answer": answering(p.RESUMED_ABROAD, _UNKNOWN), "cut short": _CUT},
)
def tls_resumption_keeps_name(scan: TlsScan) -> Verdicts:
    """Only TLS 1.2, and where another name has another certificate: 1.3 leaves it open (RFC 8446, 4.2.11)."""
    probe = scan.probes.get(p.RESUMED_ABROAD)
    if probe is None:
        nothing_to_judge(scan)
        return
    reached(scan)
    problem = f"a session of TLS 1.2 for {scan.server_name} is resumed under a name with another certificate"
    taken = probe.answer is Answer.ACCEPTED
    yield from verdict(scan, [problem] if taken else [], unknown(p.RESUMED_ABROAD, probe))
