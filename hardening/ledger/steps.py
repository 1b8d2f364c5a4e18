"""The ledger's protocol: reserve, forward, complete. Each step is a decision about one entry as it stands.

An entry that is reserved and has no answer may have been delivered: the same message is delivered again,
under the same key, and no other takes its place. So nothing is lost wherever a process ends, and the ledger
counts once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from hardening.ledger.entry import COMPLETE, REFUSED, RESERVED, Answer, Entry, Key
from hardening.ledger.messages import COMMAND, KEPT, OBJECT, SESSION, Message, rank

# Seconds for which a delivery is its worker's alone: more than a call may take (`envoy.yaml.j2`, 15 s).
LEASE: Final = 20.0
# Of a sender's clock, in seconds: what is further ahead is a mistake, and bars nothing that comes after it.
_MOST_AHEAD: Final = 86_400.0
_OLDER: Final = "older than what is known of it"
# What a command's sender waits for its answer where the answer does not say (seconds), and at most.
_COMMAND_SECONDS, _MOST_COMMAND_SECONDS = 30, 3600


@dataclass(frozen=True, slots=True)
class Forward:
    """Deliver it, once `after` stands in the place of what was found."""

    after: Entry


@dataclass(frozen=True, slots=True)
class Repeat:
    """It counted already: answer as then."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Wait:
    """Another delivery of it is under way: come again after so many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Contradiction:
    """It cannot stand beside what the ledger has. `detail` is for log and alarm, and names no content."""

    detail: str


Step = Forward | Repeat | Wait | Contradiction


def arrived(found: Entry | None, message: Message, now: float, mark: str) -> Step:
    """What becomes of a message that has come, where `found` stands under its key."""
    if found is None or (found.expires and found.expires <= now):
        return Forward(_reserved(message, now, mark))
    if message.kind == SESSION:
        return _moved(found, message, now, mark)
    if found.state == REFUSED:
        return Forward(_reserved(message, now, mark))
    if message.kind == OBJECT:
        # The same again restores what the service lost: it may come as often as it will.
        older = message.position < found.position <= _moment_of(now + _MOST_AHEAD)
        return Contradiction(_OLDER) if older else Forward(_reserved(message, now, mark))
    if found.digest != message.digest:
        return Contradiction("another message has this id")
    if found.state == COMPLETE:
        return Repeat(_answer(found))
    if found.until > now:
        return Wait(max(1, round(found.until - now)))
    return Forward(_reserved(message, now, mark))


def settled(
    reserved: Entry, found: Entry | None, answer: Answer, counted: bool, now: float, mark: str
) -> Entry:
    """What stands after the service's answer: `found` stood before `reserved`.

    `counted`: it took the message. A session that was not taken stands where it stood, or nowhere.
    """
    if counted:
        return replace(reserved, state=COMPLETE, mark=mark, at=now, until=0.0, answer=answer)
    if found is not None and reserved.position:
        return replace(found, mark=mark)
    return replace(reserved, state=REFUSED, mark=mark, at=now, until=0.0, position="", status="")


def forgotten_after(kind: str, now: float, timeout: object) -> int:
    """When an entry of this kind counts no longer. `timeout` is what the answer to a command says of it."""
    if kind != COMMAND:
        return int(now) + KEPT[kind]
    said = timeout if isinstance(timeout, int) and not isinstance(timeout, bool) else _COMMAND_SECONDS
    return int(now) + min(max(said, 1), _MOST_COMMAND_SECONDS)


def claimed(found: Entry | None, claim: Key, message: Message, void: bool, now: float, mark: str) -> Step:
    """What becomes of a CDR's claim: that it alone bills a session, or takes another CDR back.

    `void`: the CDR that holds it does not count (`is_void`).
    """
    if found is None or void or found.digest == message.key.object:
        expires = int(now) + KEPT[message.kind]
        entry = Entry(
            key=claim, partner=message.partner, state=COMPLETE, digest=message.key.object, mark=mark, at=now,
            expires=expires,
        )  # fmt: skip
        return Forward(entry)
    return Contradiction(f"another CDR has {claim.object.partition('#')[0]} this already")


def claims_of(message: Message) -> tuple[Key, ...]:
    """What a message claims beside its own id."""
    return tuple(one for one in (message.billed, message.credited) if one is not None)


def is_void(holder: Entry | None, credit: Entry | None) -> bool:
    """Whether the CDR that holds a claim does not count: it was refused, or a credit took it back.

    `credit` is the entry of the credit CDR that took `holder` back; None where there is none. While nobody
    knows whether the service has `holder`, it counts: its sender still comes for his answer.
    """
    if holder is None or holder.state == REFUSED:
        return True
    return holder.state == COMPLETE and credit is not None and credit.state == COMPLETE


def credit_of(claim: Entry) -> Key:
    """Where it stands which credit took back the CDR that holds a claim."""
    return Key(claim.key.party, f"credited#{claim.digest.partition('#')[2]}")


def _moved(found: Entry, message: Message, now: float, mark: str) -> Step:
    """A session only moves forward, in time and in state; a state that nobody said stays."""
    if found.state == REFUSED:
        return Forward(_reserved(message, now, mark))
    if message.position < found.position:
        return Contradiction(_OLDER)
    if message.status and rank(message.status) < rank(found.status):
        return Contradiction("a session does not go back to an earlier state")
    same = message.position == found.position and message.digest == found.digest
    if same and found.state == COMPLETE:
        return Repeat(_answer(found))
    return Forward(replace(_reserved(message, now, mark), status=message.status or found.status))


def _moment_of(now: float) -> str:
    """A time in the form of positions."""
    return f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%S}"


def _reserved(message: Message, now: float, mark: str) -> Entry:
    return Entry(
        key=message.key,
        partner=message.partner,
        state=RESERVED,
        digest=message.digest,
        mark=mark,
        at=now,
        until=now + LEASE,
        expires=int(now) + KEPT[message.kind],
        position=message.position,
        status=message.status,
    )


def _answer(found: Entry) -> Answer:
    if found.answer is None:
        raise ValueError("a complete entry without its answer")
    return found.answer
