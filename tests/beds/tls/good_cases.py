"""Endpoints on which there must be no alarm."""

from __future__ import annotations

from scanners.tls.profiles import MOZILLA_MODERN, OWN, PROFILES
from tests.beds.tls.behaviours import http_by_token
from tests.beds.tls.case import Case, Setup
from tests.beds.tls.pki import NAME, rsa_key
from tests.beds.tls.servers import Envoy, Nginx, OpenSsl, Python, Raw, TlsLite

HSTS = "max-age=63072000; includeSubDomains"
GATEWAY = {
    "tls_minimum_protocol_version": "TLSv1_2",
    "tls_maximum_protocol_version": "TLSv1_3",
    "cipher_suites": ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"],
    "ecdh_curves": ["X25519MLKEM768", "X25519", "P-256"],
    "signature_algorithms": ["ecdsa_secp256r1_sha256"],
}


def good_cases(on: Setup) -> list[Case]:
    """Good servers of each kind."""
    pki, served = on.pki, on.pki.good
    rsa = pki.served("good-rsa", pki.leaf(key=rsa_key()))
    wild = pki.served("good-wildcard", pki.leaf(names=("*.example.com",)))
    by_address = pki.served("good-address", pki.leaf(names=("127.0.0.1",)))
    stapled = pki.leaf()
    staple = pki.ocsp("good", stapled[0])
    secure = f"https://{NAME}/ocpi"
    return [
        Case(name="good-openssl", server=OpenSsl(served=served)),
        Case(name="good-python-rsa", server=Python(served=rsa)),
        Case(name="good-wildcard", server=Python(served=wild)),
        Case(name="good-tls12-only", server=Python(served=served, newest="TLSv1_2")),
        Case(
            name="good-tls13-only",
            server=Python(served=served, oldest="TLSv1_3"),
            endpoint={"profile": MOZILLA_MODERN, "plain_port": 0},
            # Mozilla modern wants HSTS and a post-quantum group; the latter is only wished for.
            fails=frozenset({"https-hsts-sent", "tls-groups-strong"}),
        ),
        Case(
            name="good-by-address",
            server=Python(served=by_address),
            endpoint={"server_name": "127.0.0.1"},
        ),
        Case(
            name="good-redirecting",
            server=Python(served=served),
            plain=Raw(http_by_token("308 Permanent Redirect", "403 Forbidden", f"Location: {secure}")),
        ),
        Case(
            name="good-refusing-plaintext",
            server=Python(served=served),
            plain=Raw(http_by_token("403 Forbidden", "403 Forbidden")),
        ),
        Case(
            name="good-staple",
            server=OpenSsl(served=pki.served("good-stapled", stapled), options=("-status_file", staple)),
        ),
        Case(
            name="good-pinned",
            server=Python(served=served),
            endpoint={"pins": (_spki(on),)},
        ),
        Case(
            name="good-strict-names",
            server=Python(served=served, by_name={NAME: served}, strict_names=True),
        ),
        Case(name="good-nginx", server=Nginx(served=served, directives="return 401;")),
        Case(
            name="good-gateway",
            server=Envoy(served=served, parameters=GATEWAY, headers={"strict-transport-security": HSTS}),
            endpoint={"profile": OWN},
        ),
        Case(
            name="good-gateway-as-callback",
            server=Envoy(served=served, parameters=GATEWAY),
            endpoint={"profile": PROFILES["mozilla-intermediate"]},
            fails=frozenset({"https-hsts-sent"}),
        ),
        Case(
            name="good-tlslite",
            server=TlsLite(
                served=served,
                settings={
                    "minVersion": (3, 3),
                    "use_heartbeat_extension": False,
                    "cipherNames": ["aes256gcm", "aes128gcm"],
                    "keyExchangeNames": ["ecdhe_ecdsa"],
                    "eccCurves": ["x25519", "secp256r1"],
                    "dhGroups": [],
                    "ecdsaSigHashes": ["sha256"],
                    "more_sig_schemes": [],
                },
            ),
        ),
    ]


def _spki(on: Setup) -> str:
    import hashlib

    from cryptography.hazmat.primitives import serialization

    key = on.pki.good.certificates[0].public_key()
    encoded = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(encoded).hexdigest()
