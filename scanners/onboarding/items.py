"""The checklist of an onboarding: what is run, and what a person signs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from hardening.checks import Finding, Status
from scanners.probe.server.checks.pages import WANT_OF_OBJECTS

# Items that programs judge.
AUTOMATIC: Mapping[str, str] = {
    "tls": "TLS of every callback host holds the partner's profile",
    "server": "Its versions, endpoints, mandatory modules, paging, authentication and answers hold",
    "registration": "Both sides have tokens of their own, by POST credentials",
    "rehearsal": "Registration and rotation were rehearsed in test",
}
# Items that a person signs.
SIGNED: Mapping[str, str] = {
    "contract": "The contract names parties, roles, modules and versions as the registry does",
    "contacts": "Contacts for security and operations answered",
    "sla": "Availability, notice and rates are agreed",
    "data-purpose": "Purposes of personal data are recorded (GDPR Art. 30)",
    "test-cases": "The agreed test cases were run, and passed",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the checklist: its status, why, and who or what says so.

    `signable`: a person may sign what a program could not verify here.
    """

    item: str
    title: str
    status: Status
    detail: str = ""
    by: str = ""
    signable: bool = False


def line_of(item: str, findings: Iterable[Finding]) -> Line:
    """What the findings of a program say of an item. None that was judged is "could not verify".

    What cannot be seen for want of objects alone may be signed: a partner has no session or CDR before it
    is connected.
    """
    judged = [one for one in findings if one.status is not Status.NOT_APPLICABLE]
    failed = [one for one in judged if one.status is Status.FAIL]
    unverified = [one for one in judged if one.status is Status.ERROR]
    if failed:
        status, told = Status.FAIL, failed
    elif unverified or not judged:
        status, told = Status.ERROR, unverified
    else:
        status, told = Status.PASS, []
    controls = sorted({one.control for one in told})
    detail = ", ".join(controls) if controls else f"{len(judged)} findings"
    signable = bool(unverified) and all(one.detail in WANT_OF_OBJECTS for one in unverified)
    return Line(item, AUTOMATIC[item], status, detail, "rampart", signable)


def signed_lines(signatures: Mapping[str, str]) -> list[Line]:
    """The items of people: signed ones hold, others could not be verified."""
    return [
        Line(item, title, Status.PASS, "signed", signatures[item])
        if item in signatures
        else Line(item, title, Status.ERROR, "not signed yet")
        for item, title in SIGNED.items()
    ]


def stood_in_for(line: Line, signatures: Mapping[str, str]) -> Line:
    """A line that could not be verified holds where it may be signed, and a person did."""
    if line.status is Status.ERROR and line.signable and line.item in signatures:
        return replace(line, status=Status.PASS, detail="signed", by=signatures[line.item])
    return line


def outcome(lines: Iterable[Line]) -> Status:
    """FAIL where one fails, else ERROR where one could not be verified, else PASS."""
    statuses = {line.status for line in lines}
    return next((one for one in (Status.FAIL, Status.ERROR) if one in statuses), Status.PASS)
