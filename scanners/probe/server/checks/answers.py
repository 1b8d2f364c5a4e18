"""What answers hold: whose objects, in which form, and nothing of how the server is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import msgspec

from hardening.checks import Unverifiable, Verdicts, check
from hardening.ocpi.validation import validate
from scanners.probe.records import Exchange
from scanners.probe.server.records import Listing, ServerProbe
from scanners.probe.server.samples import LISTING, PROBE, refused

# What tells how a server is made: traces of the usual languages, places in files, databases and queries.
_INTERNALS = re.compile(
    r"Traceback \(most recent call last\)|\.py\", line \d+|\bat (?:[\w$.<>]+ \()?[\w/\\.:-]+\.[jt]s:\d+"
    r"|\bat [\w$.]+\([\w]+\.(?:java|kt|scala):\d+\)|java\.lang\.|\bat [\w.]+\(.*\) in [\w:/\\.]+:line \d+"
    r"|goroutine \d+ \[|/(?:usr|var|srv|app|opt)/[\w./-]+\.\w+|node_modules/|site-packages/"
    r"|(?i:sqlstate|syntax error at or near|you have an error in your sql|ora-\d{5}|mongoerror|psycopg)"
)
OBJECT_TYPES = {
    "cdrs": "CDR",
    "hubclientinfo": "ClientInfo",
    "locations": "Location",
    "sessions": "Session",
    "tariffs": "Tariff",
    "tokens": "Token",
}
_LOCATION = {**LISTING.objects[0]}


def _with_object(**changes: object) -> ServerProbe:
    body = {"status_code": 1000, "data": [{**_LOCATION, **changes}]}
    changed = replace(LISTING.plain, got=replace(LISTING.plain.got, body=body))
    return replace(PROBE, listings=(replace(LISTING, plain=changed),))


_HUB = replace(_with_object(party_id="OTH"), hub=True, onboarded=("DE*CPX",))


@check(
    "answers-hold-own-objects",
    good=PROBE,
    bad={
        "another party": _with_object(party_id="OTH"),
        "no party": _with_object(party_id=None),
        "beside the parties of a hub": _HUB,
    },
    also_good={
        "clients of a hub are others": replace(
            _with_object(party_id="OTH"), listings=(replace(LISTING, module="hubclientinfo"),)
        ),
        "letter case does not count": _with_object(party_id="cpx"),
        "nobody knows its parties": replace(_with_object(party_id="OTH"), named=(), onboarded=()),
        "2.1.1 names no owner": replace(
            _with_object(party_id="OTH"), listings=(replace(LISTING, version="2.1.1"),)
        ),
        "a party that a hub was onboarded with": replace(
            _with_object(party_id="OTH"), hub=True, onboarded=("DE*OTH",)
        ),
    },
    unverifiable={"a hub of parties that nobody named": replace(_HUB, onboarded=())},
)
def server_lists_its_own_objects(probe: ServerProbe) -> Verdicts:
    """Every object of a list is of a party that the server speaks for."""
    for listing in probe.listings:
        if probe.parties and listing.version != "2.1.1" and listing.module != "hubclientinfo":
            owners = {f"{one.get('country_code')}*{one.get('party_id')}".upper() for one in listing.objects}
            strangers = sorted(owners - set(probe.parties))
            if strangers and probe.hub and not probe.onboarded:
                raise Unverifiable(
                    listing.plain.where, "a hub lists the objects of others: name its parties (--party)"
                )
            yield listing.plain.where, f"objects of {', '.join(strangers)[:80]}" if strangers else None


@check(
    "message-matches-its-edition",
    good=PROBE,
    bad=_with_object(publish="yes"),
    also_good={"no objects are known": replace(PROBE, listings=(replace(LISTING, module="nothing"),))},
)
def server_lists_valid_objects(probe: ServerProbe) -> Verdicts:
    """Every object of a list is as the version has it: fields, types, lengths, enums, times."""
    for listing in probe.listings:
        if listing.module in OBJECT_TYPES:
            problems = list(_problems(listing))
            yield listing.plain.where, f"{len(problems)} problems: {problems[0]}" if problems else None


def _problems(listing: Listing) -> Iterator[str]:
    """Pointer and expectation of each problem; values stay out of reports: a card's uid is one of them."""
    kind = OBJECT_TYPES[listing.module]
    for number, one in enumerate(listing.objects):
        for problem in validate(msgspec.json.encode(one), version=listing.version, object_type=kind):
            yield f"[{number}]{problem.pointer}: expected {problem.expected}"


def _traced(text: str) -> ServerProbe:
    return replace(PROBE, bad_pages=(refused("limit=abc", 400, text=text),))


@check(
    "errors-tell-no-internals",
    good=PROBE,
    bad={
        "Python": _traced('Traceback (most recent call last):\n  File "app.py", line 7'),
        "JavaScript": _traced("Error: x\\n    at list (src/pages.js:10:3)"),
        "Java": _traced("at org.example.Pages.list(Pages.java:10)"),
        "SQL": _traced('syntax error at or near "abc"'),
    },
)
def server_tells_no_internals(probe: ServerProbe) -> Verdicts:
    """No answer holds a stack trace, a file's path, or the words of a database."""
    for call in probe.calls():
        yield call.where, "tells how it is made: a trace, a path or a query" if _tells(call) else None


def _tells(call: Exchange) -> bool:
    return _INTERNALS.search(call.got.text) is not None


@check(
    "answers-hold-no-token",
    good=PROBE,
    bad=replace(PROBE, token_repeated=(f"{PROBE.bad_pages[0].where}",)),
)
def server_repeats_no_token(probe: ServerProbe) -> Verdicts:
    """No answer but that of the credentials module holds the caller's token."""
    for call in probe.calls():
        if call is not probe.credentials:
            repeated = call.where in probe.token_repeated
            yield call.where, "repeats the token of the call" if repeated else None
