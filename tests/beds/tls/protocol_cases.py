"""Servers whose TLS is wrong: versions, suites, groups, signatures, extensions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scanners.tls.profiles import OWN, PROFILES
from tests.beds.tls import behaviours as does
from tests.beds.tls.case import Case, Setup, fails
from tests.beds.tls.case_controls import (
    ANSWERS,
    DH,
    FALLBACK,
    GROUPS,
    OLD,
    ORDER,
    REQUIRED,
    SIGNATURES,
    SUITES,
    TOLERATED,
    UNFINISHED,
)
from tests.beds.tls.certificate_form_cases import UNANSWERED
from tests.beds.tls.good_cases import GATEWAY, HSTS
from tests.beds.tls.hellos import Flaw, scripted
from tests.beds.tls.openssl_cases import openssl_cases
from tests.beds.tls.pki import rsa_key
from tests.beds.tls.servers import Envoy, Nginx, OpenSsl, Python, Raw, Server, TlsLite


def protocol_cases(on: Setup) -> list[Case]:
    """Every server with a flaw in TLS itself."""
    return [
        *_scripted(on),
        *openssl_cases(on),
        *_python(on),
        *_nginx(on),
        *_envoy(on),
        *_post_quantum(on),
        *_only_forbidden(on),
        *_slow(on),
        *_tlslite(on),
    ]


def _scripted(on: Setup) -> list[Case]:
    """One flaw each, in TLS 1.2 and older; TLS 1.3 is good."""
    flaws: list[tuple[str, Flaw, tuple[str, ...]]] = [
        ("ssl2", Flaw(ssl2=True), (OLD,)),
        ("ssl3", Flaw(oldest=0x0300), (OLD,)),
        ("tls10", Flaw(oldest=0x0301), (OLD,)),
        ("tls11", Flaw(oldest=0x0302), (OLD,)),
        ("tls10-fallback-served", Flaw(oldest=0x0301, fallback_seen=False), (OLD, FALLBACK)),
        ("tls11-fallback-served", Flaw(oldest=0x0302, fallback_seen=False), (OLD, FALLBACK)),
        ("heartbeat", Flaw(heartbeat=True), ("tls-heartbeat-off",)),
        ("suite-cbc-by-client", Flaw(suites=(0xC02B, 0xC009), own_order=False), (SUITES, ORDER)),
        ("compression", Flaw(compression=True), ("tls-compression-off",)),
        ("no-master-secret", Flaw(master_secret=False), ("tls-extended-master-secret",)),
        ("no-renegotiation-info", Flaw(renegotiation=False), ("tls-renegotiation-secure",)),
        ("no-sentinel", Flaw(sentinel=False), ("tls-downgrade-signalled",)),
        ("suite-null", Flaw(suites=(0xC02B, 0xC006)), (SUITES,)),
        ("suite-export", Flaw(suites=(0xC02B, 0x0003)), (SUITES,)),
        ("suite-des", Flaw(suites=(0xC02B, 0x0009)), (SUITES,)),
        ("suite-rc4", Flaw(suites=(0xC02B, 0xC007)), (SUITES,)),
        ("suite-3des", Flaw(suites=(0xC02B, 0xC008)), (SUITES,)),
        ("suite-cbc", Flaw(suites=(0xC02B, 0xC009, 0xC00A, 0xC023)), (SUITES,)),
        ("suite-anonymous", Flaw(suites=(0xC02B, 0xC018)), (SUITES,)),
        ("suite-seed", Flaw(suites=(0xC02B, 0x0096)), (SUITES,)),
        ("suite-ccm8", Flaw(suites=(0xC02B, 0xC0AE)), (SUITES,)),
        ("suite-camellia", Flaw(suites=(0xC02B, 0xC086)), (SUITES,)),
        ("group-sect163", Flaw(groups=(29, 1)), (GROUPS,)),
        ("group-secp160", Flaw(groups=(29, 16)), (GROUPS,)),
        ("group-secp192", Flaw(groups=(29, 19)), (GROUPS,)),
        ("groups-ignored", Flaw(ignores_groups=True), ()),
        ("signature-sha1", Flaw(signatures=(0x0403, 0x0203)), (SIGNATURES,)),
        ("signature-md5", Flaw(signatures=(0x0403, 0x0101)), (SIGNATURES,)),
        ("dh-512", Flaw(suites=(0xC02B, 0x009E), dh_bits=512), (SUITES, DH)),
        ("dh-1024", Flaw(suites=(0xC02B, 0x009E), dh_bits=1024), (SUITES, DH)),
    ]
    cases, unfinished = [], frozenset(UNFINISHED)
    for name, flaw, failing in flaws:
        extra = (GROUPS,) if flaw.ignores_groups else ()
        handler = scripted(flaw, on.pki.good, on.good)
        cases.append(
            Case(
                name=name,
                server=Raw(handler),
                fails=fails(*failing, *extra),
                errors=unfinished,
            )
        )
    return cases


def _python(on: Setup) -> list[Case]:
    served = on.pki.good
    return [
        Case(
            # Alert 120: our application protocol displeases it. It has TLS 1.3, but shows us none of it.
            name="tls13-for-others-only",
            server=Raw(does.refusing_newest(120, on.good)),
            endpoint={"profile": replace(PROFILES["ocpi-callback"], required=("TLSv1.3",))},
            fails=fails(TOLERATED),
            errors=frozenset(
                {REQUIRED, SUITES, GROUPS, "tls-early-data-off"},
            ),
        ),
        Case(
            name="own-without-tls13",
            server=Python(served=served, newest="TLSv1_2"),
            endpoint={"profile": OWN},
            fails=fails(REQUIRED, "tls-key-exchange-post-quantum", "https-hsts-sent"),
        ),
        Case(
            name="modern-with-tls12",
            server=Python(served=served),
            endpoint={"profile": PROFILES["mozilla-modern"], "plain_port": 0},
            fails=fails(OLD, GROUPS, "https-hsts-sent"),
        ),
    ]


def _nginx(on: Setup) -> list[Case]:
    rsa = on.pki.served("nginx-rsa", on.pki.leaf(key=rsa_key()))
    directives = {
        "nginx-old-versions": "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;"
        " ssl_ciphers ECDHE+AESGCM:ECDHE-RSA-AES128-SHA:@SECLEVEL=0;",
        "nginx-cbc": "ssl_ciphers ECDHE+AESGCM:ECDHE-RSA-AES128-SHA256;",
        "nginx-static-rsa": "ssl_ciphers ECDHE+AESGCM:AES256-GCM-SHA384;",
        # Among them suites that few clients have, with the names of good ones (ARIA-GCM).
        "nginx-all-by-client": "ssl_ciphers ALL:@SECLEVEL=0; ssl_prefer_server_ciphers off;",
        "nginx-early-data": "ssl_early_data on;",
    }
    failing = {
        "nginx-old-versions": fails(OLD, SUITES, SIGNATURES, ORDER),
        "nginx-cbc": fails(SUITES, ORDER),
        "nginx-static-rsa": fails(SUITES, ORDER),
        "nginx-all-by-client": fails(SUITES, SIGNATURES, ORDER),
        "nginx-early-data": fails("tls-early-data-off"),
    }
    return [
        Case(
            name=name,
            server=Nginx(served=rsa, directives=f"{text} location / {{ return 401; }}"),
            fails=failing[name],
        )
        for name, text in directives.items()
    ]


def _envoy(on: Setup) -> list[Case]:
    served, headers = on.pki.good, {"strict-transport-security": HSTS}
    weaker = {
        "envoy-without-post-quantum": GATEWAY | {"ecdh_curves": ["X25519", "P-256"]},
        "envoy-default-signatures": {k: v for k, v in GATEWAY.items() if k != "signature_algorithms"},
        "envoy-tls12-only": GATEWAY | {"tls_maximum_protocol_version": "TLSv1_2"},
        "envoy-cbc": GATEWAY | {"cipher_suites": ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA"]},
    }
    failing = {
        "envoy-without-post-quantum": fails("tls-key-exchange-post-quantum"),
        "envoy-default-signatures": fails(SIGNATURES),
        "envoy-tls12-only": fails(REQUIRED, "tls-key-exchange-post-quantum"),
        "envoy-cbc": fails(SUITES),
    }
    return [
        Case(
            name=name,
            server=Envoy(served=served, parameters=parameters, headers=headers),
            endpoint={"profile": OWN},
            fails=failing[name],
        )
        for name, parameters in weaker.items()
    ]


def _post_quantum(on: Setup) -> list[Case]:
    """Handshakes are completed with ML-KEM, also where nothing else is taken."""
    only = GATEWAY | {"tls_minimum_protocol_version": "TLSv1_3"}
    return [
        Case(
            name=f"good-post-quantum-{groups[0]}",
            server=Envoy(served=on.pki.good, parameters=only | {"ecdh_curves": groups}),
        )
        for groups in (["X25519MLKEM768"], ["MLKEM1024"])
    ]


def _only_forbidden(on: Setup) -> list[Case]:
    """Only what is forbidden is offered: that fails, and everything else is judged all the same."""
    served = on.pki.good
    weak = ("-cipher", "ECDHE+AESGCM:@SECLEVEL=0", "-curves")
    sect163 = scripted(Flaw(groups=(1,), sentinel=False), served, None)
    sect163_cbc = scripted(Flaw(groups=(1,), suites=(0xC009,), sentinel=False), served, None)
    p224 = OpenSsl(
        served=served, options=("-tls1_2", *weak, "P-224", "-sigalgs", "ECDSA+SHA256"), secure=False
    )
    sha1 = OpenSsl(served=served, options=("-tls1_2", *weak[:2], "-sigalgs", "ECDSA+SHA1"), secure=False)
    servers: dict[str, tuple[Server, tuple[str, ...], tuple[str, ...]]] = {
        "sect163k1": (Raw(sect163), (GROUPS,), (*UNANSWERED, *UNFINISHED)),
        "sect163k1-and-cbc": (Raw(sect163_cbc), (GROUPS, SUITES), (*UNANSWERED, *UNFINISHED)),
        "sha1": (sha1, (SIGNATURES,), ()),
        "secp224r1": (p224, (GROUPS,), (*UNANSWERED, *UNFINISHED)),
        "http-2": (Raw(does.without_http_1(on.good)), (ANSWERS,), ()),
        "http-2-in-tls12": (Raw(does.without_http_1(on.other)), (ANSWERS,), ()),
    }
    cases = [
        Case(name=f"only-{name}", server=server, fails=fails(*failing), errors=frozenset(unseen))
        for name, (server, failing, unseen) in servers.items()
    ]
    ffdhe = OpenSsl(served=served, options=("-tls1_3", "-curves", "ffdhe3072"))
    return [
        *cases,
        Case(name="good-only-ffdhe3072", server=ffdhe),
        Case(
            name="only-ffdhe3072-of-our-own",
            server=ffdhe,
            endpoint={"profile": OWN},
            fails=fails(GROUPS, "tls-key-exchange-post-quantum", "https-hsts-sent"),
        ),
    ]


def _slow(on: Setup) -> list[Case]:
    return [
        Case(name="good-slow", server=Raw(does.slow(on.good, 0.8)), slow=True),
    ]


def _tlslite(on: Setup) -> list[Case]:
    rsa = on.pki.served("tlslite-rsa", on.pki.leaf(key=rsa_key()))
    modern: dict[str, Any] = {
        "use_heartbeat_extension": False,
        "minVersion": (3, 3),
        "cipherNames": ["aes256gcm", "aes128gcm"],
        "keyExchangeNames": ["ecdhe_rsa"],
        "eccCurves": ["x25519", "secp256r1"],
        "dhGroups": [],
        "rsaSigHashes": ["sha256"],
        "more_sig_schemes": [],
    }
    weaker = {
        "tlslite-ssl3": modern
        | {"minVersion": (3, 0), "versions": [(3, 4), (3, 3), (3, 2), (3, 1), (3, 0)],
           "cipherNames": ["aes128gcm", "aes128"], "macNames": ["sha", "aead"]},
        "tlslite-rc4": modern | {"cipherNames": ["aes128gcm", "rc4"], "macNames": ["sha", "aead"]},
        "tlslite-3des": modern | {"cipherNames": ["aes128gcm", "3des"], "macNames": ["sha", "aead"]},
        "tlslite-no-master-secret": modern | {"useExtendedMasterSecret": False},
        "tlslite-heartbeat": modern | {"use_heartbeat_extension": True},
        "tlslite-sha1": modern | {"rsaSigHashes": ["sha256", "sha1"]},
    }  # fmt: skip
    failing = {
        "tlslite-ssl3": fails(OLD, SUITES),
        "tlslite-rc4": fails(SUITES),
        "tlslite-3des": fails(SUITES),
        "tlslite-no-master-secret": fails("tls-extended-master-secret"),
        "tlslite-heartbeat": fails("tls-heartbeat-off"),
        "tlslite-sha1": fails(SIGNATURES),
    }
    return [
        Case(name=name, server=TlsLite(served=rsa, settings=settings), fails=failing[name])
        for name, settings in weaker.items()
    ]
