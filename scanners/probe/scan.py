"""The probe: contracted calls, which the gateway must serve, then forbidden ones, which it must refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hardening.checks import Check, Finding, Status, checks_in, judge
from hardening.controls import CONTROLS
from hardening.errors import CollectError
from hardening.requests.header_names import REFUSED, UNAUTHENTICATED
from hardening.requests.policy import request_checks
from hardening.requests.request import Request
from hardening.requests.samples import CPO, EMSP, call, unknown, with_path
from hardening.requests.statuses import SUCCESS
from scanners.probe import checks
from scanners.probe.records import Exchange, Got, kept
from scanners.probe.wire import PATIENCE_SECONDS, Gateway, open_gateway, send
from scanners.target import Scan, Target

# What both example partners may do, changes nothing, and must be served.
_CONTRACTED: tuple[tuple[str, Request], ...] = (
    ("versions", call("GET", "/ocpi/versions", EMSP)),
    ("version details", call("GET", "/ocpi/2.2.1", EMSP)),
    ("a list", call("GET", "/ocpi/2.2.1/sender/locations?limit=10", EMSP)),
    ("a list with an immoderate limit", call("GET", "/ocpi/2.2.1/sender/locations?limit=100000", EMSP)),
    ("a trailing slash", call("GET", "/ocpi/2.2.1/sender/tariffs/", EMSP)),
    ("the other partner's list", call("GET", "/ocpi/2.2.1/sender/tokens", CPO)),
    ("the other partner's version details", call("GET", "/ocpi/2.2.1", CPO)),
)
# Only the form of these answers is judged: a refusal is an OCPI answer, too.
_REFUSED: tuple[tuple[str, Request], ...] = (
    ("no token", unknown(call("GET", "/ocpi/versions"))),
    ("an unknown path", with_path(call("GET", "/ocpi/versions"), "/ocpi/2.2.1/sender/nothing")),
)


@dataclass(frozen=True, slots=True)
class Replay:
    """One bad request of a request check with the answer to it, or why there is none."""

    check: Check[Request]
    case: str
    request: Request
    exchange: Exchange | None
    reason: str = ""


def scan(target: Target, patience: float = PATIENCE_SECONDS) -> Scan:
    """Probe the gateway of `target`, waiting `patience` seconds for each answer.

    It never raises for a gateway that does not answer: that gives `error` findings.
    """
    try:
        gateway = open_gateway(target, patience)
    except CollectError as error:
        return Scan(tuple(_unverified(error.message)))
    served = [_attempt(gateway, name, request) for name, request in _CONTRACTED]
    missing = next((reason for exchange, reason in served if exchange is None), "")
    if missing:
        return Scan(tuple(_unverified(missing)))
    refused = [_attempt(gateway, name, request) for name, request in _REFUSED]
    replays = [replay for check in request_checks() for replay in _replays(gateway, check)]
    answered = [exchange for exchange, _ in served if exchange is not None]
    # Nobody contracted for these: without modules no check expects them to be served.
    refusals = [replace(exchange, modules=()) for exchange, _ in refused if exchange is not None]
    seen = [*answered, *refusals]
    findings = (*_judged(seen), *judge_replays(replays, answered))
    everything = [*seen, *(replay.exchange for replay in replays if replay.exchange is not None)]
    evidence = json.dumps([kept(exchange) for exchange in everything], indent=1, sort_keys=True)
    return Scan(findings, {"exchanges.json": evidence})


def judge_replays(replays: list[Replay], served: list[Exchange]) -> Iterator[Finding]:
    """A finding for each replay. Where contracted calls are refused as well, a refusal proves nothing."""
    useful = bool(served) and all(is_served(exchange.got) for exchange in served)
    for replay in replays:
        check, exchange = replay.check, replay.exchange
        where = str(replay.request) if exchange is None else exchange.where
        if exchange is None:
            status, detail = Status.ERROR, replay.reason
        elif not useful:
            status, detail = Status.ERROR, "contracted calls are refused too: a refusal proves nothing"
        else:
            status, detail = verdict(exchange.got)
        told = f"{replay.case}: {detail}" if replay.case else detail
        severity = CONTROLS[check.control].severity
        yield Finding(check.control, check.name, status, where, told, severity)


def verdict(got: Got) -> tuple[Status, str]:
    """Whether an answer is the guard's refusal.

    An OCPI error of the service behind it is not: it means that the guard let the call through.
    """
    if got.status >= 500:
        return Status.ERROR, f"HTTP {got.status}: the gateway could not decide"
    if got.status == 0:
        return Status.PASS, "refused: the connection was closed"
    guards = got.message == UNAUTHENTICATED or got.message.startswith(REFUSED)
    if got.ocpi_status:
        if guards:
            return Status.PASS, f"{got.message} (HTTP {got.status}, OCPI {got.ocpi_status})"
        return Status.FAIL, f"served: HTTP {got.status}, OCPI {got.ocpi_status}"
    if got.status >= 400:
        return Status.PASS, f"refused before the guard: HTTP {got.status}"
    return Status.FAIL, f"served: HTTP {got.status}"


def is_served(got: Got) -> bool:
    """Whether an answer is a success, by HTTP and by OCPI."""
    return got.status in (200, 201) and got.ocpi_status == SUCCESS


def _judged(seen: list[Exchange]) -> Iterator[Finding]:
    for exchange in seen:
        found = judge(checks_in(checks), exchange)
        yield from (finding for finding in found if finding.status is not Status.NOT_APPLICABLE)


def _attempt(gateway: Gateway, name: str, request: Request) -> tuple[Exchange | None, str]:
    try:
        return send(gateway, name, request), ""
    except CollectError as error:
        return None, error.message


def _replays(gateway: Gateway, check: Check[Request]) -> Iterator[Replay]:
    for case, request in check.bad.items():
        exchange, reason = _attempt(gateway, f"{check.name}: {case}" if case else check.name, request)
        yield Replay(check, case, request, exchange, reason)


def _unverified(reason: str) -> Iterator[Finding]:
    """An error finding for every control that the probe serves."""
    for check in (*request_checks(), *checks_in(checks)):
        severity = CONTROLS[check.control].severity
        yield Finding(check.control, check.name, Status.ERROR, "gateway", reason, severity)
