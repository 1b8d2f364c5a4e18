"""Judges suites, groups and signature algorithms: what a handshake is made of."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hardening.checks import Verdicts, check
from scanners.tls import probes as p
from scanners.tls.checks.samples import (
    GOOD,
    HELLO_1_2,
    REFUSED,
    accepted,
    altered,
    answering,
)
from scanners.tls.checks.unverified import forbidden, hellos, nothing_to_judge, probed, unknown, verdict
from scanners.tls.observations import Answer, State, TlsScan

_COMPOSITE: Final = replace(HELLO_1_2, dh_bits=4096, dh_problem="the modulus is no safe prime")


@check(
    "tls-suites-forward-secret-aead",
    good=GOOD,
    bad=answering(p.SUITES_1_2, accepted(HELLO_1_2, "TLS_RSA_WITH_AES_128_CBC_SHA")),
)
def tls_suites_forward_secret_aead(scan: TlsScan) -> Verdicts:
    """No suite is accepted that the profile forbids (RFC 9325, 4.2)."""
    yield from forbidden(scan, (p.SUITES_1_2, p.SUITES_1_3), "accepts {}")


@check(
    "tls-groups-strong",
    good=GOOD,
    bad={
        "weak": answering(p.GROUPS_1_2, accepted(HELLO_1_2, "secp192r1")),
        "not offered": answering(p.GROUPS_1_2, accepted(HELLO_1_2, "x25519")),
    },
)
def tls_groups_strong(scan: TlsScan) -> Verdicts:
    """No key exchange group is accepted that the profile forbids (RFC 8422, 5.1.1; RFC 8446, 4.2.7)."""
    yield from forbidden(scan, (p.GROUPS_1_2, p.GROUPS_1_3), "exchanges keys in {}")


@check(
    "tls-signatures-strong",
    good=GOOD,
    bad=answering(
        p.SIGNATURES_1_2, accepted(replace(HELLO_1_2, signature="rsa_pkcs1_sha1"), "rsa_pkcs1_sha1")
    ),
)
def tls_signatures_strong(scan: TlsScan) -> Verdicts:
    """What is offered and what is used: a server may sign with an algorithm that nobody offered."""
    probe = probed(scan, p.SIGNATURES_1_2)
    used = {h.signature for h in hellos(scan, p.TLS_1_3, p.TLS_1_2, p.SIGNATURES_1_2) if h.signature}
    enumerated = {name for name in probe.accepted if "sha" in name and "_WITH_" not in name}
    weak = sorted((used | enumerated) - set(scan.profile.signatures))
    yield from verdict(
        scan,
        [f"signs with {', '.join(weak)}"] if weak else [],
        unknown(p.SIGNATURES_1_2, probe),
    )


@check("tls-key-exchange-post-quantum", good=GOOD, bad=answering(p.POST_QUANTUM_GROUPS, REFUSED))
def tls_key_exchange_post_quantum(scan: TlsScan) -> Verdicts:
    """Judged only where the profile requires it; where it is wanted, the report shows it."""
    probe = probed(scan, p.POST_QUANTUM_GROUPS)
    if scan.profile.post_quantum != "required" and probe.answer is not Answer.ACCEPTED:
        return
    problems = [] if probe.answer is Answer.ACCEPTED else ["no post-quantum key exchange is offered"]
    doubt = unknown(p.POST_QUANTUM_GROUPS, probe)
    yield from verdict(scan, [] if doubt else problems, doubt)


@check(
    "tls-dh-prime-large",
    good=GOOD,
    bad={
        "small": answering(p.FINITE_FIELD, accepted(replace(HELLO_1_2, dh_bits=1024))),
        "no safe prime": answering(
            p.FINITE_FIELD,
            accepted(replace(HELLO_1_2, dh_bits=4096, dh_problem="the modulus is no safe prime")),
        ),
    },
    unverifiable={"cut short": altered(state=State.UNFINISHED, probes={})},
)
def tls_dh_prime_large(scan: TlsScan) -> Verdicts:
    """Every finite-field prime that was seen has the bits that the profile requires, and is safe."""
    seen = [h for h in hellos(scan, p.FINITE_FIELD, p.SUITES_1_2, p.TLS_1_2) if h.dh_bits]
    sizes = [hello.dh_bits for hello in seen]
    doubt = "" if p.FINITE_FIELD not in scan.probes else unknown(p.FINITE_FIELD, scan.probes[p.FINITE_FIELD])
    if not sizes and not doubt:
        nothing_to_judge(scan)
        return
    small = [size for size in sizes if size < scan.profile.dh_bits]
    problems = [f"the prime has {min(small)} bits, {scan.profile.dh_bits} are needed"] if small else []
    problems += dict.fromkeys(hello.dh_problem for hello in seen if hello.dh_problem)
    yield from verdict(scan, problems, doubt)
