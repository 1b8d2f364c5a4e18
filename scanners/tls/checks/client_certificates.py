"""Judges what clients get from an endpoint that asks for a certificate: with none, a foreign one, ours."""

from __future__ import annotations

from typing import Final

from hardening.checks import Unverifiable, Verdicts, check
from scanners.tls.checks.samples import CLIENTS, GOOD, altered
from scanners.tls.checks.unverified import reached, verdict
from scanners.tls.observations import Client, TlsScan

# How servers that ask for the certificate in HTTP turn a client away: nginx 400, 495 and 496, others 403.
_TURNED_AWAY: Final = (400, 403, 495, 496)
_WHO: Final = {"anonymous": "a client without a certificate", "foreign": "a certificate that nobody signed"}

_SERVED: Final = Client(outcome="answered", status=401)
_AWAY: Final = Client(outcome="answered", status=400)
_CLOSED: Final = Client(outcome="closed", detail="connection reset")
_UNSEEN: Final = Client(outcome="unknown", detail="it was not seen what it gets")
_LOST: Final = Client(outcome="unknown", detail="no HTTP answer in time")
_REFUSED: Final = CLIENTS["foreign"]
_MADE: Final = "without a certificate, in TLS 1.3"


def _getting(**clients: Client) -> TlsScan:
    """The good audit, where these clients got something else."""
    return altered(clients={**CLIENTS, **clients})


def _without_ours(client: Client) -> TlsScan:
    return altered(clients={"anonymous": client, "foreign": _REFUSED})


@check(
    "tls-client-certificate-required",
    good=GOOD,
    bad={
        "not asked for": altered(client_certificate="none", clients={}),
        "optional": _getting(anonymous=_SERVED),
        "of anybody": _getting(foreign=_SERVED),
        "not asked for in a resumed session": altered(resumed={_MADE: _SERVED}),
    },
    also_good={
        "turned away in a resumed session too": altered(resumed={_MADE: _AWAY}),
        "not agreed upon": altered(client_certificate_wanted=False),
        "turned away in HTTP": _getting(anonymous=_AWAY, foreign=_AWAY),
        "closed, and ours is answered": _getting(anonymous=_CLOSED),
        "refused, and nothing of ours to show": _without_ours(_REFUSED),
    },
    unverifiable={
        "turned away, and nothing of ours to show": _without_ours(_AWAY),
        "turned away, and so is ours": _getting(anonymous=_AWAY, ours=_AWAY),
        "closed, and so is ours": _getting(anonymous=_CLOSED, ours=_CLOSED),
        "no clear answer": _getting(foreign=_LOST),
        "never asked": altered(clients={}),
        "no clear answer in a resumed session": altered(resumed={_MADE: _LOST}),
    },
)
def tls_client_certificate_required(scan: TlsScan) -> Verdicts:
    """Only where one was agreed upon (mutual TLS): nobody is served without one that the endpoint knows."""
    reached(scan)
    if not scan.client_certificate_wanted:
        return
    if scan.client_certificate == "none":
        yield from verdict(scan, ["no client certificate is asked for"])
        return
    ours = scan.clients.get("ours")
    taken = ours is not None and ours.outcome == "answered" and ours.status not in _TURNED_AWAY
    problems, doubts = [], []
    for name, who in _WHO.items():
        client = scan.clients.get(name) or _UNSEEN
        if client.outcome == "answered" and client.status not in _TURNED_AWAY:
            problems.append(f"{who} is answered with {client.status}")
        elif client.outcome == "unknown":
            doubts.append(f"{who}: {client.detail}")
        elif client.outcome != "refused" and not taken:
            # A server that answers nobody, or 403 to everybody, does not do so for want of a certificate.
            how = client.status or client.detail
            doubts.append(f"{who} gets {how}: show one that is taken (--client-cert) to tell why")
    if not problems:
        for made, client in scan.resumed.items():
            if client.outcome == "answered" and client.status not in _TURNED_AWAY:
                problems.append(f"a session made {made}, is resumed and answered with {client.status}")
            elif client.outcome == "unknown":
                doubts.append(f"a session made {made}, is resumed: {client.detail}")
    yield from verdict(scan, problems, "; ".join(doubts))


@check(
    "tls-client-certificate-taken",
    good=GOOD,
    bad=_getting(ours=_REFUSED),
    also_good={
        "none of ours": _without_ours(_REFUSED),
        "refused by the application, after the handshake": _getting(ours=_AWAY),
    },
    unverifiable={
        "turned away like a client without one": _getting(anonymous=_AWAY, ours=_AWAY),
        "closed": _getting(ours=_CLOSED),
        "no clear answer": _getting(ours=_LOST),
        "one of ours that is not at hand": altered(client_missing="acme-2026"),
    },
)
def tls_client_certificate_taken(scan: TlsScan) -> Verdicts:
    """Only where the endpoint asks for a certificate, and we have one to show."""
    reached(scan)
    if scan.client_missing:
        raise Unverifiable(scan.where, f"the certificate that we show, {scan.client_missing}, is not at hand")
    ours = scan.clients.get("ours")
    if ours is None:
        return
    doubt = ""
    if ours.outcome in ("closed", "unknown"):
        doubt = f"our client certificate: {ours.detail}"
    elif ours.status in _TURNED_AWAY and scan.clients.get("anonymous") == ours:
        doubt = f"with and without our client certificate the answer is {ours.status}"
    problems = [f"our client certificate is refused ({ours.detail})"] if ours.outcome == "refused" else []
    yield from verdict(scan, problems, doubt)
