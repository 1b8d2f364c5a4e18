"""The ledger's protocol at work: reserve before a message is delivered, settle with what was answered."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from hardening.ledger.entry import Answer, Entry, Key, Ledger
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
    clock: Callable[[], float] = time.time
    new_mark: Callable[[], str] = lambda: uuid.uuid4().hex

    def arrive(self, message: Message) -> Arrival:
        """Reserve a message; or what becomes of it otherwise. Raises LedgerBusy, too."""
        for _ in range(_MOST_RACES):
            found = self.ledger.find(message.key)
            step = arrived(found, message, self.clock(), self.new_mark())
            if not isinstance(step, Forward):
                return step
            if self.ledger.swap(found, step.after):
                return self._with_claims(Reservation(message, found, step.after))
        raise LedgerBusy

    def settle(self, reserved: Reservation, answer: Answer, *, counted: bool, timeout: object = None) -> None:
        """Record the service's answer. `counted`: it took the message; `timeout`: what it says of a command.

        Where another has taken the delivery over, or the session moved on, that one stands.
        """
        now = self.clock()
        after = settled(reserved.after, reserved.before, answer, counted, now, self.new_mark())
        if counted:
            after = after.until_forgotten(forgotten_after(reserved.message.kind, now, timeout))
        self.ledger.swap(reserved.after, after)

    def leave(self, reserved: Reservation) -> None:
        """End a delivery that got no answer: the same message may be delivered again at once."""
        self.ledger.swap(reserved.after, reserved.after.left(self.new_mark()))

    def _with_claims(self, reserved: Reservation) -> Reservation | Contradiction:
        for claim in claims_of(reserved.message):
            problem = self._claim(claim, reserved.message)
            if problem is not None:
                self.settle(reserved, Answer(0), counted=False)
                return problem
        return reserved

    def _claim(self, claim: Key, message: Message) -> Contradiction | None:
        for _ in range(_MOST_RACES):
            found = self.ledger.find(claim)
            void = found is not None and self._is_void(found)
            step = claimed(found, claim, message, void, self.clock(), self.new_mark())
            if isinstance(step, Contradiction):
                return step
            if isinstance(step, Forward) and self.ledger.swap(found, step.after):
                return None
        raise LedgerBusy

    def _is_void(self, claim: Entry) -> bool:
        holder = self.ledger.find(Key(claim.key.party, claim.digest))
        credited = self.ledger.find(credit_of(claim))
        credit = self.ledger.find(Key(claim.key.party, credited.digest)) if credited else None
        return is_void(holder, credit)
