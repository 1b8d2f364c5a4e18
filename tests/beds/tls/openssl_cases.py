"""Servers of `openssl s_server` whose TLS is wrong."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dh

from tests.beds.tls.case import Case, Setup, fails
from tests.beds.tls.case_controls import ANSWERS, DH, GROUPS, OLD, ORDER, RENEGOTIATION, SIGNATURES, SUITES
from tests.beds.tls.pki import rsa_key
from tests.beds.tls.servers import OpenSsl


def openssl_cases(on: Setup) -> list[Case]:
    """Every `openssl s_server` with a weak version, suite, group, signature or prime."""
    served = on.pki.good
    rsa = on.pki.served("protocol-rsa", on.pki.leaf(key=rsa_key()))
    weak = ("-cipher", "ALL:@SECLEVEL=0")
    curves = ("-cipher", "ECDHE+AESGCM:@SECLEVEL=0", "-curves")
    return [
        Case(
            name="openssl-tls10-only",
            server=OpenSsl(served=served, options=("-tls1", *weak), secure=False),
            fails=fails(ANSWERS, OLD, SIGNATURES),
            errors=frozenset({RENEGOTIATION}),
        ),
        Case(
            name="openssl-tls11-only",
            server=OpenSsl(served=served, options=("-tls1_1", *weak), secure=False),
            fails=fails(ANSWERS, OLD, SIGNATURES),
            errors=frozenset({RENEGOTIATION}),
        ),
        Case(
            name="openssl-default-suites",
            server=OpenSsl(served=served, secure=False),
            fails=fails(SUITES, ORDER),
        ),
        Case(
            name="openssl-static-rsa",
            server=OpenSsl(served=rsa, options=("-cipher", "AES128-GCM-SHA256", "-tls1_2"), secure=False),
            fails=fails(SUITES),
        ),
        Case(
            name="openssl-null",
            server=OpenSsl(
                served=served,
                options=("-cipher", "ECDHE+AESGCM:ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0"),
                secure=False,
            ),
            fails=fails(OLD, SUITES, SIGNATURES, ORDER),
        ),
        Case(
            name="openssl-ccm8-in-tls13",
            server=OpenSsl(
                served=served,
                options=("-ciphersuites", "TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_8_SHA256"),
            ),
            fails=fails(SUITES),
        ),
        Case(
            name="openssl-secp224",
            server=OpenSsl(served=served, options=(*curves, "X25519:P-256:P-224"), secure=False),
            fails=fails(GROUPS, SIGNATURES),
        ),
        Case(
            name="openssl-secp256k1",
            server=OpenSsl(served=served, options=("-curves", "X25519:P-256:secp256k1")),
            fails=fails(GROUPS),
        ),
        Case(
            name="openssl-brainpool",
            server=OpenSsl(served=served, options=("-curves", "P-256:brainpoolP256r1")),
            fails=fails(GROUPS),
        ),
        Case(
            name="openssl-sha1",
            server=OpenSsl(
                served=served,
                options=("-cipher", "ECDHE+AESGCM:@SECLEVEL=0", "-sigalgs", "ECDSA+SHA256:ECDSA+SHA1"),
                secure=False,
            ),
            fails=fails(SIGNATURES),
        ),
        Case(
            name="openssl-dh-1024",
            server=OpenSsl(
                served=rsa,
                options=(
                    *("-cipher", "ECDHE+AESGCM:DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0"),
                    *("-dhparam", _dh_1024(on)),
                ),
                secure=False,
            ),
            fails=fails(SUITES, SIGNATURES, DH, ORDER),
        ),
    ]


def _dh_1024(on: Setup) -> str:
    """RFC 2409's second Oakley group: 1024 bits, and in use everywhere."""
    prime = int(
        "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
        "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
        "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
        16,
    )
    parameters = dh.DHParameterNumbers(prime, 2).parameters()
    file = on.pki.folder / "dh1024.pem"
    file.write_bytes(
        parameters.parameter_bytes(serialization.Encoding.PEM, serialization.ParameterFormat.PKCS3)
    )
    return str(file)
