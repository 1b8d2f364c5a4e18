"""One day's CDRs with one partner as a list of digests, which two parties hold against each other.

The day is that of a CDR's `last_updated`, so both sides count it to the same one. Decisions and forms only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hardening import dsse
from hardening.errors import CollectError, ConfigError
from hardening.ledger.messages import CDR, message_of
from hardening.ledger.trail import ACCEPTED, INWARDS, OUTWARDS, TrailLine
from hardening.ocpi.i_json import parsed
from hardening.requests.body import as_object

FORM: Final = "rampart-digests/1"
LIST_TYPE: Final = "application/vnd.rampart.digest-list+json"
# Where a CDR is received, whatever its version: what it is in the ledger does not depend on it.
_CDRS = "/ocpi/2.2.1/receiver/cdrs"
# A CDR's day is read off it, so it has to be UTC: as OCPI has it, or as contracts let it be written.
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|\+00:00)?")


class CdrDigest(NamedTuple):
    """One CDR: whose (`DE*CPX`; "" where it names no party), its id in upper case, its digest."""

    party: str
    id: str
    digest: str


@dataclass(frozen=True, slots=True)
class DigestList:
    """`partner` as the list's own side calls it; `direction`: `in` what it sent us, `out` what we sent it."""

    partner: str
    direction: str
    day: str
    cdrs: frozenset[CdrDigest]


class Difference(NamedTuple):
    """`what`: `they lack`, `we lack`, or `differs`: both have the id, with another text."""

    what: str
    party: str
    id: str


def list_of_lines(partner: str, day: str, lines: Iterable[TrailLine]) -> DigestList:
    """The CDRs that we took from a partner, of the lines of its day."""
    taken = (one for one in lines if one.kind == CDR and one.answered == ACCEPTED)
    return DigestList(
        partner,
        INWARDS,
        day,
        frozenset(_digest(partner, one.key.party, one.key.object, one.after) for one in taken),
    )


def list_of_cdrs(partner: str, day: str, cdrs: Iterable[object]) -> DigestList:
    """The CDRs of that day among those that we sent to a partner.

    Raises ConfigError for what is no CDR: one that was left out would be one that nobody misses.
    """
    found: set[CdrDigest] = set()
    for number, one in enumerate(cdrs):
        if not isinstance(one, dict) or not isinstance(one.get("id"), str) or not one["id"]:
            raise ConfigError(f"CDR {number}: expected an object of OCPI with `id` and `last_updated`")
        moment = one.get("last_updated")
        if not isinstance(moment, str) or _MOMENT.fullmatch(moment) is None:
            raise ConfigError(f"CDR {number}: last_updated: expected a time in UTC, as 2026-01-15T12:00:00Z")
        body = json.dumps(one).encode()
        if not as_object(body):
            raise ConfigError(f"CDR {number}: expected numbers that a double can hold")
        message = message_of(partner, "POST", _CDRS, body)
        if message is not None and message.day == day:
            found.add(_digest(partner, message.key.party, message.key.object, message.digest))
    _refuse_twice(found)
    return DigestList(partner, OUTWARDS, day, frozenset(found))


def compared(ours: DigestList, theirs: DigestList) -> Iterator[Difference]:
    """What one side lacks, or has otherwise. Raises ConfigError for lists that say nothing of each other."""
    if ours.day != theirs.day:
        raise ConfigError(f"the lists are of {ours.day} and {theirs.day}; expected one day")
    if {ours.direction, theirs.direction} != {INWARDS, OUTWARDS}:
        hint = "one side's list of what it sent (`out`), and the other's of what it took (`in`)"
        raise ConfigError(f"both lists are `{ours.direction}`", hint)
    mine, other = ({(one.party, one.id): one.digest for one in side.cdrs} for side in (ours, theirs))
    for party, name in sorted({*mine, *other}):
        here, there = mine.get((party, name)), other.get((party, name))
        if here != there:
            what = "we lack" if here is None else "they lack" if there is None else "differs"
            yield Difference(what, party, name)


def text_of(listed: DigestList, key: Ed25519PrivateKey | None) -> str:
    """The list as JSON; signed with `key`, a DSSE envelope of it."""
    told: dict[str, Any] = {
        "form": FORM,
        "partner": listed.partner,
        "direction": listed.direction,
        "day": listed.day,
        "cdrs": [one._asdict() for one in sorted(listed.cdrs)],
    }
    text = json.dumps(told, indent=1) + "\n"
    return dsse.sign(LIST_TYPE, text.encode(), key) if key else text


def list_of_text(text: str, key: Ed25519PublicKey | None) -> DigestList:
    """The list that `text_of` wrote. With `key`, one that was signed with it.

    Raises CollectError for one that was not: what it says is nobody's word; ConfigError for what is no list.
    """
    try:
        read = _in_one_way(text.encode())
        if isinstance(read, dict) and "payload" in read:
            read = _in_one_way(dsse.verified(text, LIST_TYPE, [key]) if key else dsse.unverified(text))
        elif key:
            raise CollectError("the list is not signed", "leave --key out, or ask for a signed list")
        told = msgspec.convert(read, _Told)
        if told.form != FORM or told.direction not in (INWARDS, OUTWARDS):
            raise ValueError
        date.fromisoformat(told.day)
        listed = DigestList(told.partner, told.direction, told.day, frozenset(map(_entry, told.cdrs)))
    except dsse.Unsigned as error:
        raise CollectError(f"the list {error}", "ask whose key it is") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ConfigError(f"expected a list of digests ({FORM})", "see `rampart ledger digests`") from None
    _refuse_twice(listed.cdrs)
    return listed


class _Told(msgspec.Struct):
    """A list as it is written. A digest that is none would be the same as any other that is none."""

    form: str
    partner: str
    direction: str
    day: Annotated[str, msgspec.Meta(min_length=10, max_length=10)]
    cdrs: list[_Entry]


class _Entry(msgspec.Struct):
    party: str
    id: Annotated[str, msgspec.Meta(min_length=1)]
    digest: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$", max_length=64)]


def _entry(told: _Entry) -> CdrDigest:
    return CdrDigest(told.party, told.id, told.digest)


def _in_one_way(text: bytes) -> Any:
    """The JSON of a text that no two readers take differently. Raises ValueError, or RecursionError."""
    value, found = parsed(text)
    if found:
        raise ValueError
    return value


def _refuse_twice(cdrs: Collection[CdrDigest]) -> None:
    if len({(one.party, one.id) for one in cdrs}) != len(cdrs):
        raise ConfigError("a CDR stands twice in the list, with two digests")


def _digest(partner: str, party: str, name: str, digest: str) -> CdrDigest:
    """2.1.1 names no party: the ledger has the partner's name there, which the other side does not know."""
    return CdrDigest("" if party == partner.upper() else party, name.partition("#")[2], digest)
