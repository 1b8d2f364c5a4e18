"""Show a service every call, and judge its answers."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hardening import redact
from hardening.checks import Check, Finding, checks_in, judge
from hardening.errors import CollectError
from scanners.conform import checks
from scanners.conform.calls import HEALTH, HONEST, Call
from scanners.conform.looks import looked_at
from scanners.conform.records import ServiceAnswers
from scanners.probe import checks as probe_checks
from scanners.probe.records import Exchange, Got, Sent

# The guard gives a service as long; see `envoy.yaml.j2`.
PATIENCE_SECONDS = 15.0
_MOST_BYTES = 4 * 1024 * 1024
# The guard itself sees to what the other checks of the probe look at: HSTS, the names of software.
EXCHANGE_CHECKS: tuple[Check[Exchange], ...] = (
    probe_checks.contracted_call_is_served,
    probe_checks.ids_are_repeated,
    probe_checks.answer_is_an_envelope,
    probe_checks.list_is_paginated,
    probe_checks.discovery_is_the_contract,
)


@dataclass(frozen=True, slots=True)
class Service:
    """Where the service answers, and within how many seconds; `trust` for TLS, None for plain HTTP."""

    host: str
    port: int
    trust: ssl.SSLContext | None = None
    patience: float = PATIENCE_SECONDS


def scan(service: Service, calls: tuple[Call, ...], partner: str) -> tuple[Finding, ...]:
    """The findings on a service. Raises CollectError where it does not answer a call."""
    answers = ServiceAnswers(tuple((call.group, _exchange(service, call, partner)) for call in calls))
    return tuple(_findings(answers))


def _findings(answers: ServiceAnswers) -> Iterator[Finding]:
    yield from judge(checks_in(checks), answers)
    for exchange in answers.of(HONEST):
        yield from judge(EXCHANGE_CHECKS, exchange)


def _exchange(service: Service, call: Call, partner: str) -> Exchange:
    path, _, query = call.target.partition("?")
    headers = redact.headers(dict(call.headers))
    try:
        got = _beside_looks(service, call) if call.group == HEALTH else _send(service, call)
    except (OSError, http.client.HTTPException) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise CollectError(
            f"{service.host}:{service.port} does not answer {call.method} {path} ({call.name}): {reason}",
            "the service must answer every call within 15 seconds",
        ) from None
    sent = Sent(call.method, path, redact.query(query), headers, len(call.body), service.trust is not None)
    return Exchange(call.name, partner, sent, got, call.modules)


def _beside_looks(service: Service, call: Call) -> Got:
    """No answer is one too: the service answered this call before."""
    try:
        with looked_at(service.host, service.port):
            return _send(service, call)
    except (OSError, http.client.HTTPException):
        return Got(0)


def _send(service: Service, call: Call) -> Got:
    """One call on a connection of its own; a header that is there twice is sent twice."""
    connection = (
        http.client.HTTPConnection(service.host, service.port, timeout=service.patience)
        if service.trust is None
        else http.client.HTTPSConnection(
            service.host, service.port, timeout=service.patience, context=service.trust
        )
    )
    with contextlib.closing(connection):
        connection.connect()
        connection.putrequest(call.method, call.target, skip_accept_encoding=True)
        for name, value in (*call.headers, ("x-forwarded-proto", "https")):
            connection.putheader(name, value)
        if call.body:
            connection.putheader("content-length", str(len(call.body)))
        # A service may answer, and close, before it has read a body that it does not take.
        with contextlib.suppress(ConnectionError):
            connection.endheaders(call.body or None)
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Got(answer.status, redact.headers(headers), _parsed(answer.read(_MOST_BYTES)))


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
