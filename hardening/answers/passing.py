"""What of an answer passes: its envelope, the headers of a list, and the asker's objects, minimised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from hardening.answers import checks
from hardening.answers.answered import Answered
from hardening.answers.minimisation import without_closed
from hardening.answers.ownership import is_the_askers
from hardening.answers.pseudonyms import Pseudonyms
from hardening.checks import checks_in, passed_until
from hardening.registry.partners import Access
from hardening.requests.checks.ownership import ROUTING_HEADERS
from hardening.requests.statuses import CRASHED

ANSWER_CHECKS = checks_in(checks)
_OWNERSHIP: Final = "answers-hold-the-askers-objects"
_ENVELOPE, _LINKS, _EDITION, _OBJECTS, _CLOSED = ANSWER_CHECKS
# Whatever else the service says is not for partners: cookies, versions of software, names of its own.
PASSED_HEADERS: Final = ("x-total-count", "x-limit", "link", "location", "retry-after", *ROUTING_HEADERS)
_OF_ENVELOPE = ("status_code", "status_message", "timestamp", "data")
# A message for people is a line; a stack trace is none.
_MOST_MESSAGE = 255
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Passed:
    """What the partner gets; `control` refused the answer, or part of it ("": all passed).

    Without a `body` nothing passes, and whoever asked is told so. `counted`: the service took the call.
    `removed`: how many foreign objects it held. `minimised`: how many that pass lack what was closed.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    counted: bool
    control: str = ""
    removed: int = 0
    minimised: int = 0


def passed_on(answered: Answered, *, remove_foreign: bool, pseudonyms: Pseudonyms) -> Passed:
    """The decision on an answer. `remove_foreign`: of a list, the asker's objects pass without the others."""
    if not _ENVELOPE.holds(answered):
        return _refused(answered, _ENVELOPE.control)
    if not answered.took_it:
        return Passed(answered.status, _headers(answered, ()), _bare(answered), counted=False)
    if _writes(answered):
        return _of_a_write(answered)
    _, failed = passed_until((_LINKS, _EDITION), answered)
    if failed is not None:
        return _refused(answered, failed.control)
    if _OBJECTS.holds(answered) is False:
        if remove_foreign and isinstance(answered.envelope["data"], list):
            return _rewritten(answered, pseudonyms)
        return _refused(answered, _OWNERSHIP, foreign=_foreign(answered))
    if _CLOSED.holds(answered) is False:
        return _rewritten(answered, pseudonyms)
    return Passed(answered.status, _headers(answered, ()), _whole(answered), counted=True)


def _of_a_write(answered: Answered) -> Passed:
    """It is done, so the partner hears that it is; without what may not leave."""
    failed = next((one for one in (_LINKS, _EDITION, _OBJECTS) if one.holds(answered) is False), None)
    expected = answered.found is not None and answered.found.operation and answered.found.operation.response
    if failed is None and (expected or answered.envelope.get("data") is None):
        return Passed(answered.status, _headers(answered, ()), _whole(answered), counted=True)
    control = failed.control if failed else _OWNERSHIP
    hidden = ("link", "location") if failed is _LINKS else ()
    return Passed(answered.status, _headers(answered, hidden), _bare(answered), counted=True, control=control)


def _rewritten(answered: Answered, pseudonyms: Pseudonyms) -> Passed:
    """The asker's objects alone, and of them what was opened to him."""
    found, partner = answered.found, answered.partner
    kept = [one for one in answered.objects if found and is_the_askers(partner, found, one)]
    made = [without_closed(partner, found, one, pseudonyms) for one in kept if found]
    data = made if isinstance(answered.envelope["data"], list) else made[0]
    removed = len(answered.objects) - len(kept)
    return Passed(
        answered.status,
        _headers(answered, ()),
        _encode({**_told(answered), "data": data}),
        counted=True,
        control=_OWNERSHIP if removed else "",
        removed=removed,
        minimised=sum(before != after for before, after in zip(kept, made, strict=True)),
    )


def _refused(answered: Answered, control: str, foreign: int = 0) -> Passed:
    return Passed(CRASHED.http_status, {}, b"", answered.took_it, control, foreign)


def _foreign(answered: Answered) -> int:
    found = answered.found
    return sum(not (found and is_the_askers(answered.partner, found, one)) for one in answered.objects)


def _writes(answered: Answered) -> bool:
    found = answered.found
    return found is None or found.operation is None or found.operation.access is Access.WRITE


def _headers(answered: Answered, hidden: tuple[str, ...]) -> dict[str, str]:
    names = (name for name in PASSED_HEADERS if name in answered.headers and name not in hidden)
    if not answered.took_it:
        names = (name for name in ("retry-after", *ROUTING_HEADERS) if name in answered.headers)
    found = {name: answered.headers[name] for name in names}
    return {name: value for name, value in found.items() if value.isascii() and value.isprintable()}


def _whole(answered: Answered) -> bytes:
    """The body as it came, where nothing stands in it beside OCPI's envelope."""
    if set(answered.envelope) <= set(_OF_ENVELOPE) and _is_a_line(answered.envelope.get("status_message")):
        return answered.body
    return _encode({**_told(answered), "data": answered.envelope.get("data")})


def _bare(answered: Answered) -> bytes:
    return _encode(_told(answered))


def _told(answered: Answered) -> dict[str, Any]:
    envelope = answered.envelope
    told = {"status_code": envelope["status_code"], "timestamp": envelope["timestamp"]}
    message = envelope.get("status_message")
    return {**told, "status_message": message} if message and _is_a_line(message) else told


def _is_a_line(message: object) -> bool:
    if message is None:
        return True
    return isinstance(message, str) and len(message) <= _MOST_MESSAGE and message.isprintable()
