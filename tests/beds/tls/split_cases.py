"""Servers that show another certificate in TLS 1.2 than in TLS 1.3, or for another name."""

from __future__ import annotations

from dataclasses import replace

from tests.beds.tls.behaviours import by_version
from tests.beds.tls.case import Case, Setup, fails
from tests.beds.tls.case_controls import RESUMED_NAME
from tests.beds.tls.pki import NAME, Served, rsa_key
from tests.beds.tls.servers import OpenSsl, Python, Raw

INNER = ("db-1.prod.internal",)


def split_cases(on: Setup) -> list[Case]:
    """Every server that is set up apart by version: as two servers, both of which know TLS 1.3."""
    return [*_older(on), *_second_keys(on), *_staples(on), *_names(on)]


def _older(on: Setup) -> list[Case]:
    """TLS 1.3 is good; clients of TLS 1.2 get something else."""
    pki, good = on.pki, on.pki.good
    certificate, *_ = good.certificates
    alone = replace(good, chain=pki.chain_file("alone", (certificate,)), certificates=(certificate,))
    older: dict[str, tuple[Served, tuple[str, ...]]] = {
        "expired": (pki.served("older-expired", pki.leaf(begins=-100, ends=-1)), ("certificate-in-date",)),
        "other-host": (
            pki.served("older-host", pki.leaf(names=("other.example.net",))),
            ("certificate-names-host",),
        ),
        "without-issuer": (alone, ("certificate-chain-trusted",)),
        "ten-years": (pki.served("older-long", pki.leaf(ends=3650)), ("certificate-life-short",)),
    }
    cases = {f"tls12-chain-{name}": _split(on, good, served) for name, (served, _) in older.items()}
    failing = {f"tls12-chain-{name}": fails(*controls) for name, (_, controls) in older.items()}
    cases["good-tls12-chain-of-its-own"] = _split(on, good, pki.served("older-good", pki.leaf()))
    return [
        Case(name=name, server=server, fails=failing.get(name, fails())) for name, server in cases.items()
    ]


def _split(on: Setup, newest: Served, older: Served) -> Raw:
    return Raw(by_version(
        on.start(Python(served=newest, oldest="TLSv1_3")), on.start(Python(served=older))
    ))  # fmt: skip


def _second_keys(on: Setup) -> list[Case]:
    """The second certificate of one version alone has expired."""
    pki = on.pki
    expired = pki.served("split-expired", pki.leaf(key=rsa_key(), begins=-100, ends=-1))
    apart = pki.served("split-apart", pki.leaf())
    newest = on.start(Python(served=pki.good, second=expired, oldest="TLSv1_3"))
    older = on.start(Python(served=apart))
    return [
        Case(
            name="second-key-expired-in-tls13-alone",
            server=Raw(by_version(newest, older)),
            fails=fails("certificate-in-date"),
        )
    ]


def _staples(on: Setup) -> list[Case]:
    """One certificate, with a staple that is out of date in TLS 1.2 alone."""
    pki = on.pki
    certificate, key = pki.leaf()
    served = pki.served("split-stapled", (certificate, key))
    fresh, stale = pki.ocsp("split-fresh", certificate), pki.ocsp("split-stale", certificate, days=(-40, -30))
    newest = on.start(OpenSsl(served=served, options=("-status_file", fresh, "-tls1_3")))
    older = on.start(OpenSsl(served=served, options=("-status_file", stale)))
    return [
        Case(
            name="staple-stale-in-tls12-alone",
            server=Raw(by_version(newest, older)),
            fails=fails("ocsp-staple-fresh"),
        )
    ]


def _names(on: Setup) -> list[Case]:
    """One version alone shows an internal host to a client that asks for no name, or for a foreign one."""
    pki = on.pki
    inner = pki.served("split-inner", pki.leaf(names=INNER))
    names = "tls-foreign-names-learn-nothing"
    strict = Python(served=pki.good, by_name={NAME: pki.good}, strict_names=True)
    open_ = Python(served=inner, by_name={NAME: pki.good})
    cases = []
    for version in ("TLSv1_2", "TLSv1_3"):
        newest, older = (open_, strict) if version == "TLSv1_3" else (strict, open_)
        server = by_version(on.start(replace(newest, oldest="TLSv1_3")), on.start(older))
        failing = fails(names, RESUMED_NAME) if version == "TLSv1_2" else fails(names)
        cases.append(Case(name=f"inner-names-shown-in-{version}-alone", server=Raw(server), fails=failing))
    return cases
