"""How a token stands today: its age, its end, its next rotation; decided from its record alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hardening.rotation.records import OFFERED, RETIRING, REVOKED, TokenRecord

# So much of a digest names a token among a partner's; nothing can be found from it.
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Standing:
    """One token. `token` is the start of its digest, `state` that of its record, or `expired`.

    `age` is None where nobody knows. `rotation_due` is None for a token that will not be rotated any more,
    `overlap_ends` for one that does not live beside its successor. `last_used` is to the hour, None where
    no use was noted; `unused` says that its partner has surely never called with it.
    """

    partner: str
    token: str
    kind: str
    state: str
    age: timedelta | None
    expires: datetime
    rotation_due: datetime | None
    overlap_ends: datetime | None
    unused: bool
    last_used: datetime | None = None


def standing(record: TokenRecord, now: datetime, rotation: timedelta) -> Standing:
    """How `record` stands at `now`, where tokens are rotated every `rotation`."""
    expires = datetime.fromtimestamp(record.expires, UTC)
    issued = datetime.fromtimestamp(record.issued, UTC) if record.issued else None
    over = record.state != REVOKED and expires <= now
    lives_on = not over and record.state not in (REVOKED, RETIRING)
    return Standing(
        partner=record.partner,
        token=record.digest[:_SHOWN],
        kind=record.kind,
        state="expired" if over else record.state,
        age=None if issued is None else now - issued,
        expires=expires,
        rotation_due=issued + rotation if issued and lives_on else None,
        overlap_ends=expires if record.state == RETIRING and not over else None,
        unused=record.state == OFFERED,
        last_used=datetime.fromtimestamp(record.used, UTC) if record.used else None,
    )
