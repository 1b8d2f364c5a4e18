"""Checks of the OCPI service's answers: what the asker gets is an answer of OCPI's, and his.

A call that the service refused has told nothing: of its answer only the envelope is judged, and nothing else
passes (`passing`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from hardening.answers.answered import Answered
from hardening.answers.minimisation import closed_in, may_hold_closed
from hardening.answers.ownership import is_the_askers
from hardening.checks import Verdicts, check
from hardening.ocpi.editions import OBJECTS
from hardening.ocpi.structs import Shape
from hardening.ocpi.validation import plan, structure
from hardening.requests.sample_messages import CDR, LOCATION, SESSION, TOKEN
from hardening.requests.samples import CPO, EMSP
from hardening.requests.statuses import SUCCESS

_OURS = frozenset({"ocpi.lab.example"})
_NEXT = '<https://ocpi.lab.example/ocpi/2.2.1/sender/cdrs?offset=1>; rel="next"'
_FOREIGN_TOKEN = {**CDR["cdr_token"], "party_id": "EMZ"}


def _answer(data: object, path: str = "/ocpi/2.2.1/sender/cdrs", **more: Any) -> Answered:
    """What the service says to example-emsp, who asked for `path`."""
    body = {"status_code": SUCCESS, "timestamp": "2026-01-15T12:00:00Z", "data": data}
    headers = {"x-total-count": "2", "x-limit": "1", "link": _NEXT} if isinstance(data, list) else {}
    values: dict[str, Any] = {"partner": EMSP, "method": "GET", "status": 200, "headers": headers} | more
    return Answered(path=path, body=json.dumps(body).encode(), our_hosts=_OURS, **values)


def _with(answered: Answered, headers: Mapping[str, str]) -> Answered:
    return replace(answered, headers={**answered.headers, **headers})


_LIST = _answer([CDR])
_PUSHED = "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1"
_AUTHORIZE = _answer(
    {"allowed": "ALLOWED", "token": TOKEN}, "/ocpi/2.2.1/sender/tokens/CARD-1/authorize", method="POST"
)
_OUR_LOCATION = {**LOCATION, "country_code": "NL", "party_id": "LAB"}
_LOCATIONS = _answer([_OUR_LOCATION], "/ocpi/2.2.1/sender/locations")


_NO_CALLS = {
    "no call of OCPI's": _answer([], "/elsewhere"),
    "no method of OCPI's": _answer([], method="TRACE"),
    "a refusal": replace(_LIST, status=404),
}


@check(
    "answers-in-ocpi-envelope",
    good=_LIST,
    bad={
        "a page of a proxy": replace(_LIST, body=b"<html>Traceback</html>"),
        "no status": replace(_LIST, body=b'{"data":[]}'),
        "no time": replace(_LIST, body=b'{"status_code":1000}'),
        "a redirect": replace(_LIST, status=302),
        "no status of an answer": replace(_LIST, status=101),
        "a status that is a flag": replace(_LIST, body=b'{"status_code":true,"timestamp":"2026"}'),
        "a list": replace(_LIST, body=b"[]"),
    },
    also_good={"a refusal": replace(_LIST, status=404)},
)
def answer_is_an_envelope(answered: Answered) -> Verdicts:
    """An answer is JSON that nobody can read in two ways, with OCPI's status and a time; and no redirect."""
    told = answered.ocpi_status >= SUCCESS and isinstance(answered.envelope.get("timestamp"), str)
    served = 200 <= answered.status < 300 or 400 <= answered.status < 600
    yield answered, None if told and served else "no envelope of OCPI's, or a redirect"


@check(
    "answer-urls-on-agreed-hosts",
    good=_LIST,
    bad={
        "the next page elsewhere": _with(_LIST, {"link": _NEXT.replace("ocpi.lab", "elsewhere")}),
        "the next page in plaintext": _with(_LIST, {"link": _NEXT.replace("https", "http")}),
        "no link at all": _with(_LIST, {"link": "next"}),
        "an address that cannot be read": _with(_LIST, {"link": "<https://[>"}),
        "a new object elsewhere": _with(_LIST, {"location": "https://internal.example/1"}),
    },
    also_good={"a new object here": _with(_LIST, {"location": "https://ocpi.lab.example/ocpi/1"})},
)
def links_point_at_us(answered: Answered) -> Verdicts:
    """The next call goes where `Link` and `Location` say, with the partner's token."""
    for name in ("link", "location"):
        value = answered.headers.get(name)
        if value is not None:
            ours = _is_ours(_target(name, value), answered.our_hosts)
            yield answered, None if ours else f"{name} leads elsewhere"


def _target(name: str, value: str) -> str:
    return value if name == "location" else value.partition("<")[2].partition(">")[0]


def _is_ours(url: str, our_hosts: frozenset[str]) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and parts.hostname in our_hosts
    except ValueError:
        return False


@check(
    "message-matches-its-edition",
    good=_LIST,
    bad={
        "a list": _answer([{**CDR, "currency": 7}]),
        "an object": _answer({**TOKEN, "type": 7}, _PUSHED),
        "an object for a list": _answer(CDR),
    },
    also_good={
        "no version yet": _answer([], "/ocpi/versions"),
        "no object of OCPI's": _answer([], "/ocpi/2.2.1/modules"),
        "nothing to tell": _answer(None, _PUSHED, method="PUT"),
        **_NO_CALLS,
    },
)
def answer_matches_its_edition(answered: Answered) -> Verdicts:
    """Whoever gets another form than the edition's may take it for anything."""
    found = answered.found
    if found is None or found.operation is None or not answered.took_it:
        return
    version, response = found.route.version, found.operation.response
    if response and version and response in OBJECTS[version]:
        shape = Shape.RESPONSE_LIST if found.operation.many else Shape.RESPONSE
        problems = structure(answered.body, plan(version, "", response, shape))
        yield answered, f"{problems[0].pointer}: expected {problems[0].expected}" if problems else None


@check(
    "answers-hold-the-askers-objects",
    good=_LIST,
    bad={
        "another's CDR": _answer([CDR, {**CDR, "cdr_token": _FOREIGN_TOKEN}]),
        "another's session": _answer(
            [{**SESSION, "cdr_token": _FOREIGN_TOKEN}], "/ocpi/2.2.1/sender/sessions"
        ),
        "a CDR of nobody": _answer([{"id": "1"}]),
        "another partner's location": _answer(
            [{**_OUR_LOCATION, "party_id": "CPX"}], "/ocpi/2.2.1/sender/locations"
        ),
        "another's token": _answer({**TOKEN, "party_id": "EMZ"}, _PUSHED),
        "another token": _answer({**TOKEN, "uid": "CARD-2"}, _PUSHED),
        "no object": _answer(["CDR-1"]),
        "an authorization of another card": replace(
            _AUTHORIZE, path="/ocpi/2.2.1/sender/tokens/CARD-2/authorize"
        ),
        "an authorization of nobody": _answer("ALLOWED", _AUTHORIZE.path, method="POST"),
        "a contract of another's": _answer(
            [{"id": "1", "auth_id": "NL-EMZ-C00000001-1"}], "/ocpi/2.1.1/sender/cdrs"
        ),
        "a contract without a party": _answer([{"id": "1", "auth_id": "7"}], "/ocpi/2.1.1/sender/cdrs"),
    },
    also_good={
        "a token of its own": _answer(TOKEN, _PUSHED),
        "an EVSE that it pushed": _answer(
            LOCATION["evses"][0], "/ocpi/2.2.1/receiver/locations/DE/CPX/LOC-1/EV-1", partner=CPO
        ),
        "its own of 2.1.1": _answer({"uid": "CARD-1"}, "/ocpi/2.1.1/receiver/tokens/NL/EMX/CARD-1"),
        "a location of ours": _LOCATIONS,
        "of parties that are not known": replace(_LOCATIONS, partner=replace(EMSP, our_parties=())),
        "one of our locations": _answer(_OUR_LOCATION, "/ocpi/2.2.1/sender/locations/loc-1"),
        "its driver's contract": _answer(
            [{"id": "1", "auth_id": "nl-emx-C00000001-1"}], "/ocpi/2.1.1/sender/cdrs"
        ),
        "an authorization": _AUTHORIZE,
        "an authorization without a token": _answer({"allowed": "BLOCKED"}, _AUTHORIZE.path, method="POST"),
        **_NO_CALLS,
        "what OCPI has no owner for": _answer({"result": "ACCEPTED"}, "/ocpi/versions"),
    },
)
def objects_are_the_askers(answered: Answered) -> Verdicts:
    """A page with one foreign object among forty is a foreign page."""
    found = answered.found
    if found is None or not answered.took_it:
        return
    # A line for each that is foreign, not for each: a page has a thousand.
    objects, partner = answered.objects, answered.partner
    foreign = [number for number, one in enumerate(objects) if not is_the_askers(partner, found, one)]
    for number in foreign:
        yield f"{answered} /data/{number}", "an object that is not the asker's"
    if not foreign:
        yield answered, None


_OUR_TOKEN = {**TOKEN, "country_code": "NL", "party_id": "LAB", "uid": "CARD-9"}
_CARDS = replace(_answer([_OUR_TOKEN], "/ocpi/2.2.1/sender/tokens"), partner=CPO)
_AUTHORIZED = "/ocpi/2.2.1/sender/tokens/CARD-9/authorize"
_AT_HOME = {**_OUR_LOCATION, "publish": False, "publish_allowed_to": [{"uid": "CARD-9"}]}


@check(
    "closed-fields-stay-here",
    good=_CARDS,
    bad={
        "a card": replace(_CARDS, partner=replace(CPO, shares=())),
        "what is printed on it": replace(
            _answer([{**_OUR_TOKEN, "visual_number": "7"}], _CARDS.path), partner=CPO
        ),
        "the contract of a card that was asked about": replace(
            _answer({"allowed": "ALLOWED", "token": _OUR_TOKEN}, _AUTHORIZED, method="POST"),
            partner=replace(CPO, shares=()),
        ),
        "what OCPI calls otherwise": replace(
            _answer([{**_OUR_TOKEN, "x": {"visualNumber": "7"}}], _CARDS.path), partner=CPO
        ),
        "who may see a charger at home": _answer([_AT_HOME], _LOCATIONS.path),
        "a name that OCPI does not have": _answer([{**CDR, "driver_name": "A. Driver"}]),
        "a name further inside": _answer([{**CDR, "x": [[{"emailAddress": "a@b.example"}], {"user": 1}]}]),
    },
    also_good={
        "a card that was asked about": replace(
            _answer({"allowed": "ALLOWED", "token": _OUR_TOKEN}, _AUTHORIZED, method="POST"), partner=CPO
        ),
        "an authorization without a token": replace(
            _answer({"allowed": "BLOCKED"}, _AUTHORIZED, method="POST"), partner=CPO
        ),
        "the contracts of its own drivers": _LIST,
        "its own card": _answer([TOKEN], _CARDS.path),
        "what it pushed itself": _answer({**TOKEN, "visual_number": "7"}, _PUSHED),
        "no object": _answer(["CDR-1"]),
        "of no driver": _answer([], "/ocpi/2.2.1/sender/tariffs"),
        "a charger for everybody": _LOCATIONS,
        **_NO_CALLS,
    },
)
def closed_fields_stay(answered: Answered) -> Verdicts:
    """What tells of our drivers leaves where the contract opens it; his own drivers an issuer knows."""
    found = answered.found
    if found is None or not answered.took_it:
        return
    names: set[str] = set()
    if may_hold_closed(found, answered.body):
        names = {one.name for given in answered.objects for one in closed_in(answered.partner, found, given)}
    yield answered, f"{', '.join(sorted(names))}: not opened to the asker" if names else None
