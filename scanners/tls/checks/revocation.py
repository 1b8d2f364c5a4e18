"""Judges what OCSP responders and CRLs say of the certificates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.tls.checks.samples import GOOD, NOW, UNREVOKED, altered
from scanners.tls.checks.unverified import reached, verdict
from scanners.tls.observations import TlsScan
from scanners.tls.revocation_facts import Revocation

# Clocks differ a little.
_AHEAD: Final = timedelta(minutes=5)


def _told(**changes: Any) -> TlsScan:
    return altered(revocation=(replace(UNREVOKED, **changes),))


@check(
    "certificate-not-revoked",
    good=GOOD,
    bad=_told(status="revoked"),
    unverifiable={
        "an answer out of date": _told(next_update=NOW - timedelta(days=1)),
        "an answer without an end": _told(next_update=None),
        "an answer from the future": _told(this_update=NOW + timedelta(days=1)),
        "an answer without a beginning": _told(this_update=None),
        "an issuer that does not know it": _told(status="unknown"),
        "nobody to ask": _told(status="", problem="it names neither an OCSP responder nor a CRL"),
        "nothing to ask about": altered(revocation=()),
    },
    also_good={"nobody was to be asked": altered(revocation=None)},
)
def certificate_not_revoked(scan: TlsScan) -> Verdicts:
    """Only where the operator has it asked (`--revocation`). No answer that holds is an error."""
    if scan.revocation is None:
        return
    reached(scan)
    if not scan.revocation:
        raise Unverifiable(scan.where, "no certificate with a known issuer was seen")
    problems = [
        f"{one.subject} is revoked ({one.source})" for one in scan.revocation if one.status == "revoked"
    ]
    doubts = [doubt for one in scan.revocation for doubt in _doubts(one, scan)]
    yield from verdict(scan, problems, "; ".join(doubts))


def _doubts(told: Revocation, scan: TlsScan) -> Iterator[str]:
    """Why an answer proves nothing. Who is revoked stays so, however old the answer is."""
    if told.problem:
        yield f"{told.subject}: {told.problem}"
    elif told.status not in ("good", "revoked"):
        yield f"{told.subject}: the {told.source} of its issuer does not know it"
    elif told.status == "good":
        if told.this_update is None or told.this_update > scan.taken + _AHEAD:
            yield f"{told.subject}: the {told.source} answer is from the future"
        elif told.next_update is None or told.next_update < scan.taken:
            when = f"on {told.next_update:%Y-%m-%d}" if told.next_update else "(it has no end)"
            yield f"{told.subject}: the {told.source} answer went out of date {when}"
