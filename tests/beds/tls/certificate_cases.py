"""Servers whose certificates are wrong."""

from __future__ import annotations

from cryptography import x509

from tests.beds.tls import pki as make
from tests.beds.tls.case import Case, Setup, fails
from tests.beds.tls.pki import NAME, Key, Served, rsa_key
from tests.beds.tls.servers import OpenSsl, Python

TRUST, NAMES, DATES = "certificate-chain-trusted", "certificate-names-host", "certificate-in-date"
SOON, LIFE, TIDY = "certificate-renewed-in-time", "certificate-life-short", "certificate-chain-tidy"
KEYS, USAGE, STAPLE = "certificate-keys-strong", "certificate-for-servers", "ocsp-staple-fresh"

Leaf = tuple[x509.Certificate, Key]


def certificate_cases(on: Setup) -> list[Case]:
    """Every server with a wrong certificate."""
    cases = [
        Case(name=f"certificate-{name}", server=Python(served=served), fails=fails(*failing))
        for name, served, failing in [*_leaves(on), *_chains(on)]
    ]
    return [*cases, *_second_keys(on), *_staples(on), *_pins(on)]


def _leaves(on: Setup) -> list[tuple[str, Served, tuple[str, ...]]]:
    pki = on.pki
    leaves: dict[str, tuple[Leaf, tuple[str, ...]]] = {
        "expired": (pki.leaf(begins=-100, ends=-1), (DATES,)),
        "not-yet": (pki.leaf(begins=3, ends=80), (DATES,)),
        "ends-soon": (pki.leaf(begins=-80, ends=3), (SOON,)),
        "ten-years": (pki.leaf(ends=3650), (LIFE,)),
        "other-host": (pki.leaf(names=("other.example.net",)), (NAMES,)),
        "wildcard-too-deep": (pki.leaf(names=("*.com.example.com",)), (NAMES,)),
        "wildcard-two-labels": (pki.leaf(names=("*.example.net",)), (NAMES,)),
        "wildcard-tld": (pki.leaf(names=(NAME, "*.com")), ("certificate-wildcard-narrow",)),
        "no-names": (pki.leaf(names=()), (NAMES,)),
        "for-clients": (pki.leaf(build=make.for_clients), (USAGE,)),
        "is-ca": (pki.leaf(build=make.as_ca_with_subject_key), (USAGE,)),
        "must-staple": (pki.leaf(build=make.must_staple), (STAPLE,)),
    }
    found = []
    for name, (leaf, failing) in leaves.items():
        found.append((name, pki.served(f"leaf-{name}", leaf), failing))
    return found


def _second_keys(on: Setup) -> list[Case]:
    """ECDSA first, and an RSA certificate beside it, which only a client without ECDSA gets."""
    pki = on.pki
    expired = pki.served("second-expired", pki.leaf(key=rsa_key(), begins=-100, ends=-1))
    valid = pki.served("second-valid", pki.leaf(key=rsa_key()))
    return [
        Case(name=f"{name}-{version}", server=Python(
            served=pki.good, second=second, oldest=version, newest=version), fails=fails(*failing))
        for version in ("TLSv1_2", "TLSv1_3")
        for name, second, failing in (
            ("second-key-expired", expired, (DATES,)),
            ("good-second-key", valid, ()),
        )
    ]  # fmt: skip


def _chains(on: Setup) -> list[tuple[str, Served, tuple[str, ...]]]:
    pki = on.pki
    certificate, key = pki.leaf()
    middle, root = pki.middle.certificate, pki.root.certificate
    no_ca = pki.authority(pki.root, "Not a CA", make.for_servers)
    other_names = pki.authority(pki.root, "Elsewhere CA", make.for_other_names)
    itself = pki.leaf(by=make.Authority(_selfsigned(on), on.pki.stranger.key), key=on.pki.stranger.key)
    stranger = pki.leaf(by=pki.stranger)
    long_chain = _long(on, 30)
    expired_middle = pki.authority(pki.root, "Expired CA", _expired)
    return [
        ("incomplete", pki.written("incomplete", (certificate,), key), (TRUST,)),
        ("reversed", pki.written("reversed", (certificate, root, middle), key), (TIDY,)),
        ("unneeded", pki.written("unneeded", (certificate, middle, pki.stranger.certificate), key), (TIDY,)),
        ("unknown-ca", pki.served("unknown-ca", stranger, (pki.stranger.certificate,)), (TRUST, TIDY)),
        ("self-signed", pki.served("self-signed", itself, ()), (TRUST,)),
        ("issuer-is-no-ca", _issued(on, "no-ca", no_ca), (TRUST,)),
        ("name-constraints", _issued(on, "constrained", other_names), (TRUST,)),
        ("expired-issuer", _issued(on, "expired-issuer", expired_middle), (DATES,)),
        ("thirty", long_chain, (TRUST, TIDY)),
    ]


def _issued(on: Setup, name: str, by: make.Authority) -> Served:
    return on.pki.served(name, on.pki.leaf(by=by), by.above)


def _selfsigned(on: Setup) -> x509.Certificate:
    return on.pki.stranger.certificate


def _expired(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    from datetime import timedelta

    builder._not_valid_after = make.NOW.replace(tzinfo=None) - timedelta(days=2)
    return make.as_ca(builder)


def _long(on: Setup, length: int) -> Served:
    by = on.pki.root
    for number in range(length - 1):
        by = on.pki.authority(by, f"Link {number}")
    return on.pki.served("long", on.pki.leaf(by=by), by.above)


def _staples(on: Setup) -> list[Case]:
    pki = on.pki
    certificate, key = pki.leaf()
    other, _ = pki.leaf()
    served = pki.served("stapled", (certificate, key))
    files = {
        "stale": pki.ocsp("stale", certificate, days=(-40, -30)),
        "revoked": pki.ocsp("revoked", certificate, revoked=True),
        "of-another": pki.ocsp("of-another", other),
        "of-the-future": pki.ocsp("of-the-future", certificate, days=(2, 9)),
    }
    cases = [
        Case(
            name=f"staple-{name}",
            server=OpenSsl(served=served, options=("-status_file", file)),
            fails=fails(STAPLE),
        )
        for name, file in files.items()
    ]
    weak = {
        "rsa-1024": pki.served("rsa-1024", pki.leaf(key=rsa_key(1024))),
        "rsa-1536": pki.served("rsa-1536", pki.leaf(key=rsa_key(1536))),
    }
    for name, weakest in weak.items():
        options = ("-cipher", "ECDHE+AESGCM:@SECLEVEL=0")
        server = OpenSsl(served=weakest, options=options, secure=False)
        failing = fails(KEYS, "tls-signatures-strong")
        cases.append(Case(name=f"certificate-{name}", server=server, fails=failing))
    return cases


def _pins(on: Setup) -> list[Case]:
    return [
        Case(
            name="pin-missed",
            server=Python(served=on.pki.good),
            endpoint={"pins": ("0" * 64,)},
            fails=fails("certificate-pinned"),
        ),
        Case(
            name="public-list-only",
            server=Python(served=on.pki.good),
            endpoint={"ca_file": ""},
            fails=fails(TRUST),
        ),
    ]
