"""Judges protocol versions: what is accepted, what is offered, and the signal of a downgrade."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hardening.checks import Unverifiable, Verdicts, check
from scanners.tls import probes as p
from scanners.tls.checks.samples import (
    GOOD,
    HELLO_1_2,
    REFUSED,
    accepted,
    answering,
)
from scanners.tls.checks.unverified import hellos_1_2, probed, unknown, verdict
from scanners.tls.observations import Answer, State, TlsScan


@check(
    "tls-old-versions-refused",
    good=GOOD,
    bad=answering(p.OLD_VERSIONS, accepted(replace(HELLO_1_2, version="TLSv1.0"), "TLSv1.0")),
)
def tls_old_versions_refused(scan: TlsScan) -> Verdicts:
    """No version is accepted that the profile does not allow (RFC 8996)."""
    old, ssl2 = probed(scan, p.OLD_VERSIONS), probed(scan, p.SSL_2)
    problems = [f"{name} is accepted" for name in _versions(scan)]
    if ssl2.answer is Answer.ACCEPTED:
        problems.append("SSLv2 is accepted")
    yield from verdict(scan, problems, unknown(p.OLD_VERSIONS, old) or unknown(p.SSL_2, ssl2))


def _versions(scan: TlsScan) -> Iterator[str]:
    """The accepted versions that the profile does not allow."""
    old = probed(scan, p.OLD_VERSIONS)
    if old.answer is Answer.ACCEPTED:
        named = tuple(name for name in old.accepted if name.startswith(("TLSv", "SSLv")))
        yield from named or (old.hello.version if old.hello else "a version before TLS 1.2",)
    for name, version in ((p.TLS_1_2, "TLSv1.2"), (p.TLS_1_3, "TLSv1.3")):
        if probed(scan, name).answer is Answer.ACCEPTED and version not in scan.profile.allowed:
            yield version


@check(
    "tls-required-versions-offered",
    good=GOOD,
    bad=answering(p.TLS_1_3, REFUSED),
)
def tls_required_versions_offered(scan: TlsScan) -> Verdicts:
    """Every version that the profile requires is accepted."""
    problems, doubts = [], []
    for name, version in ((p.TLS_1_2, "TLSv1.2"), (p.TLS_1_3, "TLSv1.3")):
        probe = probed(scan, name)
        if version in scan.profile.required:
            if probe.answer is Answer.REFUSED:
                problems.append(f"{version} is not offered ({probe.detail})")
            doubts.append(unknown(version, probe))
    if scan.profile.required:
        yield from verdict(scan, problems, "; ".join(filter(None, doubts)))


@check(
    "tls-downgrade-signalled",
    good=GOOD,
    bad=answering(p.TLS_1_2, accepted(replace(HELLO_1_2, sentinel=False))),
)
def tls_downgrade_signalled(scan: TlsScan) -> Verdicts:
    """A server with TLS 1.3 marks its TLS 1.2 hello with the downgrade sentinel (RFC 8446, 4.1.3)."""
    newest = probed(scan, p.TLS_1_3)
    older = hellos_1_2(scan)
    if not older or newest.answer is Answer.REFUSED:
        return
    if scan.state is State.INCONSISTENT:
        raise Unverifiable(scan.where, scan.reason)  # the two hellos may be of two servers
    problem = "TLS 1.3 is offered, but a TLS 1.2 answer does not carry the downgrade sentinel"
    doubt = unknown(p.TLS_1_3, newest)
    marked = all(hello.sentinel for hello in older)
    yield from verdict(scan, [] if marked or doubt else [problem], "" if marked else doubt)
