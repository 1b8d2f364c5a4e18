"""Servers whose chains have a CA with a key of EdDSA: clients with OpenSSL follow them, good or bad."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519

from tests.beds.tls import pki as make
from tests.beds.tls.case import Case, Setup, fails
from tests.beds.tls.certificate_cases import TRUST
from tests.beds.tls.pki import Authority, Build, Served
from tests.beds.tls.servers import Python

DATE = "certificate-in-date"


def edwards_cases(on: Setup) -> list[Case]:
    """Every server below such a CA."""
    past: dict[str, Any] = {"begins": -60, "ends": -5}
    unsigned = Authority(on.pki.root.certificate, on.pki.stranger.key, ())
    cases: dict[str, tuple[Served, tuple[str, ...]]] = {
        "good-edwards-ca": (_served(on, "good"), ()),
        "good-edwards-leaf": (_served(on, "leaf", key=ed25519.Ed25519PrivateKey.generate()), ()),
        "edwards-ca-expired-leaf": (_served(on, "old-leaf", **past), (DATE,)),
        "edwards-ca-expired": (_served(on, "old", ca=past), (DATE,)),
        "edwards-ca-that-is-none": (_served(on, "none", ca={"build": make.for_servers}), (TRUST,)),
        "edwards-ca-of-a-stranger": (_served(on, "strange", by=on.pki.stranger), (TRUST,)),
        "edwards-ca-signed-by-another-key": (_served(on, "forged", by=unsigned), (TRUST,)),
    }
    return [
        Case(name=name, server=Python(served=served), fails=fails(*failing))
        for name, (served, failing) in cases.items()
    ]


def _served(
    on: Setup, name: str, *, by: Authority | None = None, ca: dict[str, Any] | None = None, **leaf: Any
) -> Served:
    """A leaf below a CA with a key of Ed25519, which is below `by`; `ca` and `leaf` are settings of each."""
    key = ed25519.Ed25519PrivateKey.generate()
    settings: dict[str, Any] = {"build": make.as_ca, **(ca or {})}
    settings["build"] = _with_subject_key(key, settings["build"])
    above = by or on.pki.root
    middle, _ = on.pki.leaf(by=above, key=key, subject="Edwards CA", names=(), **settings)
    authority = Authority(middle, key, (middle, *above.above))
    return on.pki.served(f"edwards-{name}", on.pki.leaf(by=authority, **leaf), authority.above)


def _with_subject_key(
    key: ed25519.Ed25519PrivateKey, build: Build
) -> Callable[[x509.CertificateBuilder], x509.CertificateBuilder]:
    def with_it(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return build(builder).add_extension(identifier, critical=False)

    return with_it
