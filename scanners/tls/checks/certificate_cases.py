"""The cases of the checks on certificates that are more than one changed property."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from scanners.tls.checks.samples import CHAIN, ISSUER, LEAF, NOW, STAPLE, altered, certified, chained
from scanners.tls.observations import State, TlsScan

_UNSEEN: Final = "no certificate was seen"
# A CA of the public's, and a staple-free chain of its kind.
PUBLIC: Final = chained(private=False, staple=None)
_PRIVATE: Final = chained(private=True, staple=None)

NO_CHAIN: Final = {_UNSEEN: altered(chains=())}
UNTRUSTED: Final = {
    **NO_CHAIN,
    "a kind of key that this audit does not know": chained(doubt="this audit does not know the kind of key"),
}
UNREADABLE: Final = {
    **NO_CHAIN,
    "a chain that cannot be read": chained(certificates=(), trust="the certificate cannot be read"),
}
_EXPIRED: Final = replace(LEAF, not_after=NOW - timedelta(days=1))
IN_DATE: Final = {
    "expired in TLS 1.2 alone": altered(
        chains=(CHAIN, replace(CHAIN, certificates=(_EXPIRED, ISSUER), offer="tls-1.2"))
    ),
    "expired": certified(not_after=NOW - timedelta(days=1)),
    "not yet valid": certified(not_before=NOW + timedelta(days=1)),
}
ENDING: Final = certified(not_after=NOW + timedelta(days=1))
EXPIRED: Final = {"expired, which is another check's": certified(not_after=NOW - timedelta(days=1))}
KEYS: Final = {
    "short RSA": certified(key="RSA", key_bits=1024),
    "a kind that nobody knows": certified(key="DSA", key_bits=3072),
    "a small exponent": certified(key="RSA", key_bits=3072, rsa_exponent=3),
}
ROOT_KEYS: Final = {
    "a root's small exponent": chained(
        certificates=(LEAF, replace(ISSUER, key="RSA", key_bits=3072, rsa_exponent=3, self_signed=True)),
    )
}
MALFORMED: Final = {
    "no key identifier": chained(form=("CN=ocpi.example.com has no identifier (RFC 5280, 4.2.1.1)",))
}
WIDE: Final = {
    "under a top-level domain": certified(names=("*.com",)),
    "under a country's second level": certified(names=("*.co.uk",)),
}
NARROW: Final = {
    "under a company's domain": certified(names=("*.example.co.uk", "*.example.com", "*.co.example")),
}
ROOTS: Final = {
    "a root's own signature": chained(
        certificates=(LEAF, replace(ISSUER, signature="sha1", self_signed=True)),
    )
}
USAGES: Final = {
    "not for servers": certified(server_auth=False),
    "a CA as leaf": certified(is_ca=True),
    "a leaf that may not sign": certified(key_usage_ok=False),
    "a CA that may not sign": chained(certificates=(LEAF, replace(ISSUER, key_usage_ok=False))),
}
UNTIDY: Final = {
    "out of order": chained(order="the certificates are not in order"),
    "unused": chained(unused=1),
    "a root": chained(root_sent=True),
    "large": chained(size=20_000),
    "too many": chained(certificates=(LEAF, *[ISSUER] * 5)),
}
_OLD_LEAF: Final = replace(LEAF, not_before=NOW - timedelta(days=3000))
LONG_LIVES: Final = {
    "of a private CA": chained(private=True, certificates=(_OLD_LEAF, ISSUER)),
    "of a public CA": chained(private=False, certificates=(_OLD_LEAF, ISSUER)),
}
UNPINNED: Final = {"no pins": altered(pins=())}
CUT: Final = {"cut short": replace(_PRIVATE, state=State.UNFINISHED)}
UNLOGGED: Final = {
    "of a private CA": _PRIVATE,
    "a private chain beside a public one": altered(chains=(*PUBLIC.chains, *_PRIVATE.chains)),
    "a chain that nobody trusts": chained(private=False, trust="the certificate is self-signed"),
}


def _stapled(**changes: object) -> TlsScan:
    return chained(staple=replace(STAPLE, **changes))  # type: ignore[arg-type]  # named by the caller


STAPLES: Final = {
    "out of date": _stapled(next_update=NOW - timedelta(days=30)),
    "without an end": _stapled(next_update=None),
    "from the future": _stapled(this_update=NOW + timedelta(days=1)),
    "revoked": _stapled(status="revoked"),
    "invalid": _stapled(status="invalid", problem="it is signed by nobody"),
    "demanded and missing": chained(staple=None, certificates=(replace(LEAF, must_staple=True), ISSUER)),
}
UNSTAPLED: Final = {
    "no staple, and none demanded": _PRIVATE,
    "one chain with a staple, one without": altered(chains=(CHAIN, *_PRIVATE.chains)),
}
