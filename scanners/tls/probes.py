"""The offers that a policy leads to: each holds only what the policy forbids, or asks one question.

An endpoint that refuses all forbidden offers accepts nothing forbidden; enumeration is for failures.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from scanners.tls.profiles import Profile
from scanners.tls.protocol.codepoints import (
    ECDSA_SIGNATURES,
    FINITE_FIELDS,
    GROUPS,
    POST_QUANTUM,
    SIGNATURES,
    TLS1_1,
    TLS1_2,
    TLS1_3,
)
from scanners.tls.protocol.hello import ALL_GROUPS, ALL_SIGNATURES, COMMON_SIGNATURES, Offer
from scanners.tls.protocol.key_agreement import (
    COMPLETED_GROUPS,
    X25519,
    X25519_MLKEM768,
    key_share,
    new_key,
    share_of_nobody,
)
from scanners.tls.protocol.protection12 import COMPLETED_SUITES
from scanners.tls.protocol.resumption import Ticket, same_hash
from scanners.tls.protocol.suites import EPHEMERAL, SUITES, TLS12, TLS13

TLS_1_3: Final = "tls-1.3"
TLS_1_2: Final = "tls-1.2"
OLD_VERSIONS: Final = "old-versions"
SSL_2: Final = "ssl-2"
SUITES_1_2: Final = "forbidden-suites-1.2"
SUITES_1_3: Final = "forbidden-suites-1.3"
UNDECLARED_SUITES: Final = "undeclared-suites"
GROUPS_1_2: Final = "forbidden-groups-1.2"
GROUPS_1_3: Final = "forbidden-groups-1.3"
SIGNATURES_1_2: Final = "forbidden-signatures-1.2"
POST_QUANTUM_GROUPS: Final = "post-quantum-groups"
NO_NAME: Final = "no-server-name"
FOREIGN_NAME: Final = "foreign-server-name"
OTHER_CERTIFICATE: Final = "other-certificate"
OTHER_CERTIFICATE_1_3: Final = "other-certificate-1.3"
FINITE_FIELD: Final = "finite-field"
MODERN: Final = "modern-client"
FALLBACK: Final = "fallback"
WEAK_FIRST: Final = "weak-suites-first"
RENEGOTIATION: Final = "client-renegotiation"
STATIC_RSA: Final = "static-rsa"
RESUMED_OLD: Final = "resumed-in-an-old-version"
RESUMED_WEAK: Final = "resumed-with-forbidden-suites"
RESUMED_ABROAD: Final = "resumed-under-a-foreign-name"
RESUMED_BARE: Final = "resumed-without-a-key-exchange"

# Reserved for such a use (RFC 2606): nobody's endpoint.
FOREIGN: Final = "rampart-audit.invalid"

_BOTH_COMPRESSIONS: Final = b"\x01\x00"
# "I fell back" (RFC 7507).
_FALLBACK_SCSV: Final = 0x5600
# Preferred first, as a browser would: what a server chooses of these is what it really uses.
_STRONG_FIRST: Final = sorted(
    TLS12,
    key=lambda c: (
        *(c not in EPHEMERAL, "GCM" not in SUITES[c], "ECDHE" not in SUITES[c]),
        *("_AES_" not in SUITES[c], c),
    ),
)


def tls_1_3(name: str) -> Offer:
    """TLS 1.3 alone, with all of its suites, and the groups that we can complete."""
    return Offer(
        version=TLS1_3,
        suites=(0x1302, 0x1303, 0x1301, 0x1304, 0x1305),
        server_name=name,
        groups=COMPLETED_GROUPS,
    )


def tls_1_2(name: str) -> Offer:
    """TLS 1.2 at most, with every suite and compression: what a server does with it shows in its hello."""
    return Offer(
        version=TLS1_2,
        suites=tuple(_STRONG_FIRST),
        server_name=name,
        groups=ALL_GROUPS,
        signatures=ALL_SIGNATURES,
        compression=_BOTH_COMPRESSIONS,
        heartbeats=True,
        tickets=True,
    )


def old_versions(name: str, version: int = TLS1_1) -> Offer:
    """At most `version`: a server answers with the highest that it has (RFC 5246, E.1)."""
    return replace(_older(name, tuple(_STRONG_FIRST)), version=version)


def suites_1_2(name: str, profile: Profile) -> Offer | None:
    """Every TLS 1.2 suite that the profile forbids."""
    forbidden = tuple(code for code in _STRONG_FIRST if SUITES[code] not in profile.suites)
    if "TLSv1.2" not in profile.allowed or not forbidden:
        return None
    return _older(name, forbidden)


def suites_1_3(name: str, profile: Profile) -> Offer | None:
    """Every TLS 1.3 suite that the profile forbids."""
    forbidden = tuple(code for code in sorted(TLS13) if SUITES[code] not in profile.suites)
    return _newest(name, forbidden) if forbidden else None


def undeclared_suites(name: str, profile: Profile, declared: tuple[str, ...]) -> Offer | None:
    """Every TLS 1.2 suite that the profile allows, and the stack does not declare."""
    suites = tuple(c for c in _STRONG_FIRST if SUITES[c] in profile.suites and SUITES[c] not in declared)
    return _older(name, suites) if suites else None


def groups_1_2(name: str, profile: Profile, leaf_group: int = 0) -> Offer | None:
    """Every elliptic curve that the profile forbids, with ECDHE suites only.

    `leaf_group`, the curve of an ECDSA certificate, comes last: without it OpenSSL would turn the whole
    offer down (RFC 8422, 5.1 and 5.3), whatever it thinks of the others.
    """
    forbidden = tuple(c for c in _forbidden_groups(profile) if c not in FINITE_FIELDS | POST_QUANTUM)
    suites = tuple(c for c in _STRONG_FIRST if SUITES[c].startswith("TLS_ECDHE"))
    if "TLSv1.2" not in profile.allowed or not forbidden:
        return None
    groups = (*forbidden, leaf_group) if leaf_group else forbidden
    return replace(_older(name, suites), groups=groups)


def groups_1_3(name: str, profile: Profile) -> Offer | None:
    """Every group that the profile forbids, without a key share: a HelloRetryRequest accepts one."""
    forbidden = _forbidden_groups(profile)
    return replace(_newest(name, tuple(sorted(TLS13))), groups=forbidden) if forbidden else None


def any_group_1_3(name: str) -> Offer:
    """TLS 1.3 with every group, and no key share."""
    return _newest(name, tuple(sorted(TLS13)))


def without_exchange(offer: Offer, ticket: Ticket) -> Offer:
    """The offer, with a ticket that is to be taken without a key exchange, and the suites that go with it."""
    suites = tuple(suite for suite in offer.suites if same_hash(suite, ticket.suite))
    return replace(offer, suites=suites, psk=ticket, fresh_keys=False)


def signatures_1_2(name: str, profile: Profile) -> Offer | None:
    """Every signature algorithm that the profile forbids, with suites whose key exchange is signed."""
    forbidden = tuple(c for c in SIGNATURES if SIGNATURES[c] not in profile.signatures and c < 0x0800)
    suites = tuple(c for c in _STRONG_FIRST if c in EPHEMERAL)
    if "TLSv1.2" not in profile.allowed or not forbidden:
        return None
    return replace(_older(name, suites), signatures=forbidden)


def post_quantum_groups(name: str) -> Offer:
    """Hybrid and pure ML-KEM groups, without a key share."""
    return replace(_newest(name, tuple(sorted(TLS13))), groups=tuple(sorted(POST_QUANTUM, reverse=True)))


def modern(name: str, *, large: bool = True, grease: bool = True, newest: bool = True) -> Offer:
    """A hello as today's browsers send it: large with a key share of ML-KEM, and with unknown values."""
    suites = tuple(_STRONG_FIRST)
    if not newest:
        return replace(_older(name, suites), grease=grease)
    groups: tuple[int, ...] = (X25519_MLKEM768, X25519) if large else (X25519,)
    groups += tuple(c for c in ALL_GROUPS[3:] if c not in groups)
    shares = [(X25519_MLKEM768, share_of_nobody())] if large else []
    shares.append((X25519, key_share(new_key(X25519))))
    return Offer(
        version=TLS1_3, oldest=TLS1_2, suites=(*sorted(TLS13), *suites), server_name=name, grease=grease,
        groups=groups, signatures=ALL_SIGNATURES, key_shares=tuple(shares),
    )  # fmt: skip


def fallback(name: str, version: int) -> Offer:
    """A version below the endpoint's best, by a client that says that it fell back to it."""
    offer = old_versions(name, version)
    return replace(offer, suites=(*offer.suites, _FALLBACK_SCSV))


def weak_first(name: str, profile: Profile) -> Offer:
    """Every TLS 1.2 suite, those that the profile forbids first."""
    return _older(name, tuple(sorted(_STRONG_FIRST, key=lambda c: SUITES[c] in profile.suites)))


def renegotiable(name: str) -> Offer:
    """The TLS 1.2 suites with which this client can complete a handshake."""
    return replace(_older(name, tuple(c for c in _STRONG_FIRST if c in COMPLETED_SUITES)), tickets=True)


def static_rsa(name: str) -> Offer:
    """Suites whose secret is encrypted with the certificate's key."""
    return _older(name, tuple(c for c in _STRONG_FIRST if SUITES[c].startswith("TLS_RSA_WITH")))


def finite_field(name: str) -> Offer:
    """DHE suites only, to see the size of the prime."""
    return _older(name, tuple(c for c in _STRONG_FIRST if SUITES[c].startswith("TLS_DHE_")))


def other_certificate(name: str, version: int, first_is_ecdsa: bool) -> Offer:
    """Only the signature algorithms (and suites) of the other kind of key: a second certificate, if any."""
    signatures = tuple(c for c in COMMON_SIGNATURES if (c in ECDSA_SIGNATURES) != first_is_ecdsa)
    if version == TLS1_3:
        return replace(tls_1_3(name), signatures=signatures)
    kind = "_RSA_WITH" if first_is_ecdsa else "_ECDSA_WITH"
    suites = tuple(c for c in _STRONG_FIRST if kind in SUITES[c] and c in EPHEMERAL)
    return replace(_older(name, suites), signatures=signatures)


def _older(name: str, suites: tuple[int, ...]) -> Offer:
    """TLS 1.2 with every group and signature: nothing but the suites is a reason to refuse."""
    return Offer(
        version=TLS1_2, suites=suites, server_name=name, groups=ALL_GROUPS, signatures=ALL_SIGNATURES
    )


def _newest(name: str, suites: tuple[int, ...]) -> Offer:
    """TLS 1.3 with every group, and no key share."""
    return Offer(version=TLS1_3, suites=suites, server_name=name, groups=ALL_GROUPS)


def _forbidden_groups(profile: Profile) -> tuple[int, ...]:
    # Hybrids are better than what a policy may name; none forbids them on purpose.
    return tuple(c for c in GROUPS if GROUPS[c] not in profile.groups and c not in POST_QUANTUM)
