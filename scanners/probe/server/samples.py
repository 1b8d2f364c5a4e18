"""A small server that does everything right, as the probe would see it: what the checks are shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hardening.requests.sample_messages import LOCATION
from hardening.requests.statuses import SUCCESS
from scanners.probe.records import Exchange, Got, Sent
from scanners.probe.server.records import Listing, ServerProbe

HOST = "ocpi.cpo.example:443"
ROOT = "https://ocpi.cpo.example/ocpi"
_LIST = "/ocpi/2.2.1/sender/locations"
SINCE = "date_from=2000-01-01T00%3A00%3A00Z"


def answered(
    name: str, path: str, data: Any = None, *, query: str = "", headers: dict[str, str] | None = None
) -> Exchange:
    """A call that was served with `data`."""
    body = {"status_code": SUCCESS, "timestamp": "2026-01-15T12:00:00Z", "data": data}
    return Exchange(name, "", Sent("GET", path, query), Got(200, headers or {}, body))


def refused(name: str, status: int = 401, code: int = 2001, text: str = "") -> Exchange:
    """A call that was refused."""
    body = {"status_code": code, "timestamp": "2026-01-15T12:00:00Z", "status_message": "refused"}
    return Exchange(name, "", Sent("GET", _LIST), Got(status, {}, body, text))


def page(name: str, numbers: tuple[int, ...], query: str, *, total: int = 3, link: str = "") -> Exchange:
    """A page of locations."""
    objects = [{**LOCATION, "id": f"LOC-{number}"} for number in numbers]
    headers = {"x-total-count": str(total), "x-limit": "50"}
    if link:
        headers["link"] = f'<{link}>; rel="next"'
    return answered(name, _LIST, objects, query=f"{SINCE}&{query}", headers=headers)


LISTING = Listing(
    module="locations",
    version="2.2.1",
    plain=page("list", (1, 2, 3), ""),
    first=page("first", (1,), "limit=1", link=f"{ROOT}/2.2.1/sender/locations?{SINCE}&offset=1&limit=1"),
    second=page(
        "second", (2,), "offset=1&limit=1", link=f"{ROOT}/2.2.1/sender/locations?{SINCE}&offset=2&limit=1"
    ),
    immoderate=page("immoderate", (1, 2, 3), "limit=1000000"),
    future=page("future", (), "date_from=2100", total=0),
    past=page("past", (), "date_to=2000", total=0),
    followed=page("followed", (2,), "offset=1&limit=1"),
)
VERSIONS = answered("versions", "/ocpi/versions", [{"version": "2.2.1", "url": f"{ROOT}/2.2.1"}])
ENDPOINTS = [
    {"identifier": "credentials", "role": "SENDER", "url": f"{ROOT}/2.2.1/credentials"},
    {"identifier": "locations", "role": "SENDER", "url": f"{ROOT}/2.2.1/sender/locations"},
]
DETAILS = answered("version details", "/ocpi/2.2.1", {"version": "2.2.1", "endpoints": ENDPOINTS})
ROLES = [{"role": "CPO", "country_code": "DE", "party_id": "CPX"}]
CREDENTIALS = answered("credentials", "/ocpi/2.2.1/credentials", {"url": f"{ROOT}/versions", "roles": ROLES})
PROBE = ServerProbe(
    version="2.2.1",
    hosts=(HOST,),
    versions=VERSIONS,
    details=DETAILS,
    credentials=CREDENTIALS,
    named=("DE*CPX",),
    onboarded=("DE*CPX",),
    modules=("locations",),
    listings=(LISTING,),
    without_token=(refused("no token"),),
    unknown_tokens=(refused("an unknown token"),),
    other_spellings=(refused("the raw token"),),
    other_schemes=(refused("Bearer"),),
    two_headers=(refused("two headers"),),
    forwarded=(VERSIONS,),
    bad_pages=(refused("limit=abc", 400),),
    unknown_paths=(refused("an unknown path", 404),),
    odd_methods=(refused("TRACE", 405),),
    foreign_reads=(refused("a foreign party's object", 404),),
    foreign_writes=(refused("a foreign party's object", 404),),
    broken_bodies=(refused("half a JSON text", 400),),
)


def served(name: str) -> tuple[Exchange, ...]:
    """A group in which the server serves what it must refuse."""
    return (answered(name, _LIST, [{"id": "LOC-1"}]),)


def broken(name: str) -> tuple[Exchange, ...]:
    """A group in which the server breaks."""
    return (refused(name, 500, 3000),)


def silent(name: str) -> tuple[Exchange, ...]:
    """A group in which no answer came."""
    return (replace(refused(name), got=Got(0)),)
