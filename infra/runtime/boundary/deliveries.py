"""The ledger's protocol at work: reserve before a message is delivered, settle with what was answered.

Each is one transaction: a CDR with its claims, and its answer with its line of the trail and its receipt.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from hardening.ledger.entry import Answer, Change, Entry, Key, Ledger
from hardening.ledger.messages import Message
from hardening.ledger.steps import (
    Contradiction,
    Forward,
    Repeat,
    Wait,
    arrived,
    claimed,
    claims_of,
    credit_of,
    forgotten_after,
    is_void,
    settled,
)
from hardening.ledger.trail import ACCEPTED, CONTRADICTED, REFUSED, Recorder

# Whoever loses a race reads again; more races in a row are no chance.
_MOST_RACES = 20


class LedgerBusy(Exception):
    """An entry changes faster than it can be read."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """A message that may be delivered now, by nobody else: `after` stands in the place of `before`."""

    message: Message
    before: Entry | None
    after: Entry


Arrival = Reservation | Repeat | Wait | Contradiction


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Deliveries of messages, counted in `ledger`. Every step waits for it, and raises what it raises."""

    ledger: Ledger
    recorder: Recorder
    clock: Callable[[], float] = time.time
    new_mark: Callable[[], str] = lambda: uuid.uuid4().hex

    def arrive(self, message: Message) -> Arrival:
        """Reserve a message; or what becomes of it otherwise. Raises LedgerBusy, too."""
        for _ in range(_MOST_RACES):
            found = self.ledger.find(message.key)
            step = arrived(found, message, self.clock(), self.new_mark())
            changes: list[Change] = []
            if isinstance(step, Forward):
                reserved, changes = step.after, [Change(found, step.after)]
                problem = self._add_claims(message, changes)
                if problem is None and self.ledger.swap(*changes):
                    return Reservation(message, found, reserved)
                if problem is None:
                    continue
                step = problem
            if isinstance(step, Contradiction):
                self._note_contradiction(message, found)
            return step
        raise LedgerBusy

    def settle(self, reserved: Reservation, answer: Answer, *, counted: bool, timeout: object = None) -> None:
        """Record the service's answer. `counted`: it took the message; `timeout`: what it says of a command.

        Where another has taken the delivery over, or the session moved on, that one stands.
        """
        now, message = self.clock(), reserved.message
        after = settled(reserved.after, reserved.before, answer, counted, now, self.new_mark())
        if counted:
            after = after.until_forgotten(forgotten_after(message.kind, now, timeout))
        answered, before = ACCEPTED if counted else REFUSED, _digest(reserved.before)
        line = self.recorder.line(message, answered, answer.status, before, now, after.mark)
        if not self.ledger.swap(Change(reserved.after, after), line=line) and message.position:
            # It was taken all the same, and its line is nobody else's.
            self.ledger.swap(line=line)

    def leave(self, reserved: Reservation) -> None:
        """End a delivery that got no answer: the same message may be delivered again at once."""
        self.ledger.swap(Change(reserved.after, reserved.after.left(self.new_mark())))

    def _note_contradiction(self, message: Message, found: Entry | None) -> None:
        """For the dispute: what came beside what stands, and was not taken (HTTP 200, OCPI 2001)."""
        mark, before = self.new_mark(), _digest(found)
        self.ledger.swap(line=self.recorder.line(message, CONTRADICTED, 200, before, self.clock(), mark))

    def _add_claims(self, message: Message, changes: list[Change]) -> Contradiction | None:
        for claim in claims_of(message):
            found = self.ledger.find(claim)
            void = found is not None and self._is_void(found)
            step = claimed(found, claim, message, void, self.clock(), self.new_mark())
            if isinstance(step, Contradiction):
                return step
            if isinstance(step, Forward):
                changes.append(Change(found, step.after))
        return None

    def _is_void(self, claim: Entry) -> bool:
        holder = self.ledger.find(Key(claim.key.party, claim.digest))
        credited = self.ledger.find(credit_of(claim))
        credit = self.ledger.find(Key(claim.key.party, credited.digest)) if credited else None
        return is_void(holder, credit)


def _digest(entry: Entry | None) -> str:
    return entry.digest if entry else ""
