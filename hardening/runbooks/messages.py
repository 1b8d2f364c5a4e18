"""Runbooks about what the boundary stopped: answers that would have leaked, and messages that contradict."""

from __future__ import annotations

from typing import Final

from hardening.runbooks.notices import AUTHORITIES, PERSONAL_DATA
from hardening.runbooks.partners import CONTACTS, LEARN, REVOKE, SEAL
from hardening.runbooks.runbook import Runbook, Who, contain, first, restore, tell

_NO_LOG_HERE: Final = "the lab's guard writes into a file, logs/boundary.log"
_STOPPED: Final = (
    "aws logs filter-log-events --log-group-name /rampart/{label}/guard "
    "--filter-pattern '\"boundary-alarm\"' --start-time START"
)

LEAKING_ANSWER: Final = Runbook(
    name="leaking-answer",
    title="Our service answers with what is not the asker's",
    about="The boundary stopped an answer: an object of somebody else, a field that the contract closes, a "
    "header or an address that may not leave. It did not reach the partner; the fault is our service's.",
    alarms=("foreign-object",),
    signs=("A partner sees HTTP 500 (OCPI 3000) for a list that it may read.",),
    steps=(
        first(
            Who.OPERATOR,
            "What was stopped: `control` says why, `partner` and `path` say whose answer.",
            _STOPPED,
            _NO_LOG_HERE,
        ),
        first(Who.READER, "What may this partner get of our drivers?", "rampart partner shares PARTNER"),
        contain(
            Who.LEAD,
            "Since when? What left before the boundary stood, or was pushed, it did not stop: look for the "
            "service's last release, and for pushes since.",
        ),
        contain(Who.LEAD, "Have the service's last release taken back where it began with that."),
        restore(Who.LEAD, "Have the filter mended in the service, with a test of two partners."),
        restore(Who.OPERATOR, "See that nothing is stopped any more.", _STOPPED, _NO_LOG_HERE),
        PERSONAL_DATA,
        *AUTHORITIES,
        SEAL,
        LEARN,
    ),
    no_drill="the lab's service has no such fault to switch on; tests plant each, and hold the "
    "alarm's filter against the line that the boundary then writes",
)
LEDGER_CONFLICT: Final = Runbook(
    name="ledger-conflict",
    title="A message contradicts what counts",
    about="A CDR, a session or a command came once more under its id with another text, a session went "
    "back, or a second CDR came for one session. It was refused (OCPI 2001), and what counts stands.",
    alarms=("ledger-conflict",),
    signs=("A partner says that its correction is refused.",),
    steps=(
        first(
            Who.OPERATOR,
            "Which message, and from whom? `detail` says what contradicts.",
            _STOPPED,
            _NO_LOG_HERE,
        ),
        first(
            Who.LEAD,
            "A correction, a sender that makes ids anew, or a second charge? Ask for the message in writing.",
        ),
        contain(Who.LEAD, "Tell finance: the CDR that stands is settled only when both sides name one text."),
        contain(
            Who.LEAD, "Is it a charge that nobody held a session for? Then go on; else leave the tokens."
        ),
        REVOKE,
        restore(
            Who.LEAD, "The partner sends a credit CDR for the wrong one, then the right one under a new id."
        ),
        CONTACTS,
        tell(Who.LEAD, "Finance: before the next settlement run."),
        LEARN,
    ),
    no_drill="one partner's two messages are no incident yet; tests send both, and hold the alarm's filter "
    "against the line that the boundary then writes",
)
