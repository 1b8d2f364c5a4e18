"""Checks of the protocol layer on what the gateway answers."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl

from hardening.checks import Verdicts, check
from hardening.requests.statuses import SUCCESS
from scanners.probe.records import Exchange, Got, Sent

_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z?")
_COUNT = re.compile(r"[0-9]+")
_MAX_AGE = re.compile(r"max-age=([0-9]+)")
_YEAR_SECONDS = 31_536_000
_SOFTWARE_HEADERS = ("server", "x-powered-by", "via", "x-aspnet-version", "x-envoy-upstream-service-time")
_IDS = ("x-request-id", "x-correlation-id")
_VERSION_DETAILS = re.compile(r"/ocpi/[0-9.]+/?")

_LIST = Exchange(
    name="a list",
    partner="example-emsp",
    sent=Sent(
        "GET",
        "/ocpi/2.2.1/sender/locations",
        headers={"x-request-id": "request-1", "x-correlation-id": "correlation-1"},
    ),
    got=Got(
        200,
        {
            "content-type": "application/json; charset=utf-8",
            "strict-transport-security": "max-age=63072000; includeSubDomains",
            "x-request-id": "request-1",
            "x-correlation-id": "correlation-1",
            "x-total-count": "3",
            "x-limit": "2",
            "link": '<https://ocpi.lab.example/ocpi/2.2.1/sender/locations?offset=2>; rel="next"',
        },
        {"status_code": SUCCESS, "timestamp": "2026-01-15T12:00:00Z", "data": [{}, {}]},
    ),
    modules=("locations",),
)
_DETAILS = replace(
    _LIST,
    name="version details",
    sent=Sent("GET", "/ocpi/2.2.1"),
    got=Got(
        200,
        {},
        {
            "status_code": SUCCESS,
            "timestamp": "2026-01-15T12:00:00Z",
            "data": {
                "version": "2.2.1",
                "endpoints": [{"identifier": "credentials"}, {"identifier": "locations"}],
            },
        },
    ),
)


def _with_headers(**changes: str) -> Exchange:
    """The list with headers changed (`_` is a hyphen); an empty value takes the header away."""
    changed = {**_LIST.got.headers, **{name.replace("_", "-"): value for name, value in changes.items()}}
    headers = {name: value for name, value in changed.items() if value}
    return replace(_LIST, got=replace(_LIST.got, headers=headers))


@check(
    "gateway-serves-contracted-calls", good=_LIST, bad=replace(_LIST, got=Got(403, {}, {"status_code": 2000}))
)
def contracted_call_is_served(exchange: Exchange) -> Verdicts:
    """A call that was contracted says for which modules; others (a call without a token) have none."""
    if exchange.modules:
        served = exchange.got.status == 200 and exchange.got.ocpi_status == SUCCESS
        problem = f"HTTP {exchange.got.status}, OCPI {exchange.got.ocpi_status}: {exchange.got.message}"
        yield exchange.where, None if served else problem


@check("answers-repeat-request-ids", good=_LIST, bad=_with_headers(x_request_id="another"))
def ids_are_repeated(exchange: Exchange) -> Verdicts:
    """X-Request-ID and X-Correlation-ID come back as they were sent."""
    sent = {name: exchange.sent.headers[name] for name in _IDS if name in exchange.sent.headers}
    if sent:
        wrong = [name for name, value in sent.items() if exchange.got.headers.get(name) != value]
        yield exchange.where, f"{', '.join(wrong)} not repeated" if wrong else None


@check("answers-in-ocpi-envelope", good=_LIST, bad=replace(_LIST, got=Got(404, {}, {"message": "Not Found"})))
def answer_is_an_envelope(exchange: Exchange) -> Verdicts:
    """Every answer, also a refusal, has `status_code` and a UTC `timestamp`."""
    body = exchange.got.body if isinstance(exchange.got.body, dict) else {}
    timed = _TIMESTAMP.fullmatch(str(body.get("timestamp") or "")) is not None
    whole = exchange.got.ocpi_status >= SUCCESS and timed
    yield exchange.where, None if whole else "no envelope with status_code and a UTC timestamp"


@check("answers-name-no-software", good=_LIST, bad=_with_headers(server="envoy"))
def software_is_not_named(exchange: Exchange) -> Verdicts:
    """No header of the answer names the software that sent it."""
    sent = [name for name in _SOFTWARE_HEADERS if exchange.got.headers.get(name)]
    yield exchange.where, f"sends {', '.join(sent)}" if sent else None


@check("answers-require-https", good=_LIST, bad=_with_headers(strict_transport_security=""))
def https_is_required(exchange: Exchange) -> Verdicts:
    """Strict-Transport-Security holds for a year or more (RFC 6797, 6.1.1)."""
    found = _MAX_AGE.search(exchange.got.headers.get("strict-transport-security") or "")
    long_enough = found is not None and int(found[1]) >= _YEAR_SECONDS
    yield exchange.where, None if long_enough else "no Strict-Transport-Security of a year or more"


@check("answers-paginated-and-capped", good=_LIST, bad=_with_headers(x_total_count=""))
def list_is_paginated(exchange: Exchange) -> Verdicts:
    """A list says X-Total-Count and X-Limit, keeps to the limit, and links the next page if there is one."""
    data, headers = exchange.got.data, exchange.got.headers
    if exchange.got.status != 200 or "/sender/" not in exchange.sent.path or not isinstance(data, list):
        return
    counts = [(headers.get(name) or "") for name in ("x-total-count", "x-limit")]
    if not all(_COUNT.fullmatch(count) for count in counts):
        yield exchange.where, "X-Total-Count or X-Limit is missing"
        return
    total, limit = map(int, counts)
    more = int(dict(parse_qsl(exchange.sent.query)).get("offset") or "0") + len(data) < total
    linked = 'rel="next"' in (headers.get("link") or "")
    if len(data) > limit:
        yield exchange.where, f"{len(data)} objects, more than X-Limit {limit}"
    elif more != linked:
        yield exchange.where, "a Link to the next page is missing" if more else "a Link beyond the last page"
    else:
        yield exchange.where, None


@check(
    "discovery-lists-contracted-modules",
    good=_DETAILS,
    bad=replace(
        _DETAILS,
        got=replace(
            _DETAILS.got,
            body={"data": {"endpoints": [{"identifier": "credentials"}, {"identifier": "commands"}]}},
        ),
    ),
)
def discovery_is_the_contract(exchange: Exchange) -> Verdicts:
    """The version details list `credentials` and exactly the modules that the caller contracted for."""
    if exchange.got.status != 200 or not _VERSION_DETAILS.fullmatch(exchange.sent.path):
        return
    data = exchange.got.data if isinstance(exchange.got.data, dict) else {}
    endpoints = data.get("endpoints") or []
    listed = {str(one.get("identifier")) for one in endpoints if isinstance(one, dict)}
    extra = sorted(listed - {"credentials"} - set(exchange.modules))
    missing = sorted(({"credentials"} | set(exchange.modules)) - listed)
    problems = [f"not contracted: {', '.join(extra)}"] if extra else []
    problems += [f"not listed: {', '.join(missing)}"] if missing else []
    yield exchange.where, "; ".join(problems) or None
