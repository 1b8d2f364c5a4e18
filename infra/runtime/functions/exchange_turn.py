"""One exchange of a partner at a time on AWS, also where nothing bounds how many functions run.

The turn is a record of the token store, made and taken on a condition. It ends by itself once the function
that has it can run no more, so one that dies stops nobody for longer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from hardening.requests.tokens import digest
from hardening.rotation.connection import Connection
from hardening.rotation.records import ACTIVE, REVOKED, Change, Conflict, TokenRecord

# Longer than the rotation function may run.
TURN = timedelta(seconds=65)
# No partner has this name, so no search for a partner's tokens finds a turn.
_NOBODY = "(exchange)"


class ExchangeUnderWay(Exception):
    """Another function makes an exchange with this partner. Nothing was begun: ask again in a while."""


@contextlib.contextmanager
def turn(connection: Connection) -> Iterator[None]:
    """Have the partner's exchanges alone. Raises ExchangeUnderWay, and what the token store raises."""
    partner, environment = connection.partner.name, connection.terms.environment
    # A token has no blanks, so this is the digest of none.
    key, now = digest(f"exchange with {partner} in {environment}"), connection.clock()
    before = connection.records.find(key)
    if before is not None and before.honoured(now):
        raise ExchangeUnderWay(partner)
    ours = TokenRecord(key, _NOBODY, "turn", ACTIVE, environment, int((now + TURN).timestamp()))
    try:
        connection.records.apply([Change(before, ours)])
    except Conflict:
        raise ExchangeUnderWay(partner) from None
    try:
        yield
    finally:
        with contextlib.suppress(Conflict):
            connection.records.apply([Change(ours, replace(ours, state=REVOKED))])
