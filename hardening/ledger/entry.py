"""What the ledger holds of one object or message, and who may change it: who saw it as it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from hardening.ledger.trail import TrailLine

# On its way to the service, or without an answer: a delivery may have happened.
RESERVED = "reserved"
# The service took it, and this is what it answered.
COMPLETE = "complete"
# The service refused it: it never counted, and another may stand in its place.
REFUSED = "refused"


class Key(NamedTuple):
    """Whose (`DE*CPX`, or a partner where no party is named), and what of theirs; both without letter case.

    `object` begins with its kind: `cdr#`, `session#`, `message#`, `billed#` (which CDR bills a session),
    `credited#` (which credit takes a CDR back).
    """

    party: str
    object: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answered: HTTP status, `Location` ("" for none), and the body as it came."""

    status: int
    location: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row. Digests alone are kept of a message.

    `mark` is new with each change, so an entry that was read can be told from what stands now. `at` is when
    it changed; before `until` a reservation is another delivery's. After `expires` (0: never) it counts for
    nothing. Times are Unix seconds. `position` is the `last_updated` of what only moves forward, and `status`
    its state.
    """

    key: Key
    partner: str
    state: str
    digest: str
    mark: str
    at: float
    until: float = 0.0
    expires: int = 0
    position: str = ""
    status: str = ""
    answer: Answer | None = None

    def left(self, mark: str) -> Entry:
        """This entry, whose delivery nobody makes any longer."""
        return replace(self, mark=mark, until=0.0)

    def until_forgotten(self, expires: int) -> Entry:
        """This entry, which counts for nothing from `expires` on."""
        return replace(self, expires=expires)


class Change(NamedTuple):
    """`after` in the place of `before` (None: where nothing stands), which is told by its mark."""

    before: Entry | None
    after: Entry


class Ledger(Protocol):
    """Where entries are kept. What cannot answer raises; the caller then serves nobody."""

    def find(self, key: Key) -> Entry | None:
        """The entry as it stands now; None where there never was one."""

    def swap(self, *changes: Change, line: TrailLine | None = None) -> bool:
        """Make every change, in their order, where each `before` still stands, and write `line`; or nothing.

        False: somebody was faster, and nothing changed. No change at all is made always.
        """
