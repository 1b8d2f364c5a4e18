"""Judge a probed server: the checks of its lists and of the whole, and those of every single answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from hardening.checks import Check, Finding, Status, checks_in, judge
from hardening.controls import CONTROLS
from hardening.errors import CollectError
from scanners.probe import checks
from scanners.probe.records import Exchange, kept
from scanners.probe.server.calls import Server
from scanners.probe.server.checks import LISTING_CHECKS, SERVER_CHECKS
from scanners.probe.server.records import ServerProbe
from scanners.probe.server.visit import visit
from scanners.target import Scan

# Those of our own gateway's checks that hold for any server's answer.
_ANY_ANSWER = (
    "answers-in-ocpi-envelope",
    "answers-name-no-software",
    "answers-repeat-request-ids",
    "answers-require-https",
)
# Of what a server wrote into an answer, so much is told.
_LONGEST = 300


def scan(server: Server) -> Scan:
    """Probe `server` and judge it. A server that cannot be entered gives `error` findings."""
    try:
        probe = visit(server)
    except CollectError as error:
        told = f"{error.message}; {error.hint}" if error.hint else error.message
        return Scan(tuple(_unverified(server, told)))
    evidence = json.dumps([kept(call) for call in probe.calls()], indent=1, sort_keys=True)
    return Scan(tuple(findings(probe)), {"server.json": evidence})


def findings(probe: ServerProbe) -> Iterator[Finding]:
    """Every finding on a probed server; what is wrong with many answers in one way is one finding."""
    found = [*_relevant(judge(SERVER_CHECKS, probe))]
    for listing in probe.listings:
        found += _relevant(judge(LISTING_CHECKS, listing))
    # A server may write anything into its answers; a report shows it as text.
    yield from (replace(one, detail=_printable(one.detail)) for one in (*found, *_merged(_of_answers(probe))))


def _printable(text: str) -> str:
    short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in short)


def _of_answers(probe: ServerProbe) -> Iterator[Finding]:
    for call in probe.calls():
        if call.got.status:
            yield from _relevant(judge(answer_checks(probe.version), call))


def answer_checks(version: str) -> tuple[Check[Exchange], ...]:
    """The checks of a single answer; 2.1.1 has no message ids (OCPI 2.2, 4.1.3 brought them)."""
    wanted = set(_ANY_ANSWER) - ({"answers-repeat-request-ids"} if version == "2.1.1" else set())
    return tuple(check for check in checks_in(checks) if check.control in wanted)


def _relevant(found: Iterable[Finding]) -> Iterator[Finding]:
    yield from (finding for finding in found if finding.status is not Status.NOT_APPLICABLE)


def _merged(found: Iterable[Finding]) -> Iterator[Finding]:
    groups: dict[tuple[str, Status, str], list[Finding]] = {}
    for finding in found:
        groups.setdefault((finding.check, finding.status, finding.detail), []).append(finding)
    for (_, _, detail), several in groups.items():
        more = f" (and {len(several) - 1} more answers)" if len(several) > 1 and detail else ""
        yield replace(several[0], detail=f"{detail}{more}")


def _unverified(server: Server, reason: str) -> Iterator[Finding]:
    """An error finding for every control that the probe serves."""
    every: tuple[Check[Any], ...] = (*SERVER_CHECKS, *LISTING_CHECKS, *answer_checks(server.version))
    for check in every:
        severity = CONTROLS[check.control].severity
        yield Finding(check.control, check.name, Status.ERROR, server.url, reason, severity)
