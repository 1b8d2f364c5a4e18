"""Judges what a handshake audit saw: versions, suites, groups, signatures and the rest of TLS itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hardening.checks import Unverifiable, Verdicts, check
from scanners.tls import probes as p
from scanners.tls.checks.samples import (
    GOOD,
    HELLO_1_2,
    HELLO_1_3,
    PROBES,
    REFUSED,
    accepted,
    altered,
    answering,
)
from scanners.tls.checks.unverified import hello_1_2, probed, reached, unknown, verdict
from scanners.tls.observations import Answer, Declared, Deep, Hello, State, TlsScan


@check(
    "tls-endpoint-answers",
    good=GOOD,
    bad=altered(probes={**PROBES, p.TLS_1_3: REFUSED, p.TLS_1_2: REFUSED}),
)
def tls_endpoint_answers(scan: TlsScan) -> Verdicts:
    """A state other than `answered` is an error: nothing else could be verified either."""
    reached(scan)
    known = (p.TLS_1_3, p.TLS_1_2)
    problems = []
    if all(probed(scan, name).answer is Answer.REFUSED for name in known):
        problems.append("neither TLS 1.3 nor TLS 1.2 is offered")
    elif not any(probed(scan, name).answer is Answer.ACCEPTED for name in known):
        raise Unverifiable(scan.where, "; ".join(probed(scan, name).detail for name in known))
    yield from verdict(scan, problems)


@check("tls-addresses-agree", good=GOOD, bad=altered(differences=("192.0.2.11 has another certificate",)))
def tls_addresses_agree(scan: TlsScan) -> Verdicts:
    reached(scan)
    yield from verdict(scan, scan.differences)


@check(
    "tls-old-versions-refused",
    good=GOOD,
    bad=answering(p.OLD_VERSIONS, accepted(replace(HELLO_1_2, version="TLSv1.0"), "TLSv1.0")),
)
def tls_old_versions_refused(scan: TlsScan) -> Verdicts:
    old, ssl2 = probed(scan, p.OLD_VERSIONS), probed(scan, p.SSL_2)
    problems = [f"{name} is accepted" for name in _versions(scan)]
    if ssl2.answer is Answer.ACCEPTED:
        problems.append("SSLv2 is accepted")
    yield from verdict(scan, problems, unknown(p.OLD_VERSIONS, old) or unknown(p.SSL_2, ssl2))


def _versions(scan: TlsScan) -> Iterator[str]:
    """The accepted versions that the profile does not allow."""
    old = probed(scan, p.OLD_VERSIONS)
    if old.answer is Answer.ACCEPTED and old.hello:
        yield from old.accepted if old.accepted[0].startswith(("TLSv", "SSLv")) else (old.hello.version,)
    for name, version in ((p.TLS_1_2, "TLSv1.2"), (p.TLS_1_3, "TLSv1.3")):
        if probed(scan, name).answer is Answer.ACCEPTED and version not in scan.profile.allowed:
            yield version


@check(
    "tls-required-versions-offered",
    good=GOOD,
    bad=answering(p.TLS_1_3, REFUSED),
)
def tls_required_versions_offered(scan: TlsScan) -> Verdicts:
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
    "tls-suites-forward-secret-aead",
    good=GOOD,
    bad=answering(p.SUITES_1_2, accepted(HELLO_1_2, "TLS_RSA_WITH_AES_128_CBC_SHA")),
)
def tls_suites_forward_secret_aead(scan: TlsScan) -> Verdicts:
    yield from _forbidden(scan, (p.SUITES_1_2, p.SUITES_1_3), "accepts {}")


@check(
    "tls-groups-strong",
    good=GOOD,
    bad=answering(p.GROUPS_1_2, accepted(HELLO_1_2, "secp192r1")),
)
def tls_groups_strong(scan: TlsScan) -> Verdicts:
    yield from _forbidden(scan, (p.GROUPS_1_2, p.GROUPS_1_3), "exchanges keys in {}")


def _forbidden(scan: TlsScan, names: tuple[str, ...], problem: str) -> Verdicts:
    """Verdicts on offers of only what the profile forbids."""
    asked = [(name, probed(scan, name)) for name in names]
    if all(probe.answer is Answer.SKIPPED for _, probe in asked):
        return
    taken = [probe.accepted for _, probe in asked if probe.answer is Answer.ACCEPTED]
    doubts = [unknown(name, probe) for name, probe in asked]
    problems = [problem.format(", ".join(names)) for names in taken]
    yield from verdict(scan, problems, "; ".join(filter(None, doubts)))


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
    used = {h.signature for h in _hellos(scan, p.TLS_1_3, p.TLS_1_2, p.SIGNATURES_1_2) if h.signature}
    enumerated = {name for name in probe.accepted if "sha" in name and "_WITH_" not in name}
    weak = sorted((used | enumerated) - set(scan.profile.signatures))
    yield from verdict(
        scan,
        [f"signs with {', '.join(weak)}"] if weak else [],
        unknown(p.SIGNATURES_1_2, probe),
    )


def _hellos(scan: TlsScan, *names: str) -> Iterator[Hello]:
    for name in names:
        hello = probed(scan, name).hello
        if hello is not None:
            yield hello


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
    bad=answering(p.FINITE_FIELD, accepted(replace(HELLO_1_2, dh_bits=1024))),
)
def tls_dh_prime_large(scan: TlsScan) -> Verdicts:
    sizes = [h.dh_bits for h in _hellos(scan, p.FINITE_FIELD, p.SUITES_1_2, p.TLS_1_2) if h.dh_bits]
    doubt = "" if p.FINITE_FIELD not in scan.probes else unknown(p.FINITE_FIELD, scan.probes[p.FINITE_FIELD])
    if not sizes and not doubt:
        return
    small = [size for size in sizes if size < scan.profile.dh_bits]
    problems = [f"the prime has {min(small)} bits, {scan.profile.dh_bits} are needed"] if small else []
    yield from verdict(scan, problems, doubt)


@check(
    "tls-extended-master-secret",
    good=GOOD,
    bad=answering(p.TLS_1_2, accepted(replace(HELLO_1_2, extended_master_secret=False))),
)
def tls_extended_master_secret(scan: TlsScan) -> Verdicts:
    hello = hello_1_2(scan, probed(scan, p.TLS_1_2))
    if hello:
        yield from verdict(scan, [] if hello.extended_master_secret else ["no extended master secret"])


@check(
    "tls-renegotiation-secure",
    good=GOOD,
    bad=answering(p.TLS_1_2, accepted(replace(HELLO_1_2, secure_renegotiation=False))),
)
def tls_renegotiation_secure(scan: TlsScan) -> Verdicts:
    hello = hello_1_2(scan, probed(scan, p.TLS_1_2))
    if hello:
        yield from verdict(scan, [] if hello.secure_renegotiation else ["no secure renegotiation (RFC 5746)"])


@check(
    "tls-compression-off",
    good=GOOD,
    bad=answering(p.TLS_1_2, accepted(replace(HELLO_1_2, compression=True))),
)
def tls_compression_off(scan: TlsScan) -> Verdicts:
    hello = hello_1_2(scan, probed(scan, p.TLS_1_2))
    if hello:
        yield from verdict(scan, ["TLS compression is on (CRIME)"] if hello.compression else [])


@check(
    "tls-downgrade-signalled",
    good=GOOD,
    bad=answering(p.TLS_1_2, accepted(replace(HELLO_1_2, sentinel=False))),
)
def tls_downgrade_signalled(scan: TlsScan) -> Verdicts:
    newest = probed(scan, p.TLS_1_3)
    hello = hello_1_2(scan, probed(scan, p.TLS_1_2))
    if hello is None or newest.answer is Answer.REFUSED:
        return
    if scan.state is State.INCONSISTENT:
        raise Unverifiable(scan.where, scan.reason)  # the two hellos may be of two servers
    problem = "TLS 1.3 is offered, but a TLS 1.2 answer does not carry the downgrade sentinel"
    doubt = unknown(p.TLS_1_3, newest)
    yield from verdict(scan, [] if hello.sentinel or doubt else [problem], "" if hello.sentinel else doubt)


@check("tls-early-data-off", good=GOOD, bad=altered(early_data=16384))
def tls_early_data_off(scan: TlsScan) -> Verdicts:
    if probed(scan, p.TLS_1_3).answer is Answer.REFUSED:
        return
    problems = [f"session tickets allow {scan.early_data} bytes of early data"] if scan.early_data else []
    yield from verdict(scan, problems, "no ticket could be read" if scan.early_data is None else "")


_INTERNAL = ("localhost", ".local", ".internal", ".lan", ".intranet", ".corp", ".home", ".localdomain")


@check(
    "tls-foreign-names-learn-nothing",
    good=GOOD,
    bad=answering(p.NO_NAME, accepted(replace(HELLO_1_2, names=("db-1.corp",), leaf_sha256="99"))),
)
def tls_foreign_names_learn_nothing(scan: TlsScan) -> Verdicts:
    """The default certificate may be the endpoint's own, or another public one; not one with inner names."""
    asked = [(name, probed(scan, name)) for name in (p.NO_NAME, p.FOREIGN_NAME)]
    if all(probe.answer is Answer.SKIPPED for _, probe in asked):
        return
    own = {c.sha256 for chain in scan.chains for c in chain.certificates[:1]}
    problems = []
    for name, probe in asked:
        if probe.answer is not Answer.ACCEPTED:
            continue
        if scan.profile.names_strictly:
            problems.append(f"{name}: the handshake is completed")
        if probe.hello and probe.hello.leaf_sha256 not in own:
            inner = [n for n in probe.hello.names if n == "localhost" or n.endswith(_INTERNAL)]
            problems.extend(f"{name}: the certificate names {n}" for n in inner[:1])
    doubts = [unknown(name, probe) for name, probe in asked]
    yield from verdict(scan, problems, "; ".join(filter(None, doubts)))


@check("tls-client-certificate-required", good=GOOD, bad=altered(client_certificate="requested"))
def tls_client_certificate_required(scan: TlsScan) -> Verdicts:
    reached(scan)
    if not scan.client_certificate_wanted:
        return
    doubt = "nobody can tell" if scan.client_certificate == "unknown" else ""
    problem = {
        "none": "no client certificate is asked for",
        "requested": "a client certificate is asked for, but the handshake succeeds without one",
    }.get(scan.client_certificate)
    yield from verdict(scan, [problem] if problem else [], doubt)


@check(
    "tls-declared-is-real",
    good=GOOD,
    bad=altered(
        declared=Declared(
            policy="SecurityPolicy_TLS13_1_3_2025_09",
            where="urn:pulumi:prod::ocpi::aws:apigateway/domainName:DomainName::api#securityPolicy",
            versions=("TLSv1.3",),
            suites=(HELLO_1_3.suite,),
        )
    ),
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
    shown = {h.suite for h in _hellos(scan, *PROBES)} | set(_suites(scan))
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


@check(
    "tls-known-attacks-fail",
    good=GOOD,
    bad=altered(deep=(Deep(question="heartbleed", vulnerable=True, detail="it leaks memory"),)),
)
def tls_known_attacks_fail(scan: TlsScan) -> Verdicts:
    """Only where the deep scan was wanted; then its silence is an error."""
    if not scan.deep_wanted:
        return
    reached(scan)
    problems = [f"{d.question}: {d.detail}" for d in scan.deep if d.vulnerable]
    doubts = [f"{d.question}: {d.detail}" for d in scan.deep if d.vulnerable is None]
    if not scan.deep:
        doubts = ["the deep scan gave no result"]
    yield from verdict(scan, problems, "; ".join(doubts))
