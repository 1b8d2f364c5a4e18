"""A call that was let in says of its token that it is in use; no call fails because that is not kept."""

from __future__ import annotations

import asyncio

from hardening.requests import tokens
from hardening.requests.request import Request
from hardening.requests.routes import match
from infra.runtime.http_service import log
from infra.runtime.policy_service.token_cache import TokenCache

_DISCOVERY = ("versions", "modules")


async def keep_first_use(cache: TokenCache, request: Request) -> None:
    """Retire the old token. A store that cannot do it now costs no call: the next one tries again.

    Discovery is no use: a partner that is given a token reads our versions with it before it keeps it (OCPI
    2.2.1, 7.1), and may fail in between. It would then hold the old token alone.
    """
    found = match(request.method, request.path)
    if found is None or found.route.module in _DISCOVERY:
        return
    kept, _ = await asyncio.wait(
        {asyncio.create_task(cache.used(digest, request.received)) for digest in _digests(request)}
    )
    for one in kept:
        if failure := one.exception():
            log(level="error", event="first-use-not-kept", kind=type(failure).__name__)


def note_use(cache: TokenCache, request: Request) -> None:
    """Note when the token was used, once an hour. A store that cannot do it now costs no call."""
    for digest in _digests(request):
        noted = cache.note_use(digest, request.received)
        if noted is not None:
            noted.add_done_callback(_say_failure)


def _say_failure(noted: asyncio.Future[None]) -> None:
    if not noted.cancelled() and (failure := noted.exception()):
        log(level="error", event="use-not-noted", kind=type(failure).__name__)


def _digests(request: Request) -> list[str]:
    """Of each reading of the header; the store knows one of them."""
    return [tokens.digest(one.token) for one in tokens.presented(request.headers.get("authorization", ""))]
