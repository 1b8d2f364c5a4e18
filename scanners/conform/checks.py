"""Checks on the service behind the guard: whom it believes, what it reads, and what it can take."""

from __future__ import annotations

from dataclasses import replace

from hardening.checks import Unverifiable, Verdicts, check
from hardening.requests.statuses import SUCCESS
from scanners.conform.calls import (
    DECORATED,
    FIRST_PAGE,
    FORGED,
    HEALTH,
    LARGE,
    LIST,
    LOOKED_AT,
    QUESTION,
    SECOND_PAGE,
)
from scanners.conform.records import ServiceAnswers
from scanners.conform.samples import GOOD, OBJECTS, answer, with_answer, without_answer
from scanners.probe.records import Got

_REFUSED = (401, 403)
_PAGE = 2


@check(
    "service-believes-the-guard-only",
    good=GOOD,
    bad=with_answer("a forged call: no signature", answer("a forged call: no signature", data=OBJECTS)),
    unverifiable={
        "the honest call is refused too": with_answer(LIST, answer(LIST, 401, 2000)),
        "there is no list": without_answer(LIST),
        "no body could be forged": without_answer(QUESTION),
    },
)
def forged_calls_are_refused(answers: ServiceAnswers) -> Verdicts:
    """HTTP 401 or 403 for each; where honest calls are refused as well, a refusal proves nothing."""
    plain = answers.honest(LIST)
    if plain is None or plain.got.status in _REFUSED:
        raise Unverifiable("the service", "honest calls are refused too: a refusal proves nothing")
    for exchange in answers.of(FORGED):
        refused = exchange.got.status in _REFUSED
        yield exchange.where, None if refused else f"answered HTTP {exchange.got.status}; expected 401"
    if answers.honest(QUESTION) is None:
        reason = "no body was forged: name a CPO that may ask for authorizations (tokens: [read])"
        raise Unverifiable("the service", reason)


@check(
    "service-reads-the-signed-call",
    good=GOOD,
    bad={
        "another status": with_answer("a list with cookie", answer("a list with cookie", 500, 3000)),
        "other data": with_answer("a list with cookie", answer("a list with cookie", data=[])),
    },
    unverifiable={"there is no list": without_answer(LIST)},
)
def other_headers_change_nothing(answers: ServiceAnswers) -> Verdicts:
    """The list is the same, whatever header comes with it that the guard would have taken off."""
    plain = answers.honest(LIST)
    if plain is None:
        raise Unverifiable("the service", "there is no list to compare with")
    for exchange in answers.of(DECORATED):
        same = (exchange.got.status, exchange.got.data) == (plain.got.status, plain.got.data)
        yield exchange.where, None if same else "the answer is another one than without this header"


@check(
    "service-takes-what-the-guard-passes",
    good=GOOD,
    bad={
        "too large": with_answer("the largest body", answer("the largest body", 413, 2000)),
        "a crash": with_answer("the largest body", answer("the largest body", 500, 3000)),
        "no envelope": with_answer("the largest body", replace(answer("the largest body"), got=Got(200))),
    },
)
def largest_body_is_read(answers: ServiceAnswers) -> Verdicts:
    """As the small one: what the guard let through is not refused for its size."""
    for exchange in answers.of(LARGE):
        got = exchange.got
        read = got.ocpi_status >= SUCCESS and got.status < 500 and got.status != 413
        yield exchange.where, None if read else f"HTTP {got.status}, OCPI {got.ocpi_status}: it was not read"


@check(
    "service-bears-looks-at-its-health",
    good=GOOD,
    bad={
        "no answer": with_answer(LOOKED_AT, answer(LOOKED_AT, 0)),
        "another answer": with_answer(LOOKED_AT, answer(LOOKED_AT, 503, 3000)),
    },
    unverifiable={"there is no list": without_answer(LIST)},
)
def silent_connections_cost_no_call(answers: ServiceAnswers) -> Verdicts:
    """The list is answered as before while connections come and go, and others say nothing."""
    plain = answers.honest(LIST)
    if plain is None:
        raise Unverifiable("the service", "there is no list to compare with")
    for exchange in answers.of(HEALTH):
        same = (exchange.got.status, exchange.got.data) == (plain.got.status, plain.got.data)
        told = f"HTTP {exchange.got.status}" if exchange.got.status else "no answer"
        yield exchange.where, None if same else f"{told}; without these connections HTTP {plain.got.status}"


@check(
    "answers-paginated-and-capped",
    good=GOOD,
    bad={
        "the limit is ignored": with_answer(FIRST_PAGE, answer(FIRST_PAGE, data=OBJECTS)),
        "the offset is ignored": with_answer(SECOND_PAGE, answer(SECOND_PAGE, data=OBJECTS[:2])),
    },
    also_good={
        "a list of two objects": with_answer(SECOND_PAGE, answer(SECOND_PAGE, data=[])),
        "no list at all": with_answer(FIRST_PAGE, answer(FIRST_PAGE, 500, 3000)),
        "no second list": with_answer(SECOND_PAGE, answer(SECOND_PAGE, 500, 3000)),
    },
    unverifiable={
        "the first page is missing": without_answer(FIRST_PAGE),
        "the second page is missing": without_answer(SECOND_PAGE),
    },
)
def pages_follow_each_other(answers: ServiceAnswers) -> Verdicts:
    """`limit` and `offset` count; a list of two objects or fewer has no second page to tell by."""
    first, second = answers.honest(FIRST_PAGE), answers.honest(SECOND_PAGE)
    if first is None or second is None:
        raise Unverifiable("the service", "a page was not answered")
    one, other = first.got.data, second.got.data
    # What is no list at all, another check says.
    if isinstance(one, list) and isinstance(other, list):
        yield first.where, None if len(one) <= _PAGE else f"{len(one)} objects for a limit of {_PAGE}"
        again = one[:_PAGE] == other[:_PAGE] != []
        yield second.where, "offset=2 answers with the first page again" if again else None
