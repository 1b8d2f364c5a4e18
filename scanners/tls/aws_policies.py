"""What AWS's TLS policies allow, by name: versions, suites and post-quantum groups.

Sources: Amazon API Gateway developer guide, "Supported security policies"; Elastic Load Balancing,
"Security policies". The lists of load balancers are second-hand (`aws elbv2 describe-ssl-policies` is the
authority). A policy whose content we do not know for sure is not guessed at: it cannot be verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scanners.tls.observations import Declared
from scanners.tls.protocol.suites import SUITES, openssl_name


@dataclass(frozen=True, slots=True)
class Policy:
    """`suites` are OpenSSL names, as AWS writes them. `post_quantum` is None where AWS does not say."""

    versions: tuple[str, ...]
    suites: tuple[str, ...]
    post_quantum: bool | None = False


_AES13: Final = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384")
_ALL13: Final = (*_AES13, "TLS_CHACHA20_POLY1305_SHA256")
_KEYS: Final = ("ECDHE-ECDSA-", "ECDHE-RSA-")
_GCM: Final = tuple(f"{k}{c}" for k in _KEYS for c in ("AES128-GCM-SHA256", "AES256-GCM-SHA384"))
_CHACHA: Final = tuple(f"{k}CHACHA20-POLY1305" for k in _KEYS)
_CBC2: Final = tuple(f"{k}{c}" for k in _KEYS for c in ("AES128-SHA256", "AES256-SHA384"))
_CBC1: Final = tuple(f"{k}{c}" for k in _KEYS for c in ("AES128-SHA", "AES256-SHA"))
_RSA_SHA2: Final = ("AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256")
_RSA_SHA1: Final = ("AES128-SHA", "AES256-SHA")
_BROAD: Final = (*_GCM, *_CBC2, *_RSA_SHA2)
_BROADEST: Final = (*_BROAD, *_CBC1, *_RSA_SHA1)

_V12: Final = ("TLSv1.2",)
_V13: Final = ("TLSv1.3",)
_V12_13: Final = ("TLSv1.2", "TLSv1.3")
_V11_12: Final = ("TLSv1.1", "TLSv1.2")
_V10_12: Final = ("TLSv1.0", "TLSv1.1", "TLSv1.2")
_V11_13: Final = (*_V11_12, "TLSv1.3")
_V10_13: Final = (*_V10_12, "TLSv1.3")

_API: Final = "SecurityPolicy_TLS13_"
_ELB: Final = "ELBSecurityPolicy-"

POLICIES: Final[Mapping[str, Policy]] = {
    f"{_API}1_3_2025_09": Policy(_V13, _ALL13),
    f"{_API}1_3_FIPS_2025_09": Policy(_V13, _AES13),
    f"{_API}1_2_PFS_PQ_2025_09": Policy(_V12_13, (*_ALL13, *_GCM), True),
    f"{_API}1_2_FIPS_PFS_PQ_2025_09": Policy(_V12_13, (*_AES13, *_GCM), True),
    f"{_API}1_2_PQ_2025_09": Policy(_V12_13, (*_ALL13, *_BROAD), True),
    f"{_API}1_2_FIPS_PQ_2025_09": Policy(_V12_13, (*_AES13, *_BROAD), True),
    f"{_API}1_2_2021_06": Policy(_V12_13, (*_ALL13, *_BROAD)),
    "TLS_1_2": Policy(_V12_13, (*_ALL13, *_BROAD)),
    "TLS_1_0": Policy(_V10_13, (*_ALL13, *_BROADEST)),
    "SecurityPolicy_TLS13_2025_EDGE": Policy(_V13, _ALL13, None),
    "SecurityPolicy_TLS12_PFS_2025_EDGE": Policy(_V12_13, (*_ALL13, *_GCM, *_CHACHA), None),
    "SecurityPolicy_TLS12_2018_EDGE": Policy(_V12_13, (*_ALL13, *_GCM, *_CHACHA, *_CBC2), None),
    f"{_ELB}TLS13-1-3-2021-06": Policy(_V13, _ALL13),
    f"{_ELB}TLS13-1-3-PQ-2025-09": Policy(_V13, _ALL13, True),
    f"{_ELB}TLS13-1-2-Res-2021-06": Policy(_V12_13, (*_ALL13, *_GCM)),
    f"{_ELB}TLS13-1-2-Res-PQ-2025-09": Policy(_V12_13, (*_ALL13, *_GCM), True),
    f"{_ELB}TLS13-1-2-2021-06": Policy(_V12_13, (*_ALL13, *_GCM, *_CBC2)),
    f"{_ELB}TLS13-1-2-PQ-2025-09": Policy(_V12_13, (*_ALL13, *_GCM, *_CBC2), True),
    f"{_ELB}TLS13-1-2-Ext1-2021-06": Policy(_V12_13, (*_ALL13, *_BROAD)),
    f"{_ELB}TLS13-1-2-Ext2-2021-06": Policy(_V12_13, (*_ALL13, *_BROADEST)),
    f"{_ELB}TLS13-1-2-Ext2-PQ-2025-09": Policy(_V12_13, (*_ALL13, *_BROADEST), True),
    f"{_ELB}TLS13-1-1-2021-06": Policy(_V11_13, (*_ALL13, *_BROADEST)),
    f"{_ELB}TLS13-1-0-2021-06": Policy(_V10_13, (*_ALL13, *_BROADEST)),
    f"{_ELB}TLS13-1-0-PQ-2025-09": Policy(_V10_13, (*_ALL13, *_BROADEST), True),
    f"{_ELB}FS-1-2-Res-2020-10": Policy(_V12, _GCM),
    f"{_ELB}TLS-1-2-2017-01": Policy(_V12, _BROAD),
    f"{_ELB}TLS-1-2-Ext-2018-06": Policy(_V12, _BROADEST),
    f"{_ELB}TLS-1-1-2017-01": Policy(_V11_12, _BROADEST),
    f"{_ELB}2016-08": Policy(_V10_12, _BROADEST),
}


def declared(name: str, where: str) -> Declared:
    """What a policy called `name`, declared at `where`, allows; `problem` says if the name is unknown."""
    policy = POLICIES.get(name)
    if policy is None:
        problem = f"the TLS policy {name!r} is not known here, so nothing can be held against it"
        return Declared(policy=name, where=where, problem=problem)
    wanted = set(policy.suites)
    suites = tuple(iana for iana in SUITES.values() if openssl_name(iana) in wanted)
    groups = {True: "offered", False: "absent", None: "unknown"}[policy.post_quantum]
    return Declared(policy=name, where=where, versions=policy.versions, suites=suites, post_quantum=groups)
