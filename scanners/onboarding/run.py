"""What can be run of an onboarding: the TLS audit, the probe of the partner's server, the rehearsal."""

from __future__ import annotations

import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from hardening.checks import Finding, Status
from hardening.errors import ConfigError
from hardening.registry.partners import Partner
from hardening.requests.modules import MODULES
from hardening.requests.token_file import read_token
from scanners.onboarding.cases import Case, run_cases
from scanners.onboarding.items import AUTOMATIC, Line, line_of
from scanners.outcome import State, decide
from scanners.probe.server.calls import Server
from scanners.probe.server.checks.answers import OBJECT_TYPES
from scanners.probe.server.scan import scan as scan_server
from scanners.target import Scan
from scanners.tls.audit.fleet import Limits, audit_endpoints
from scanners.tls.endpoint import Endpoint
from scanners.tls.endpoint_list import address
from scanners.tls.partner_endpoints import exceptions, partner_endpoints
from scanners.tls.profiles import CALLBACK
from scanners.tls.results import as_json
from scanners.tls.scan import scanned

_REHEARSAL_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """How to reach a partner: the URL of its versions, the token that it gave us, and the CAs that count.

    `address` is connected to in place of resolving (empty: resolve); `place` names our token store, as the
    options of `rampart token`. `registers`: `token_file` holds the token that only registers, and we do that
    first, so the probe has the token that comes of it. `cases` are those that both sides agreed on.
    """

    url: str
    token: str
    ca_file: str = ""
    address: str = ""
    place: tuple[str, ...] = ()
    partners: Path = Path("partners")
    rate: float = 5.0
    plain_port: int = 80
    token_file: Path = Path()
    registers: bool = False
    cases: tuple[Case, ...] = ()


def tls(partner: Partner, visit: Visit, today: date) -> Scan:
    """The TLS audit of the partner's callback hosts; its exceptions in the registry count."""
    defaults = Endpoint(
        host="",
        addresses=(address(visit.address),) if visit.address else (),
        ca_file=visit.ca_file,
        profile=CALLBACK,
        plain_port=visit.plain_port,
    )
    scans = audit_endpoints(partner_endpoints([partner], defaults, visit.partners), Limits())
    found = scanned(scans, deep=False, never=True)
    waivers = exceptions([partner], found.scans, today)
    rows = decide(found.findings, waivers, frozenset()).rows
    waived = [row.finding for row in rows if row.state is State.OPEN]
    return Scan(tuple(waived), {"tls.json": as_json(found.scans)})


def server_of(partner: Partner, visit: Visit) -> Server:
    """The partner's server, as its entry has it. Raises ConfigError."""
    try:
        trust = ssl.create_default_context(cafile=partner.tls_ca_file or visit.ca_file or None)
    except OSError:
        raise ConfigError(f"{partner.tls_ca_file or visit.ca_file}: expected a PEM file of CAs") from None
    return Server(
        url=visit.url,
        hosts=partner.callback_hosts,
        token=visit.token,
        trust=trust,
        encoding=partner.auth_encoding,
        version=max(partner.versions),
        parties=tuple(sorted(str(party).upper() for party in partner.parties)),
        modules=tuple(mandatory_modules(partner)),
        rate=visit.rate,
        address=visit.address,
    )


def mandatory_modules(partner: Partner) -> Iterator[str]:
    """The contracted modules that the partner is the Sender of: without its list, we cannot catch up.

    OCPI 2.2.1, 2.1.1 (roles) and 4.2.5 (offline behaviour: the receiver gets what it missed).
    """
    roles = {party.role for party in partner.parties}
    for module in partner.modules:
        if module in OBJECT_TYPES and roles & set(MODULES[module].senders):
            yield module


def registration(partner: Partner, visit: Visit, folder: Path) -> tuple[Visit, Line]:
    """Register, and go on with the token that came of it, where that worked.

    `folder` is private, and holds the token for as long as it is read.
    """
    given = folder / "token"
    words = ["register", partner.name, "--url", visit.url, "--token-file", str(visit.token_file)]
    done = _token_command("registration", [*words, "--to-file", str(given)], visit)
    return (replace(visit, token=read_token(given)) if done.status is Status.PASS else visit), done


def rehearsal(partner: Partner, visit: Visit) -> Line:
    """A rotation in test, by the command that has the stores."""
    line = Line("rehearsal", AUTOMATIC["rehearsal"], Status.ERROR, by="rampart token rotate", signable=True)
    if partner.environment != "test":
        return replace(line, detail="rehearsed in test only: a person signs that it was")
    if not visit.place:
        return replace(line, detail="no token store was named (--store, --guard, --stack, --target)")
    return replace(_token_command("rehearsal", ["rotate", partner.name], visit), signable=True)


def _token_command(item: str, words: list[str], visit: Visit) -> Line:
    """How a command on the stores ended, with the last line that it said."""
    line = Line(item, AUTOMATIC[item], Status.ERROR, by=f"rampart token {words[0]}")
    command = [sys.executable, "-m", "hardening.cli", "token", *words, *visit.place]
    try:
        done = subprocess.run(  # noqa: S603  (our own command, no shell)
            [*command, "--partners", str(visit.partners)],
            capture_output=True,
            text=True,
            timeout=_REHEARSAL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return replace(line, detail=f"did not end within {_REHEARSAL_SECONDS} s")
    said = done.stderr.strip().splitlines()
    detail = said[-1][:200] if said else f"exit code {done.returncode}"
    status = {0: Status.PASS, 1: Status.FAIL}.get(done.returncode, Status.ERROR)
    return replace(line, status=status, detail=detail)


def automatic(
    partner: Partner, visit: Visit, today: date
) -> tuple[list[Line], list[Finding], dict[str, str]]:
    """The automatic lines, all findings, and the evidence (file name to JSON text)."""
    of_tls, registered = tls(partner, visit, today), []
    if visit.registers:
        with tempfile.TemporaryDirectory() as folder:
            visit, line = registration(partner, visit, Path(folder))
        registered = [line]
    probed = server_of(partner, visit)
    of_server, agreed = scan_server(probed), []
    evidence = {**of_tls.subjects, **of_server.subjects}
    if visit.cases:
        line, evidence["test-cases.json"] = run_cases(visit.cases, probed)
        agreed = [line]
    lines = [
        line_of("tls", of_tls.findings),
        *registered,
        line_of("server", of_server.findings),
        rehearsal(partner, visit),
        *agreed,
    ]
    return lines, [*of_tls.findings, *of_server.findings], evidence
