"""OCPI's business rules as request checks: a message that breaks one is refused under the rule's own control.

The rules and their samples are those of `hardening.ocpi.rules`; here each sample becomes the push of a
partner, so the probe replays it too. Rules that need another object are not asked here: a guard
holds no objects, and those rules belong to reconciliation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import msgspec

from hardening.checks import Check, Verdicts
from hardening.ocpi.rules import CHECKS as MESSAGE_CHECKS
from hardening.ocpi.rules.rule import Message, Related, Rule, found_by, rule_of
from hardening.ocpi.structs import Shape, body_type
from hardening.requests.body import MessageKind, message_of, parsed, standing_problems
from hardening.requests.request import Request
from hardening.requests.samples import CPO, EMSP, call

_SHOWN = 3
# object -> where it is posted, below /ocpi/{version}
_POSTED = {"CDR": "receiver/cdrs", "Credentials": "credentials"}
# object -> (module, the field that is the last part of its URL)
_PUSHED = {
    "Location": ("locations", "id"),
    "Session": ("sessions", "id"),
    "Tariff": ("tariffs", "id"),
    "Token": ("tokens", "uid"),
}
_PUSHABLE = {*_PUSHED, *_POSTED}
_OF_THE_PROVIDER = ("Token", "Credentials")


def _checks() -> Iterator[Check[Request]]:
    for one in MESSAGE_CHECKS:
        rule = rule_of(one)
        if not rule.needs and one.good.object_type in _PUSHABLE:
            bad = {case: _push(m) for case, m in one.bad.items() if m.object_type in _PUSHABLE}
            also_good = {case: _push(m) for case, m in one.also_good.items() if m.object_type in _PUSHABLE}
            yield Check(one.name, one.control, _judge(rule), _push(one.good), bad, also_good)


def _judge(rule: Rule) -> Callable[[Request], Verdicts]:
    def judge(request: Request) -> Verdicts:
        message = message_of(request)
        if message is not None and rule.applies(message.version, message.object_type, message.partial):
            broken = [problem for problem in standing_problems(request) if problem.rule == rule.control]
            if broken or _can_judge(rule, request, message):
                yield request, "; ".join(map(str, broken[:_SHOWN])) if broken else None

    return judge


def _can_judge(rule: Rule, request: Request, message: MessageKind) -> bool:
    """Whether the rule says anything of the message. One that is malformed is another check's to refuse."""
    decoded = _decoded(request.body, message)
    return decoded is not None and found_by(rule, decoded, Related()) is not None


# Every rule asks for the same message.
@lru_cache(maxsize=8)
def _decoded(body: bytes, message: MessageKind) -> Any | None:
    """The body as the struct that rules read; None where it is none."""
    shape = Shape.PATCH if message.partial else Shape.OBJECT
    try:
        kind = body_type(message.version, "", message.object_type, shape, True)
        return msgspec.convert(parsed(body), kind)
    except ValueError:
        return None


def _push(sample: Message) -> Request:
    """The sample as its owner would push it: the owner is one of the two example partners."""
    partner = EMSP if sample.object_type in _OF_THE_PROVIDER else CPO
    party = partner.parties[0]
    body = json.loads(msgspec.json.encode(sample.value))
    if sample.object_type != "Credentials":
        body |= {"country_code": party.country_code, "party_id": party.party_id}
    root = f"/ocpi/{sample.version}"
    if sample.object_type in _POSTED:
        return call("POST", f"{root}/{_POSTED[sample.object_type]}", partner, body)
    module, key = _PUSHED[sample.object_type]
    owner = f"{party.country_code}/{party.party_id}"
    return call("PUT", f"{root}/receiver/{module}/{owner}/{body[key]}", partner, body)


RULE_CHECKS: tuple[Check[Request], ...] = tuple(_checks())
