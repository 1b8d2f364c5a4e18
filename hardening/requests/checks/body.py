"""Request checks of the integrity layer on the form of a body: its bounds, and what its edition says."""

from __future__ import annotations

from hardening.checks import Verdicts, check
from hardening.ocpi.bounds import broken
from hardening.ocpi.problems import Structure
from hardening.requests.body import message_of, parsed, standing_problems
from hardening.requests.request import Request
from hardening.requests.routes import match
from hardening.requests.sample_messages import SESSION, TOKEN
from hardening.requests.samples import CPO, EMSP, call, with_body

# The largest bodies are locations with hundreds of EVSEs, and CDRs with signed data.
MOST_BODY_BYTES = 512 * 1024
# Lists, objects and commas. A CDR of that size which is nothing but charging periods has 37,000.
MOST_VALUES = 40_000
_VALUE_MARKS = (b"[", b"{", b",")
# What is left out of a log line when a message has many faults.
_SHOWN = 5
_STRUCTURE = frozenset(map(str, Structure))

_PUT = call("PUT", "/ocpi/2.2.1/receiver/tokens/NL/EMX/CARD-1", EMSP, TOKEN)
_MANY = b",".join([b"[]"] * MOST_VALUES)
_DEEP = b'{"uid":"CARD-1","x":' + b"[" * 200 + b"]" * 200 + b"}"


@check("message-is-bounded", good=_PUT, bad=with_body(_PUT, _PUT.body[:-1] + b" " * MOST_BODY_BYTES + b"}"))
def body_is_not_too_large(request: Request) -> Verdicts:
    """Bytes as they came, before anything is parsed (OWASP API4:2023)."""
    if request.body:
        size = len(request.body)
        yield str(request), None if size <= MOST_BODY_BYTES else f"{size} bytes; at most {MOST_BODY_BYTES}"


@check("message-is-bounded", good=_PUT, bad=with_body(_PUT, _PUT.body[:-1] + b',"x":[' + _MANY + b"]}"))
def body_has_few_values(request: Request) -> Verdicts:
    """Each value is an allocation, and costs far more than its bytes. Marks in strings count too."""
    if request.body:
        count = sum(map(request.body.count, _VALUE_MARKS))
        yield str(request), None if count <= MOST_VALUES else f"{count} values; at most {MOST_VALUES}"


@check("message-is-bounded", good=_PUT, bad=with_body(_PUT, _DEEP))
def body_is_not_too_deep(request: Request) -> Verdicts:
    """Depth, and the digits of a number: both cost a parser more than they look (RFC 8259, 9)."""
    if request.body:
        fault = broken(request.body)
        deep = fault is not None and fault.rule in (Structure.TOO_DEEP, Structure.LONG_NUMBER)
        yield str(request), str(fault) if deep else None


@check("message-is-bounded", good=_PUT, bad=with_body(_PUT, b'{"uid":"CARD-1",}'))
def body_is_one_json_text(request: Request) -> Verdicts:
    """One value, and nothing behind it (RFC 8259, 2); asked of each call whose operation has a body."""
    found = match(request.method, request.path)
    wanted = found is not None and found.operation is not None and bool(found.operation.body)
    if not request.body and not (wanted and not request.path.rstrip("/").endswith("/authorize")):
        return
    try:
        parsed(request.body)
        problem = None
    except ValueError as error:
        problem = str(error)
    yield str(request), problem


@check("message-is-bounded", good=_PUT, bad=with_body(_PUT, b'{"uid":"CARD-2",' + _PUT.body[1:]))
def names_stand_once(request: Request) -> Verdicts:
    """Of two `party_id`, one reader takes the first and another the last."""
    if request.body:
        try:
            parsed(request.body)
            yield str(request), None
        except ValueError as error:
            yield str(request), str(error)


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
        yield str(request), f"{shown}{more}" if faults else None
