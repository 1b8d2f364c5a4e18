"""The first and the last exchange that we start: POST and DELETE credentials (OCPI 2.2.1, 7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hardening.rotation.connection import OUTBOUND, Connection, Outcome, Secret, Stage
from hardening.rotation.receiver import end
from hardening.rotation.result import End, Result
from hardening.rotation.starter import rotate
from hardening.rotation.working_token import find_working


def register(connection: Connection, ours: Mapping[str, Any], versions_url: str, token_a: str) -> Result:
    """Register with the partner that handed us its versions URL and CREDENTIALS_TOKEN_A.

    `ours` is our Credentials object without the token. ROTATED: both sides have their tokens. Run it again,
    with the same token, after any other end but ROLLED_BACK. A partner that is registered, and takes a token
    of ours, stays as it is; one that takes none has forgotten us, and is registered with anew.
    """
    if not connection.partner.may_call(versions_url):
        return Result(End.ROLLED_BACK, "the versions URL is not https on a callback host of the registry")
    known = connection.vault.read(OUTBOUND, Stage.CURRENT)
    if known is not None and known.registered:
        working = find_working(connection)
        if not isinstance(working, Result):
            return Result(End.ROTATED, "registered already")
        if working.end is not End.STRANDED:
            return working
    asked = Secret(token_a, ours=ours, versions=versions_url, registered=False)
    # The same token again, with what was wrong put right.
    if known is None or (known.token, known.ours, known.versions) != (token_a, ours, versions_url):
        connection.vault.write_pending(OUTBOUND, asked)
        connection.vault.promote(OUTBOUND)
    return rotate(connection, anew=True)


def unregister(connection: Connection) -> Result:
    """End the connection: no token of the partner opens anything from now on, then it is told by DELETE.

    ENDED: on both sides. IN_DOUBT: here it is; the partner may not know it, and may be told again.
    """
    known = connection.vault.read(OUTBOUND, Stage.CURRENT)
    end(connection)
    if known is None or not known.url:
        return Result(End.ENDED, "the partner was never registered")
    answer = connection.ask("DELETE", known.url, known.token)
    # 405 and 401: it has no registration of ours, or no token of ours, any more.
    gone = answer.outcome in (Outcome.DONE, Outcome.NOT_ALLOWED, Outcome.UNKNOWN_TOKEN)
    return Result(End.ENDED if gone else End.IN_DOUBT, answer.detail)
