"""Who is let in: calls without the one right token in its one right form."""

from __future__ import annotations

from dataclasses import replace

from hardening.checks import Verdicts, check
from scanners.probe.server.checks.refusals import refusals
from scanners.probe.server.records import ServerProbe
from scanners.probe.server.samples import PROBE, broken, served, silent


@check(
    "token-required",
    good=PROBE,
    bad={
        "served": replace(PROBE, without_token=served("no token")),
        "broken": replace(PROBE, without_token=broken("no token")),
    },
    unverifiable={"silent": replace(PROBE, without_token=silent("no token"))},
)
def server_asks_for_a_token(probe: ServerProbe) -> Verdicts:
    """No endpoint answers a call without an Authorization header."""
    yield from refusals(probe.without_token)


@check("token-known", good=PROBE, bad=replace(PROBE, unknown_tokens=served("an unknown token")))
def server_refuses_unknown_tokens(probe: ServerProbe) -> Verdicts:
    """No endpoint takes a token that it never gave, nor one that only resembles ours."""
    yield from refusals(probe.unknown_tokens)


@check("token-encoding-strict", good=PROBE, bad=replace(PROBE, other_spellings=served("the raw token")))
def server_takes_one_spelling(probe: ServerProbe) -> Verdicts:
    """The token in the other encoding, or in Base64 that is not strict, is refused."""
    yield from refusals(probe.other_spellings)


@check("token-scheme-exact", good=PROBE, bad=replace(PROBE, other_schemes=served("Bearer")))
def server_takes_one_scheme(probe: ServerProbe) -> Verdicts:
    """The right token behind another scheme, or none, is refused."""
    yield from refusals(probe.other_schemes)


@check("one-authorization-header", good=PROBE, bad=replace(PROBE, two_headers=served("two headers")))
def server_takes_one_header(probe: ServerProbe) -> Verdicts:
    """Two Authorization headers, a wrong and a right one, are refused in either order."""
    yield from refusals(probe.two_headers)
