"""The chain from the registry to the wire, and which of its links a run has walked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from hardening.checks import Finding, Status
from scanners.outcome import Outcome, State
from scanners.target import Scan

# What each link holds against what; a station names what stands between two links.
LINKS: Final = (
    ("intent", "registry and program", "declared stack"),
    ("drift", "declared stack", "live account"),
    ("tls", "live account", "the wire: TLS"),
    ("probe", "live account", "the wire: OCPI"),
)


@dataclass(frozen=True, slots=True)
class Link:
    """One link: `verdict` is `holds`, `broken`, `not verified` or `left out`."""

    scanner: str
    source: str
    target: str
    verdict: str


def chain(scans: Mapping[str, Scan], outcome: Outcome) -> tuple[Link, ...]:
    """Every link of the chain, from the registry to the wire, with what this run knows about it."""
    states = {row.finding: row.state for row in outcome.rows}
    return tuple(
        Link(scanner, source, target, _verdict(scanner, scans.get(scanner), states))
        for scanner, source, target in LINKS
    )


def sentence(links: Iterable[Link]) -> str:
    """The chain as one line: `intent holds, drift holds, tls not verified, probe left out`."""
    return ", ".join(f"{link.scanner} {link.verdict}" for link in links)


def _verdict(scanner: str, scan: Scan | None, states: Mapping[Finding, State]) -> str:
    findings = scan.findings if scan else ()
    if not findings or all(_is_left_out(f.check, f.status, scanner) for f in findings):
        return "left out"
    open_ = {f.status for f in findings if states.get(f) is State.OPEN}
    if Status.FAIL in open_:
        return "broken"
    return "holds" if Status.PASS in open_ and Status.ERROR not in open_ else "not verified"


def _is_left_out(check: str, status: Status, scanner: str) -> bool:
    return check == scanner and status is Status.NOT_APPLICABLE
