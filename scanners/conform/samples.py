"""The answers that the checks on a service are shown."""

from __future__ import annotations

from hardening.requests.statuses import SUCCESS
from scanners.conform.calls import (
    DECORATED,
    FIRST_PAGE,
    FORGED,
    HEALTH,
    HONEST,
    LARGE,
    LIST,
    LOOKED_AT,
    QUESTION,
    SECOND_PAGE,
)
from scanners.conform.records import ServiceAnswers
from scanners.probe.records import Exchange, Got, Sent


def answer(name: str, status: int = 200, code: int = SUCCESS, data: object = None) -> Exchange:
    """An exchange as a service would answer it."""
    sent = Sent("GET", "/ocpi/2.2.1/sender/locations", over_tls=False)
    return Exchange(
        name, "example-emsp", sent, Got(status, {"x-total-count": "4"}, {"status_code": code, "data": data})
    )


OBJECTS = [{"id": "1"}, {"id": "2"}, {"id": "3"}, {"id": "4"}]
GOOD = ServiceAnswers(
    (
        (HONEST, answer(LIST, data=OBJECTS)),
        (HONEST, answer(FIRST_PAGE, data=OBJECTS[:2])),
        (HONEST, answer(SECOND_PAGE, data=OBJECTS[2:])),
        (HONEST, answer(QUESTION, 404, 2004)),
        (FORGED, answer("a forged call: no signature", 401, 2000)),
        (DECORATED, answer("a list with cookie", data=OBJECTS)),
        (LARGE, answer("the largest body", 404, 2004)),
        (HEALTH, answer(LOOKED_AT, data=OBJECTS)),
    )
)


def with_answer(name: str, changed: Exchange) -> ServiceAnswers:
    """The good answers with one of them in the place of the one of this name."""
    rows = tuple((group, changed if one.name == name else one) for group, one in GOOD.exchanges)
    return ServiceAnswers(rows)


def without_answer(name: str) -> ServiceAnswers:
    """The good answers without the one of this name."""
    return ServiceAnswers(tuple(row for row in GOOD.exchanges if row[1].name != name))
