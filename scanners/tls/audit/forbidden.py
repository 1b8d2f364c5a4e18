"""Offers of only what the profile forbids, and offers that ask for another certificate than the first."""

from __future__ import annotations

from scanners.tls import probes as p
from scanners.tls.audit.progress import Progress, skipped
from scanners.tls.audit.sessions import groups_without_exchange, once_more_in_old_versions
from scanners.tls.observations import Certificate
from scanners.tls.protocol.codepoints import GROUPS, TLS1_2, TLS1_3
from scanners.tls.protocol.hello import Offer


async def forbidden_offers(audit: Progress) -> None:
    """Make every offer of only what the profile forbids, except those for a version that is not offered."""
    name, profile = audit.destination.name, audit.endpoint.profile
    # Three in a row: one old server of two or three that take turns is met in every run.
    await audit.ask(p.OLD_VERSIONS, p.old_versions(name))
    await audit.again(p.OLD_VERSIONS)
    await once_more_in_old_versions(audit)
    if "TLSv1.2" not in profile.allowed:
        audit.probes[p.SUITES_1_2] = skipped("the profile forbids TLS 1.2 altogether")
    await audit.ask_if(p.TLS_1_2, p.SUITES_1_2, p.suites_1_2(name, profile), whole=True)
    if audit.endpoint.declared is not None:
        undeclared = p.undeclared_suites(name, profile, audit.endpoint.declared.suites)
        await audit.ask_if(p.TLS_1_2, p.UNDECLARED_SUITES, undeclared)
    curves = p.groups_1_2(name, profile, _leaf_group(audit))
    await audit.ask_if(p.TLS_1_2, p.GROUPS_1_2, curves, whole=True)
    await audit.ask_if(p.TLS_1_2, p.SIGNATURES_1_2, p.signatures_1_2(name, profile), whole=True)
    await audit.ask_if(p.TLS_1_3, p.SUITES_1_3, p.suites_1_3(name, profile))
    await groups_without_exchange(audit)
    if any("_DHE_" in suite for suite in profile.suites):
        await audit.ask_if(p.TLS_1_2, p.FINITE_FIELD, p.finite_field(name), whole=True)


def _leaf_group(audit: Progress) -> int:
    """The curve of the leaf's key; 0 if it is not an elliptic one."""
    key = next((c.certificates[0].key for c in audit.chains if c.certificates), "")
    return next((code for code, name in GROUPS.items() if key == f"EC {name}"), 0)


async def other_names(audit: Progress) -> None:
    """Offer no SNI, a foreign name, and the other kind of key, to see the certificates sent for them.

    One name is asked in TLS 1.2, the other in TLS 1.3, where both are offered: they may be set up apart.
    """
    newest, older = audit.accepted(p.TLS_1_3), audit.accepted(p.TLS_1_2)
    if not audit.destination.name:
        for probe in (p.NO_NAME, p.FOREIGN_NAME):
            audit.probes[probe] = skipped("the endpoint is named by its address, so no name is sent")
    else:
        unnamed = p.tls_1_2("") if older else p.tls_1_3("")
        foreign = p.tls_1_3(p.FOREIGN) if newest or not older else p.tls_1_2(p.FOREIGN)
        await audit.ask(p.NO_NAME, unnamed, whole=True)
        await audit.ask(p.FOREIGN_NAME, foreign, whole=True)
    if first := next((c.certificates[0] for c in audit.chains if c.certificates), None):
        version = TLS1_2 if older else TLS1_3
        await audit.ask(p.OTHER_CERTIFICATE, _other_kind(audit, first, version), whole=True)
        if newest and older and len(audit.leaves(p.TLS_1_2, p.TLS_1_3)) > 1:
            await audit.ask(p.OTHER_CERTIFICATE_1_3, _other_kind(audit, first, TLS1_3), whole=True)


def _other_kind(audit: Progress, first: Certificate, version: int) -> Offer:
    return p.other_certificate(audit.destination.name, version, not first.key.startswith("RSA"))
