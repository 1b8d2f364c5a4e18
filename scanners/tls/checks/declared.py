"""Judges the endpoint against what the stack declares of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.tls import probes as p
from scanners.tls.checks.samples import (
    DECLARED,
    GOOD,
    HELLO_1_3,
    PROBES,
    REFUSED,
    altered,
    answering,
)
from scanners.tls.checks.unverified import hellos, probed, reached, unknown, verdict
from scanners.tls.observations import Answer, Declared, Probe, TlsScan

_ONLY_1_3: Final = Declared(
    policy="SecurityPolicy_TLS13_1_3_2025_09",
    where="urn:pulumi:prod::ocpi::aws:apigateway/domainName:DomainName::api#securityPolicy",
    versions=("TLSv1.3",),
    suites=(HELLO_1_3.suite,),
)
_OLD: Final = Probe(answer=Answer.ACCEPTED, accepted=("TLSv1.1", "TLS_RSA_WITH_AES_128_CBC_SHA"))
_OLD_SUITES: Final = (*DECLARED.suites, "TLS_RSA_WITH_AES_128_CBC_SHA")


@check(
    "tls-declared-is-real",
    good=GOOD,
    bad={
        "a version and a suite more": altered(declared=_ONLY_1_3),
        "a version less": answering(p.TLS_1_2, REFUSED),
        "an old version": answering(p.OLD_VERSIONS, _OLD),
        "no post-quantum group": answering(p.POST_QUANTUM_GROUPS, REFUSED),
        "a post-quantum group": altered(declared=replace(_ONLY_1_3, post_quantum="absent")),
    },
    also_good={
        "nothing declared": altered(declared=None),
        "an old version that is declared": replace(
            answering(p.OLD_VERSIONS, _OLD),
            declared=replace(DECLARED, versions=("TLSv1.1", *DECLARED.versions), suites=_OLD_SUITES),
        ),
        "no post-quantum group, as declared": replace(
            answering(p.POST_QUANTUM_GROUPS, REFUSED), declared=replace(DECLARED, post_quantum="absent")
        ),
    },
    unverifiable={
        "a policy that nobody knows": altered(declared=replace(DECLARED, problem="no such policy")),
        "no clear answer": answering(p.TLS_1_2, Probe(answer=Answer.UNKNOWN, detail="reset")),
    },
)
def tls_declared_is_real(scan: TlsScan) -> Verdicts:
    """Both ways: nothing that is not declared, and all that is."""
    declared = scan.declared
    if declared is None:
        return
    reached(scan)
    if declared.problem:
        raise Unverifiable(scan.where, f"{declared.where}: {declared.problem}")
    problems, doubts = [], []
    for name, version in ((p.TLS_1_3, "TLSv1.3"), (p.TLS_1_2, "TLSv1.2")):
        probe = probed(scan, name)
        if probe.answer is Answer.ACCEPTED and version not in declared.versions:
            problems.append(f"{version} is accepted, which {declared.policy} does not have")
        if probe.answer is Answer.REFUSED and version in declared.versions:
            problems.append(f"{version} is refused, which {declared.policy} has")
        doubts.append(unknown(version, probe))
    doubts.append(unknown(p.UNDECLARED_SUITES, probed(scan, p.UNDECLARED_SUITES)))
    problems += [f"{v} is accepted, which {declared.policy} does not have" for v in _older(scan, declared)]
    shown = {h.suite for h in hellos(scan, *PROBES)} | set(_suites(scan))
    extra = sorted(shown - set(declared.suites))
    if extra:
        problems.append(f"{', '.join(extra)}: accepted, which {declared.policy} does not have")
    problems += _post_quantum(scan, declared)
    yield from verdict(scan, problems, "; ".join(filter(None, doubts)))


def _older(scan: TlsScan, declared: Declared) -> Iterator[str]:
    probe = probed(scan, p.OLD_VERSIONS)
    if probe.answer is Answer.ACCEPTED:
        names = [n for n in probe.accepted if n.startswith(("TLSv", "SSLv"))]
        yield from (n for n in names if n not in declared.versions)


def _suites(scan: TlsScan) -> Iterator[str]:
    for name in (p.SUITES_1_2, p.SUITES_1_3, p.UNDECLARED_SUITES):
        yield from probed(scan, name).accepted


def _post_quantum(scan: TlsScan, declared: Declared) -> Iterator[str]:
    answer = probed(scan, p.POST_QUANTUM_GROUPS).answer
    if declared.post_quantum == "offered" and answer in (Answer.REFUSED, Answer.SKIPPED):
        yield f"no post-quantum group is offered, which {declared.policy} has"
    if declared.post_quantum == "absent" and answer is Answer.ACCEPTED:
        yield f"a post-quantum group is offered, which {declared.policy} does not have"
