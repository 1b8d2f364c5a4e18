"""A handshake audit of a good endpoint, which the transport checks pass, and ways to alter it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from scanners.tls import probes as p
from scanners.tls.deep_facts import Deep, SecondScan
from scanners.tls.observations import (
    Answer,
    Certificate,
    Chain,
    Client,
    Declared,
    Hello,
    Plain,
    Probe,
    Staple,
    State,
    TlsScan,
    Web,
)
from scanners.tls.profiles import OWN
from scanners.tls.revocation_facts import Revocation

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

LEAF = Certificate(
    subject="CN=ocpi.example.com",
    issuer="CN=Example CA",
    serial="2a",
    names=("ocpi.example.com",),
    not_before=NOW - timedelta(days=10),
    not_after=NOW + timedelta(days=80),
    key="EC secp256r1",
    key_bits=256,
    signature="sha256",
    is_ca=False,
    self_signed=False,
    server_auth=True,
    key_usage_ok=True,
    must_staple=False,
    transparency_stamps=2,
    spki_sha256="11" * 32,
    sha256="22" * 32,
)
ISSUER = replace(
    LEAF,
    subject="CN=Example CA",
    issuer="CN=Example Root",
    names=(),
    is_ca=True,
    not_after=NOW + timedelta(days=900),
    spki_sha256="33" * 32,
    sha256="44" * 32,
)
STAPLE = Staple(status="good", this_update=NOW - timedelta(days=1), next_update=NOW + timedelta(days=6))
CHAIN = Chain(certificates=(LEAF, ISSUER), trust="", name_problem="", private=False, staple=STAPLE)

REFUSED = Probe(answer=Answer.REFUSED, detail="alert handshake_failure")
HELLO_1_3 = Hello(
    version="TLSv1.3",
    suite="TLS_AES_256_GCM_SHA384",
    group="x25519",
    signature="ecdsa_secp256r1_sha256",
    leaf_sha256=LEAF.sha256,
    names=LEAF.names,
)
HELLO_1_2 = replace(
    HELLO_1_3,
    version="TLSv1.2",
    suite="TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    extended_master_secret=True,
    secure_renegotiation=True,
    sentinel=True,
)


def accepted(hello: Hello, *names: str) -> Probe:
    """An accepted offer."""
    return Probe(answer=Answer.ACCEPTED, hello=hello, accepted=names or (hello.suite,))


PROBES = {
    p.TLS_1_3: accepted(HELLO_1_3),
    p.TLS_1_2: accepted(HELLO_1_2),
    p.OLD_VERSIONS: REFUSED,
    p.SSL_2: REFUSED,
    p.SUITES_1_2: REFUSED,
    p.SUITES_1_3: REFUSED,
    p.UNDECLARED_SUITES: REFUSED,
    p.GROUPS_1_2: REFUSED,
    p.GROUPS_1_3: REFUSED,
    p.SIGNATURES_1_2: REFUSED,
    p.POST_QUANTUM_GROUPS: accepted(replace(HELLO_1_3, group="X25519MLKEM768")),
    p.NO_NAME: REFUSED,
    p.FOREIGN_NAME: REFUSED,
    p.FINITE_FIELD: accepted(replace(HELLO_1_2, dh_bits=4096)),
    p.OTHER_CERTIFICATE: REFUSED,
    p.MODERN: Probe(answer=Answer.ACCEPTED),
    p.RENEGOTIATION: REFUSED,
}
DECLARED = Declared(
    policy="SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    where="urn:pulumi:prod::ocpi::aws:apigateway/domainName:DomainName::api#securityPolicy",
    versions=("TLSv1.2", "TLSv1.3"),
    suites=(HELLO_1_3.suite, HELLO_1_2.suite),
    post_quantum="offered",
)
CLIENTS = {
    "anonymous": Client(outcome="refused", detail="alert certificate_required"),
    "foreign": Client(outcome="refused", detail="alert unknown_ca"),
    "ours": Client(outcome="answered", status=401),
}
UNREVOKED = Revocation(
    subject=LEAF.subject,
    serial=LEAF.serial,
    status="good",
    source="OCSP",
    this_update=NOW - timedelta(days=1),
    next_update=NOW + timedelta(days=6),
)
SECOND = SecondScan(
    suites={
        **dict.fromkeys(("SSLv2", "SSLv3", "TLSv1", "TLSv1.1"), ()),
        "TLSv1.2": (HELLO_1_2.suite,),
        "TLSv1.3": (HELLO_1_3.suite,),
    },
    marks={
        "extended master secret": True,
        "secure renegotiation": True,
        "compression": False,
        "early data": False,
    },
    groups=("secp256r1", "x25519"),
    leaves=(LEAF.sha256,),
)
CLOSED = Plain(outcome="closed", detail="connection refused")

GOOD = TlsScan(
    endpoint="ocpi.example.com:443",
    address="192.0.2.10",
    server_name="ocpi.example.com",
    taken=NOW,
    profile=OWN,
    state=State.ANSWERED,
    pins=(LEAF.spki_sha256,),
    client_certificate_wanted=True,
    probes=PROBES,
    chains=(CHAIN,),
    revocation=(UNREVOKED,),
    client_certificate="required",
    clients=CLIENTS,
    early_data=0,
    ticket_seconds=7200,
    web=Web(status=401, hsts="max-age=63072000", location="https://ocpi.example.com"),
    plain_on_tls=Plain(outcome="refused"),
    plain_port=CLOSED,
    plain_token=CLOSED,
    declared=DECLARED,
    deep_wanted=True,
    deep=(Deep(question="heartbleed", vulnerable=False),),
    second=SECOND,
)


def altered(**changes: Any) -> TlsScan:
    """The good audit with other facts."""
    return replace(GOOD, **changes)


def answering(name: str, probe: Probe) -> TlsScan:
    """The good audit with another answer to one offer."""
    return replace(GOOD, probes={**PROBES, name: probe})


def chained(**changes: Any) -> TlsScan:
    """The good audit with another chain."""
    return replace(GOOD, chains=(replace(CHAIN, **changes),))


def certified(**changes: Any) -> TlsScan:
    """The good audit with another leaf."""
    return chained(certificates=(replace(LEAF, **changes), ISSUER))
