"""Request checks of the integrity layer on the form of a body: its bounds, and what its edition says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hardening.checks import Verdicts, check
from hardening.ocpi.bounds import broken
from hardening.ocpi.known_names import confusable, names_a_prototype
from hardening.ocpi.problems import Structure
from hardening.requests.body import known_objects, message_of, parsed, standing_problems, value_of
from hardening.requests.paths import is_routable
from hardening.requests.request import Credentials, Request
from hardening.requests.routes import match
from hardening.requests.sample_messages import CDR, SESSION, TOKEN
from hardening.requests.samples import CPO, EMSP, call, with_body

# The largest bodies are locations with hundreds of EVSEs, and CDRs with signed data.
MOST_BODY_BYTES = 512 * 1024
# A body is long, and asked about before it is read, whose length has five digits or more.
LONG_BODY_DIGITS = 5
LONG_BODY_BYTES = 10 ** (LONG_BODY_DIGITS - 1)
# Lists, objects and commas. A CDR of that size which is nothing but charging periods has 37,000.
MOST_VALUES = 40_000
_VALUE_MARKS = (b"[", b"{", b",")
# What is left out of a log line when a message has many faults.
_SHOWN = 5
_STRUCTURE = frozenset(map(str, Structure))

# What a required field has where nothing is known (OCPI 2.2.1, 4.1.3; the CDR of a reservation).
_NOT_AVAILABLE = "#NA"

_PUT = call("PUT", "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1", EMSP, TOKEN)
_OTHERWISE = _PUT.body.replace(b'Z"', b'+00:00"')


def _agreeing(accept: Mapping[str, str]) -> Credentials | None:
    given = _PUT.credentials
    return given and replace(given, partner=replace(given.partner, accept=accept))


_AGREED = replace(
    _PUT,
    credentials=_agreeing({"zero-offset": "their clock library writes +00:00"}),
    leniencies={"zero-offset": 1},
)
_MANY = b",".join([b"[]"] * MOST_VALUES)
_DEEP = b'{"uid":"CARD-1","x":' + b"[" * 200 + b"]" * 200 + b"}"


@check("message-is-bounded", good=_PUT, bad=with_body(_PUT, _PUT.body[:-1] + b" " * MOST_BODY_BYTES + b"}"))
def body_is_not_too_large(request: Request) -> Verdicts:
    """Bytes as they came, before anything is parsed (OWASP API4:2023)."""
    if request.body:
        size = len(request.body)
        yield request, None if size <= MOST_BODY_BYTES else f"{size} bytes; at most {MOST_BODY_BYTES}"


@check("message-is-bounded", good=_PUT, bad=with_body(_PUT, _PUT.body[:-1] + b',"x":[' + _MANY + b"]}"))
def body_has_few_values(request: Request) -> Verdicts:
    """Each value is an allocation, and costs far more than its bytes. Marks in strings count too."""
    if request.body:
        count = sum(map(request.body.count, _VALUE_MARKS))
        yield request, None if count <= MOST_VALUES else f"{count} values; at most {MOST_VALUES}"


@check("message-is-bounded", good=_PUT, bad=with_body(_PUT, _DEEP))
def body_is_not_too_deep(request: Request) -> Verdicts:
    """Depth, and the digits of a number: both cost a parser more than they look (RFC 8259, 9)."""
    if request.body:
        fault = broken(request.body)
        deep = fault is not None and fault.rule in (Structure.TOO_DEEP, Structure.LONG_NUMBER)
        yield request, str(fault) if deep else None


@check("message-is-bounded", good=_PUT, bad=with_body(_PUT, b'{"uid":"CARD-1",}'))
def body_is_one_json_text(request: Request) -> Verdicts:
    """One value, and nothing behind it (RFC 8259, 2); asked of each call whose operation has a body."""
    found = match(request.method, request.path)
    wanted = found is not None and bool(found.body)
    if not request.body and not (wanted and not request.path.rstrip("/").endswith("/authorize")):
        return
    try:
        parsed(request.body)
        problem = None
    except ValueError as error:
        problem = str(error)
    yield request, problem


@check("message-is-bounded", good=_PUT, bad=with_body(_PUT, b'{"uid":"CARD-2",' + _PUT.body[1:]))
def names_stand_once(request: Request) -> Verdicts:
    """Of two `party_id`, one reader takes the first and another the last."""
    if request.body:
        try:
            parsed(request.body)
            yield request, None
        except ValueError as error:
            yield request, str(error)


@check(
    "body-only-where-defined",
    good=_PUT,
    bad=with_body(call("GET", "/ocpi/2.2.1/sender/locations"), b'{"party_id":"ZZZ"}'),
)
def body_has_a_meaning(request: Request) -> Verdicts:
    """A GET or DELETE with a body: some servers read it, some take it for the next call (RFC 9110, 9.3.1)."""
    found = match(request.method, request.path)
    if request.body and found is not None and found.operation is not None:
        defined = bool(found.operation.body)
        yield request, None if defined else f"OCPI defines no body for {request.method} here"


@check(
    "message-names-unambiguous",
    good=_PUT,
    bad={
        "letter case": with_body(_PUT, b'{"PARTY_ID":"ZZZ",' + _PUT.body[1:]),
        "another spelling": with_body(_PUT, b'{"partyId":"ZZZ",' + _PUT.body[1:]),
    },
)
def no_name_passes_for_a_known_field(request: Request) -> Verdicts:
    """`PARTY_ID` is an unknown field here, and the party to a service that ignores letter case."""
    if message_of(request) is not None:
        found = confusable(known_objects(request))
        problem = f"{found}: can be taken for a known field, or for the name beside it"
        yield request, problem if found else None


@check(
    "message-names-unambiguous",
    good=_PUT,
    bad=with_body(_PUT, b'{"x_new":{"__proto__":{"valid":true}},' + _PUT.body[1:]),
)
def no_name_is_a_prototype(request: Request) -> Verdicts:
    """Looked for at every depth: a service in JavaScript may merge what it does not know."""
    if request.body:
        suspect = b"__proto__" in request.body or b"\\u" in request.body
        named = suspect and names_a_prototype(value_of(request.body))
        yield request, "a name that JavaScript takes for a prototype" if named else None


@check(
    "message-matches-its-edition",
    good=call("PUT", "/ocpi/2.2.1/receiver/sessions/DE/CPX/SES-1", CPO, SESSION),
    bad=call("PUT", "/ocpi/2.2.1/receiver/sessions/DE/CPX/SES-1", CPO, {**SESSION, "kwh": "much"}),
)
def message_is_as_its_edition_says(request: Request) -> Verdicts:
    """Business rules have controls of their own: see `message_rules`."""
    if message_of(request) is not None:
        faults = [problem for problem in standing_problems(request) if problem.rule in _STRUCTURE]
        shown = "; ".join(map(str, faults[:_SHOWN]))
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        yield request, f"{shown}{more}" if faults else None


@check(
    "leniency-is-agreed",
    good=_AGREED,
    bad={
        "not in the contract": replace(_AGREED, credentials=_PUT.credentials, body=_OTHERWISE),
        "without a reason": replace(_AGREED, credentials=_agreeing({"zero-offset": " "}), body=_OTHERWISE),
    },
)
def leniencies_are_contracted(request: Request) -> Verdicts:
    """What was written anew or let stand in a message is in its partner's contract, with the reason why."""
    agreed = request.credentials.partner.accept if request.credentials else {}
    for name in request.leniencies:
        reason = agreed[name].strip() if name in agreed else ""
        yield request, None if reason else f"{name}: not agreed with this partner"


@check(
    "identifiers-routable",
    good=call("POST", "/ocpi/2.2.1/receiver/cdrs", CPO, CDR),
    bad=call("POST", "/ocpi/2.2.1/receiver/cdrs", CPO, {**CDR, "id": "../../etc/passwd"}),
)
def identifiers_can_stand_in_a_url(request: Request) -> Verdicts:
    """What a body calls an object becomes part of a URL, and with some services of a file's name."""
    if message_of(request) is None:
        return
    bad = {
        name
        for known, one in known_objects(request)
        for name in known.identifiers
        if isinstance(one.get(name), str) and not _is_routable(one[name])
    }
    yield request, f"{', '.join(sorted(bad))}: cannot stand in a URL" if bad else None


def _is_routable(identifier: str) -> bool:
    return identifier == _NOT_AVAILABLE or is_routable(identifier)
