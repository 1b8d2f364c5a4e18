"""Versions, groups, signature algorithms and alerts by code point (IANA TLS registries)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SSL3, TLS1_0, TLS1_1, TLS1_2, TLS1_3 = 0x0300, 0x0301, 0x0302, 0x0303, 0x0304

VERSIONS: Final[Mapping[int, str]] = {
    0x0002: "SSLv2",
    SSL3: "SSLv3",
    TLS1_0: "TLSv1.0",
    TLS1_1: "TLSv1.1",
    TLS1_2: "TLSv1.2",
    TLS1_3: "TLSv1.3",
}

GROUPS: Final[Mapping[int, str]] = {
    1: "sect163k1",
    2: "sect163r1",
    3: "sect163r2",
    4: "sect193r1",
    5: "sect193r2",
    6: "sect233k1",
    7: "sect233r1",
    8: "sect239k1",
    9: "sect283k1",
    10: "sect283r1",
    11: "sect409k1",
    12: "sect409r1",
    13: "sect571k1",
    14: "sect571r1",
    15: "secp160k1",
    16: "secp160r1",
    17: "secp160r2",
    18: "secp192k1",
    19: "secp192r1",
    20: "secp224k1",
    21: "secp224r1",
    22: "secp256k1",
    23: "secp256r1",
    24: "secp384r1",
    25: "secp521r1",
    26: "brainpoolP256r1",
    27: "brainpoolP384r1",
    28: "brainpoolP512r1",
    29: "x25519",
    30: "x448",
    31: "brainpoolP256r1tls13",
    32: "brainpoolP384r1tls13",
    33: "brainpoolP512r1tls13",
    41: "curveSM2",
    0x0100: "ffdhe2048",
    0x0101: "ffdhe3072",
    0x0102: "ffdhe4096",
    0x0103: "ffdhe6144",
    0x0104: "ffdhe8192",
    0x0200: "MLKEM512",
    0x0201: "MLKEM768",
    0x0202: "MLKEM1024",
    0x11EB: "SecP256r1MLKEM768",
    0x11EC: "X25519MLKEM768",
    0x11ED: "SecP384r1MLKEM1024",
    0x6399: "X25519Kyber768Draft00",
}

# draft-ietf-tls-ecdhe-mlkem, draft-ietf-tls-mlkem. The Kyber draft was withdrawn: not one of them.
POST_QUANTUM: Final = frozenset(code for code, name in GROUPS.items() if "MLKEM" in name)
# RFC 7919: finite fields; in TLS 1.2 they go with DHE suites, not with ECDHE.
FINITE_FIELDS: Final = frozenset(code for code, name in GROUPS.items() if name.startswith("ffdhe"))

SIGNATURES: Final[Mapping[int, str]] = {
    0x0101: "rsa_pkcs1_md5",
    0x0201: "rsa_pkcs1_sha1",
    0x0202: "dsa_sha1",
    0x0203: "ecdsa_sha1",
    0x0301: "rsa_pkcs1_sha224",
    0x0302: "dsa_sha224",
    0x0303: "ecdsa_sha224",
    0x0401: "rsa_pkcs1_sha256",
    0x0402: "dsa_sha256",
    0x0403: "ecdsa_secp256r1_sha256",
    0x0501: "rsa_pkcs1_sha384",
    0x0502: "dsa_sha384",
    0x0503: "ecdsa_secp384r1_sha384",
    0x0601: "rsa_pkcs1_sha512",
    0x0602: "dsa_sha512",
    0x0603: "ecdsa_secp521r1_sha512",
    0x0804: "rsa_pss_rsae_sha256",
    0x0805: "rsa_pss_rsae_sha384",
    0x0806: "rsa_pss_rsae_sha512",
    0x0807: "ed25519",
    0x0808: "ed448",
    0x0809: "rsa_pss_pss_sha256",
    0x080A: "rsa_pss_pss_sha384",
    0x080B: "rsa_pss_pss_sha512",
}
ECDSA_SIGNATURES: Final = frozenset(
    code for code, name in SIGNATURES.items() if name.startswith(("ecdsa", "ed"))
)

ALERTS: Final[Mapping[int, str]] = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    22: "record_overflow",
    40: "handshake_failure",
    42: "bad_certificate",
    43: "unsupported_certificate",
    44: "certificate_revoked",
    45: "certificate_expired",
    46: "certificate_unknown",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    100: "no_renegotiation",
    109: "missing_extension",
    110: "unsupported_extension",
    112: "unrecognized_name",
    113: "bad_certificate_status_response",
    115: "unknown_psk_identity",
    116: "certificate_required",
    120: "no_application_protocol",
}
# This alert says that the server is in trouble, not that it refuses the offer. OpenSSL also sends
# internal_error for some offers that it does not like, so it counts as a refusal only when it repeats.
INTERNAL_ERROR: Final = 80
NO_APPLICATION_PROTOCOL: Final = 120

# Hashes of "Hello, RetryRequest" and the ends of a random that mark a downgrade (RFC 8446, 4.1.3).
HELLO_RETRY_RANDOM: Final = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
DOWNGRADE_TO_1_2: Final = b"DOWNGRD\x01"
DOWNGRADE_TO_1_1: Final = b"DOWNGRD\x00"


def named(table: Mapping[int, str], code: int) -> str:
    """The name of `code` in `table`; for an unknown one its number (`0x0a0a`)."""
    return table.get(code, f"0x{code:04x}")


def codes(table: Mapping[int, str], names: frozenset[str]) -> tuple[int, ...]:
    """The code points of `names`, in the table's order."""
    return tuple(code for code, name in table.items() if name in names)
