"""The business trail: who sent what when, and what was answered; and a signed receipt for each CDR we took.

A line holds digests, never a message. Its driver is a pseudonym that can be erased: nothing signed names him.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hardening import dsse
from hardening.answers.pseudonyms import Pseudonyms
from hardening.ledger.entry import Key
from hardening.ledger.messages import CDR, COMMAND, OBJECT, SESSION, Message
from hardening.registry.rules.privacy import LEGAL_BASES

RECEIPT_TYPE: Final = "application/vnd.rampart.cdr-receipt+json"
RECEIPT_FORM: Final = "rampart-receipt/1"
# The service took it, or would not; or it could not stand beside what the ledger has.
ACCEPTED, REFUSED, CONTRADICTED = "accepted", "refused", "contradicted"
# What partners send to us. What we send is no line yet.
INWARDS, OUTWARDS = "in", "out"
_MOST_DAYS = 36_600


@dataclass(frozen=True, slots=True)
class Retention:
    """How long lines of a class are kept, and by what right (one of GDPR Art. 6(1))."""

    days: int
    legal_basis: str


# Invoices are kept for ten years in most of Europe; a session is disputed within a year.
RETENTION: Final[Mapping[str, Retention]] = {
    CDR: Retention(3653, "legal-obligation"),
    SESSION: Retention(400, "contract"),
    COMMAND: Retention(90, "legitimate-interests"),
    OBJECT: Retention(400, "contract"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailLine:
    """One message and what became of it.

    `at` is when (Unix seconds), `day` the UTC day of its own `last_updated` (of `at`, where it has none), so
    both sides count it to one day. `before` and `after` are digests of what stood and of what came ("":
    nothing); `receipt` a DSSE envelope ("": none). `mark` tells lines of one moment apart.
    """

    at: float
    mark: str
    key: Key
    kind: str
    partner: str
    direction: str
    day: str
    answered: str
    status: int
    before: str
    after: str
    driver: str
    receipt: str
    expires: int
    legal_basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorder:
    """What lines of the trail are made with: whose receipts, under whose pseudonyms, kept how long."""

    key: Ed25519PrivateKey = field(repr=False)
    pseudonyms: Pseudonyms
    retention: Mapping[str, Retention] = field(default_factory=lambda: RETENTION)

    def line(
        self, message: Message, answered: str, status: int, before: str, at: float, mark: str
    ) -> TrailLine:
        """The line of a message that was answered with an HTTP status; a CDR that we took has its receipt."""
        kept = self.retention[message.kind]
        receipted = message.kind == CDR and answered == ACCEPTED
        return TrailLine(
            at=at,
            mark=mark,
            key=message.key,
            kind=message.kind,
            partner=message.partner,
            direction=INWARDS,
            day=message.day or _day(at),
            answered=answered,
            status=status,
            before=before,
            after=message.digest,
            driver=driver_of(self.pseudonyms, message.contract) if message.contract else "",
            receipt=receipt_of(message, at, self.key) if receipted else "",
            expires=int(at) + kept.days * 86_400,
            legal_basis=kept.legal_basis,
        )


def driver_of(pseudonyms: Pseudonyms, contract: str) -> str:
    """The pseudonym of a contract in the trail, which no partner has."""
    return pseudonyms.of("", "contract_id", contract)


def receipt_of(message: Message, at: float, key: Ed25519PrivateKey) -> str:
    """That we took this CDR, with this digest, at this time: a DSSE envelope. It names no driver."""
    said = {
        "form": RECEIPT_FORM,
        "partner": message.partner,
        "party": message.key.party,
        "id": message.key.object.partition("#")[2],
        "digest": message.digest,
        "at": f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    return dsse.sign(RECEIPT_TYPE, json.dumps(said, sort_keys=True).encode(), key)


def receipt_fault(line: TrailLine, keys: Iterable[Ed25519PublicKey]) -> str:
    """Why a line's receipt proves nothing ("": one of `keys` signed it, about this CDR with this digest)."""
    try:
        said = json.loads(dsse.verified(line.receipt, RECEIPT_TYPE, keys))
    except dsse.Unsigned as error:
        return f"it {error}"
    about = (said["party"], said["id"], said["digest"], said["partner"])
    of_the_line = (line.key.party, line.key.object.partition("#")[2], line.after, line.partner)
    return "" if about == of_the_line else "it is of another CDR"


def retention_of(told: object) -> Mapping[str, Retention]:
    """The retention of every class: what is told of some, and ours of the others.

    `told`: a list of {class, days, legal_basis}. Raises ValueError for anything else.
    """
    if not isinstance(told, list):
        raise ValueError("a list")
    found = dict(RETENTION)
    seen: set[str] = set()
    for one in told:
        if not isinstance(one, dict) or set(one) != {"class", "days", "legal_basis"}:
            raise ValueError("class, days, legal_basis")
        kind, days, basis = one["class"], one["days"], one["legal_basis"]
        if kind not in RETENTION or kind in seen or basis not in LEGAL_BASES:
            raise ValueError("class or legal_basis")
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= _MOST_DAYS:
            raise ValueError("days")
        seen.add(kind)
        found[kind] = Retention(days, basis)
    return found


def _day(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"
