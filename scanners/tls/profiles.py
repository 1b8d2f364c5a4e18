"""TLS policies as data: what is allowed, what is required, and where that is written.

A profile names what is allowed; everything else is forbidden, and is what the prober offers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from hardening.errors import ConfigError

_TLS13: Final = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
_ECDHE_GCM: Final = (
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
)
_ECDHE_CHACHA: Final = (
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
)
_ECDHE_CCM: Final = ("TLS_ECDHE_ECDSA_WITH_AES_128_CCM", "TLS_ECDHE_ECDSA_WITH_AES_256_CCM")
_DHE_GCM: Final = ("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384")
_DHE_CCM: Final = ("TLS_DHE_RSA_WITH_AES_128_CCM", "TLS_DHE_RSA_WITH_AES_256_CCM")
_CBC_SHA2: Final = (
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
)

_HYBRIDS: Final = ("X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024")
_NIST_CURVES: Final = ("secp256r1", "secp384r1", "secp521r1")
_BRAINPOOL: Final = (
    *("brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"),
    *("brainpoolP256r1tls13", "brainpoolP384r1tls13", "brainpoolP512r1tls13"),
)
_FFDHE: Final = ("ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192")

_SHA2_SIGNATURES: Final = (
    *("ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512", "ed25519", "ed448"),
    *("rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512"),
    *("rsa_pss_pss_sha256", "rsa_pss_pss_sha384", "rsa_pss_pss_sha512"),
    *("rsa_pkcs1_sha256", "rsa_pkcs1_sha384", "rsa_pkcs1_sha512"),
)
_SHA224_SIGNATURES: Final = ("ecdsa_sha224", "rsa_pkcs1_sha224")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One policy. `required` versions must be offered, one of `allowed` at least; the rest must not.

    `post_quantum` is `required`, `wanted` (shown, never a failure) or `-`. Ages and lives are in days,
    `hsts_seconds` in seconds (0: not asked for). `plaintext_redirect` says whether the plaintext port may
    redirect to https; `names_strictly` whether a foreign server name must be refused.
    """

    name: str
    version: str
    source: str
    allowed: tuple[str, ...]
    required: tuple[str, ...]
    suites: tuple[str, ...]
    groups: tuple[str, ...]
    signatures: tuple[str, ...]
    post_quantum: str = "wanted"
    dh_bits: int = 2048
    rsa_bits: int = 2048
    ec_bits: int = 256
    certificate_days: int = 398
    days_left: int = 14
    hsts_seconds: int = 0
    plaintext_redirect: bool = True
    names_strictly: bool = False


CALLBACK: Final = Profile(
    name="ocpi-callback",
    version="2026-11",
    source="ours, for partners' endpoints: RFC 9325 (BCP 195) 3 and 4; OCPI 2.2.1, 4.1.2",
    allowed=("TLSv1.2", "TLSv1.3"),
    required=(),
    suites=(*_TLS13, *_ECDHE_GCM, *_ECDHE_CHACHA),
    # RFC 7919's fields and SHA-224 are in OpenSSL's defaults, and strong enough (112 bits).
    groups=(*_HYBRIDS, "x25519", "x448", *_NIST_CURVES, *_FFDHE),
    signatures=(*_SHA2_SIGNATURES, *_SHA224_SIGNATURES),
)

OWN: Final = replace(
    CALLBACK,
    name="ocpi-own",
    source="ours, for our own endpoints: ocpi-callback, with TLS 1.3 and a post-quantum hybrid required",
    required=("TLSv1.3",),
    groups=(*_HYBRIDS, "x25519", "x448", *_NIST_CURVES),
    post_quantum="required",
    days_left=30,
    hsts_seconds=31_536_000,
    plaintext_redirect=False,
)

MOZILLA_MODERN: Final = Profile(
    name="mozilla-modern",
    version="6.0",
    source="Mozilla Server Side TLS guidelines 6.0, modern",
    allowed=("TLSv1.3",),
    required=("TLSv1.3",),
    suites=_TLS13,
    groups=("X25519MLKEM768", "x25519", "secp256r1", "secp384r1"),
    signatures=(*_SHA2_SIGNATURES, *_SHA224_SIGNATURES),  # the guidelines do not narrow them
    certificate_days=90,
    hsts_seconds=63_072_000,
)

MOZILLA_INTERMEDIATE: Final = replace(
    MOZILLA_MODERN,
    name="mozilla-intermediate",
    source="Mozilla Server Side TLS guidelines 6.0, intermediate",
    allowed=("TLSv1.2", "TLSv1.3"),
    suites=(*_TLS13, *_ECDHE_GCM, *_ECDHE_CHACHA),
    certificate_days=366,
)

BSI: Final = Profile(
    name="bsi-tr-02102-2",
    version="2026-01",
    source="BSI TR-02102-2, 2026-01, 3.3 and 3.4 (from secondary sources: check before a certification)",
    allowed=("TLSv1.2", "TLSv1.3"),
    required=(),
    suites=(
        *("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_AES_128_CCM_SHA256"),
        *_ECDHE_GCM,
        *_ECDHE_CCM,
        *_CBC_SHA2,
        *_DHE_GCM,
        *_DHE_CCM,
    ),
    groups=(*_HYBRIDS, *_NIST_CURVES, *_BRAINPOOL, "ffdhe3072", "ffdhe4096"),
    signatures=tuple(name for name in _SHA2_SIGNATURES if "pkcs1" not in name and not name.startswith("ed")),
    rsa_bits=3000,
    ec_bits=250,
    dh_bits=3000,
)

NIST: Final = Profile(
    name="nist-sp-800-52r2",
    version="r2",
    source="NIST SP 800-52 revision 2 (August 2019), 3.1 to 3.6 (from memory: check before a certification)",
    allowed=("TLSv1.2", "TLSv1.3"),
    required=("TLSv1.2", "TLSv1.3"),
    suites=(
        *("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"),
        *("TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"),
        *_ECDHE_GCM,
        *_ECDHE_CCM,
        *("TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"),
        *_DHE_GCM,
        *_DHE_CCM,
        *_CBC_SHA2,
    ),
    groups=(*_HYBRIDS, *_NIST_CURVES, *_FFDHE),
    signatures=(*_SHA2_SIGNATURES, *_SHA224_SIGNATURES),  # SP 800-131A allows SHA-224
    post_quantum="-",
    certificate_days=1096,
)

PCI: Final = replace(
    CALLBACK,
    name="pci-dss",
    version="4.0.1",
    source="PCI DSS 4.0.1, 4.2.1 and 12.3.3 (strong cryptography; from memory)",
    suites=(*_TLS13, *_ECDHE_GCM, *_ECDHE_CHACHA, *_ECDHE_CCM, *_DHE_GCM, *_DHE_CCM, *_CBC_SHA2),
    groups=(*_HYBRIDS, "x25519", "x448", *_NIST_CURVES, *_BRAINPOOL, *_FFDHE),
    post_quantum="-",
)

PROFILES: Final[Mapping[str, Profile]] = {
    profile.name: profile for profile in (CALLBACK, OWN, MOZILLA_MODERN, MOZILLA_INTERMEDIATE, BSI, NIST, PCI)
}
# The registry's short names for our own two.
_ALIASES: Final = {"callback": CALLBACK.name, "own": OWN.name}


def profile(name: str) -> Profile:
    """The profile called `name`. Raises ConfigError."""
    found = PROFILES.get(_ALIASES.get(name, name))
    if found is None:
        raise ConfigError(f"unknown TLS profile {name!r}", f"known profiles: {', '.join(PROFILES)}")
    return found
